"""Reference files dropped while the program runs: all of them in force at once, or nothing changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from aller_vers.socle import reference_deposee
from aller_vers.socle.dossiers_reference import find_dossier, find_installe
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import FichierEditeError
from aller_vers.socle.reference_deposee import FICHIERS, Prise, apply_reference, renew_reference
from aller_vers.socle.referentiel import load_conventions, load_regions

VAR = "831;831;2025-05-16;;;;;oui"
SIGNEE = "831;831;2025-05-16;;2025-06-10;Les deux;C-1;"
MOTIF = "la convention du Var est signée"


@pytest.fixture
def depot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AV_DEPOT_REFERENCE", str(tmp_path))
    return tmp_path


def drop(depot: Path, nom: str, avant: str = "", apres: str = "") -> None:
    texte = (find_installe() / nom).read_text(encoding="utf-8")
    assert avant in texte
    (depot / nom).write_text(texte.replace(avant, apres, 1), encoding="utf-8")


def take(entrepot: Connection, acteur: str = "marie", motif: str = MOTIF) -> Prise:
    return apply_reference(entrepot, acteur=acteur, motif=motif, exemples=False)


def list_signees() -> list[str]:
    return [c.code_caf for c in load_conventions() if c.date_signature]


def read_marts(entrepot: Connection) -> list[str]:
    requete = "SELECT code_caf FROM marts.convention WHERE date_signature IS NOT NULL"
    return list(entrepot.execute(text(requete)).scalars())


def test_a_dropped_file_is_in_force_for_a_process_that_already_runs(
    entrepot: Connection, depot: Path
) -> None:
    programme = (
        "from aller_vers.socle.referentiel import load_conventions\n"
        "for _ in range(2):\n"
        "    print(sum(c.date_signature is not None for c in load_conventions()), flush=True)\n"
        "    input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", programme], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as autre:
        assert autre.stdin
        assert autre.stdout
        assert autre.stdout.readline() == "0\n"
        drop(depot, "convention.csv", VAR, SIGNEE)
        assert list_signees() == [], "what waits is not in force"
        prise = take(entrepot)
        autre.stdin.write("\n")
        autre.stdin.flush()
        assert autre.stdout.readline() == "1\n"
        autre.communicate("\n")
    assert (prise.deposes, prise.changes) == (("convention.csv",), ("convention.csv",))
    assert list_signees() == read_marts(entrepot) == ["831"]


def test_who_why_and_which_content_stay_and_the_same_again_says_nothing_new(
    entrepot: Connection, depot: Path
) -> None:
    drop(depot, "convention.csv", VAR, SIGNEE)
    premiere = take(entrepot)
    assert take(entrepot, "paul") == Prise(premiere.nom, ("convention.csv",), ())
    lues = entrepot.execute(
        text(
            "SELECT prise, fichier, depose, acteur, motif, length(empreinte) FROM suivi.prise_reference ORDER BY 2"
        )
    ).all()
    assert [tuple(lu) for lu in lues] == [
        (premiere.nom, nom, nom == "convention.csv", "marie", MOTIF, 64) for nom in FICHIERS
    ]


@pytest.mark.parametrize(
    ("nom", "avant", "apres", "dit"),
    [
        ("convention.csv", VAR, "831;831;2025-02-30;;;;;oui", r"ligne \d+, colonne date_debut : ce jour n'existe pas"),
        ("caf.csv", "831;Caf du Var", "832;Caf du Var", "convention.csv.* le code 831 n'existe pas"),
        ("perimetre.csv", "831;83000;", "998;83000;", "perimetre.csv.*colonne code_cpam : le code 998"),
        ("groupe.csv", ";831;831;", ";998;831;", "colonne code_caf : le code 998"),
        ("cpam.csv", "831;Cpam du Var;83", "831;Cpam du Var;99", "aucune Caf n'a le premier département de la Cpam 831"),
    ],
)  # fmt: skip
def test_a_bad_file_changes_nothing_and_is_named_where_it_was_dropped(
    entrepot: Connection, depot: Path, nom: str, avant: str, apres: str, dit: str
) -> None:
    drop(depot, "convention.csv", VAR, SIGNEE)
    bonne = take(entrepot)
    (depot / "convention.csv").unlink()
    drop(depot, nom, avant, apres)
    with pytest.raises(FichierEditeError, match=f"(?s){dit}") as refus:
        take(entrepot)
    assert str(depot) in refus.value.constat or str(find_installe()) in refus.value.constat
    assert "prises" not in refus.value.constat
    assert find_dossier().name == bonne.nom
    assert list_signees() == read_marts(entrepot) == ["831"]
    assert [p.name for p in (depot / "prises").iterdir()] == [bonne.nom], "no trial is left"


FINIE = ("caf.csv", ";Var;;", ";Var;;2025-12-31")
ALPES = "041;Caf des Alpes-de-Haute-Provence;04;775549371;"
SUCCEDE = ("caf.csv", ALPES, f"{ALPES}831")


@pytest.mark.parametrize(
    ("changes", "dit"),
    [
        ([("caf.csv", "831;Caf du Var", "832;Caf du Var")], "convention.csv.* le code 831 n'existe pas"),
        ([FINIE], "la Caf 831 prend fin sans qu'une Caf, et une seule, lui succède"),
        ([SUCCEDE], "la Caf 831, ancien code de la Caf 041, n'a pas de dernier jour"),
        ([FINIE, SUCCEDE], "convention.csv.*la convention de la Caf 831 et de la Cpam 831 dure plus"),
        ([("caf.csv", ";Var;;", ";Var;2025-02-01;2025-01-01")], r"caf.csv.*ligne \d+ : sa période finit avant"),
        ([("cpam.csv", "confirmé;;", "confirmé;2025-02-01;2025-01-01")], r"cpam.csv.*ligne 2 : sa période finit"),
        ([("cpam.csv", "confirmé;;", "confirmé;;2025-12-31")], "convention de la Caf 011 et de la Cpam 011 dure plus"),
    ],
)  # fmt: skip
def test_a_caf_ends_in_one_successor_and_no_convention_outlives_a_caisse(
    entrepot: Connection, depot: Path, changes: list[tuple[str, str, str]], dit: str
) -> None:
    change(depot, changes)
    with pytest.raises(FichierEditeError, match=f"(?s){dit}"):
        take(entrepot)


def test_a_merged_caf_keeps_its_line_until_its_last_day(entrepot: Connection, depot: Path) -> None:
    termine = ("convention.csv", "831;831;2025-05-16;;", "831;831;2025-05-16;2025-12-31;")
    change(depot, [FINIE, SUCCEDE, termine])
    assert take(entrepot).changes == ("caf.csv", "convention.csv")
    du = "SELECT count(*), bool_or(code_caf = '831') FROM marts.caf_du(:mois)"
    mois = [tuple(entrepot.execute(text(du), {"mois": m}).one()) for m in ("2025-11", "2025-12")]
    assert mois == [(101, True), (100, False)], "December is asked for in January, from the successor alone"
    change(
        depot,
        [
            ("caf.csv", "831;Caf du Var;83;783169196;;confirmé;;93;Var;;2025-12-31\n", ""),
            ("caf.csv", "Alpes-de-Haute-Provence;04;", "Alpes-de-Haute-Provence;04|83;"),
            ("convention.csv", "\n831;831;", "\n041;831;"),
            ("groupe.csv", ";831;831;", ";041;831;"),
        ],
    )
    with pytest.raises(FichierEditeError, match="la Caf 831 n'y est plus"):
        take(entrepot)


def change(depot: Path, changes: list[tuple[str, str, str]]) -> None:
    """Drop files changed in several places."""
    for nom, avant, apres in changes:
        source = depot / nom if (depot / nom).exists() else find_installe() / nom
        texte = source.read_text(encoding="utf-8")
        assert avant in texte, (nom, avant)
        (depot / nom).write_text(texte.replace(avant, apres, 1), encoding="utf-8")


def test_a_warehouse_that_refuses_leaves_the_former_set_in_force(
    entrepot: Connection, depot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(depot, "convention.csv", VAR, SIGNEE)
    with monkeypatch.context() as panne:
        panne.setattr(reference_deposee, "load_reference", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            take(entrepot)
    assert find_dossier() == find_installe()
    assert list((depot / "prises").iterdir()) == []
    take(entrepot)
    assert list_signees() == ["831"]


def test_a_file_taken_away_gives_its_place_back(entrepot: Connection, depot: Path) -> None:
    drop(depot, "convention.csv", VAR, SIGNEE)
    take(entrepot)
    (depot / "convention.csv").unlink()
    assert take(entrepot).changes == ("convention.csv",)
    assert list_signees() == read_marts(entrepot) == []


def test_a_new_version_keeps_what_is_in_force_over_its_own_files_and_takes_nothing_that_waits(
    entrepot: Connection,
    depot: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drop(depot, "convention.csv", VAR, SIGNEE)
    take(entrepot)
    drop(depot, "groupe.csv", "2023-05-25", "2023-05-26")  # waits, and is wrong besides
    installe = tmp_path_factory.mktemp("version") / "reference"
    shutil.copytree(find_installe(), installe)
    regions = (installe / "region.csv").read_text(encoding="utf-8")
    (installe / "region.csv").write_text(regions.replace("Guadeloupe", "Gwadloup"), encoding="utf-8")
    monkeypatch.setenv("AV_REFERENCE", str(installe))
    prise = renew_reference(entrepot, exemples=False)
    assert prise is not None
    assert (prise.deposes, prise.changes) == (("convention.csv",), ("region.csv",))
    assert load_regions()["01"] == "Gwadloup"
    assert list_signees() == ["831"]


def test_what_cannot_be_taken_says_what_to_do(
    entrepot: Connection, depot: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ErreurAllerVers, match="Rien n'est déposé"):
        take(entrepot)
    drop(depot, "convention.csv", VAR, SIGNEE)
    with pytest.raises(ErreurAllerVers, match="sans motif écrit"):
        take(entrepot, motif=" trop   peu ")
    (depot / "conventions.csv").write_text("", encoding="utf-8")
    with pytest.raises(
        FichierEditeError, match=r"conventions\.csv est refusé : la référence n'a pas de fichier"
    ):
        take(entrepot)
    monkeypatch.delenv("AV_DEPOT_REFERENCE")
    with pytest.raises(ErreurAllerVers, match="Aucun dossier"):
        take(entrepot)
