"""Templates: prefilled, read back by the very reader that receives them, written once, gone when nothing is awaited."""

from __future__ import annotations

import io
from datetime import date

import pytest
from fichiers_recus import LIMITES
from openpyxl import load_workbook
from openpyxl.worksheet.datavalidation import DataValidation
from registre import MENSUEL, Registre

from aller_vers.partage.partage import Partage
from aller_vers.retours import modeles
from aller_vers.retours.controles import find_controles
from aller_vers.retours.fichiers.formes import FORMES, Forme, find_forme
from aller_vers.retours.fichiers.tableau import FichierRefuseError, read_tableau
from aller_vers.retours.lecture import read_retours
from aller_vers.retours.modeles import (
    Attendu,
    find_semestre_clos,
    list_attendus,
    plan_modeles,
    plan_modeles_cpam,
    write_modeles,
)
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

ATTENDUS = [
    Attendu("2025-06", "591", "594"),
    Attendu("2025-06", "591", "595"),
    Attendu("2025-07", "591", "594"),
]
JOUR = date(2025, 8, 20)


def build_modeles(code_caf: str, attendus: list[Attendu]) -> dict[str, bytes]:
    return {nom: build() for nom, build in plan_modeles(code_caf, attendus, JOUR).items()}


def fill(octets: bytes, colonne: str, valeur: str) -> bytes:
    """Return the template as an agent completes it: this column in every row."""
    classeur = load_workbook(io.BytesIO(octets))
    feuille = classeur.active
    titres = [c.value for c in feuille[1]]
    for rangee in range(2, feuille.max_row + 1):
        feuille.cell(rangee, titres.index(colonne) + 1).value = valeur
    tampon = io.BytesIO()
    classeur.save(tampon)
    return tampon.getvalue()


def read_validations(octets: bytes) -> dict[str, DataValidation]:
    """Return what the cells of the first row under the titles take, by title."""
    feuille = load_workbook(io.BytesIO(octets)).active
    return {
        str(titre.value): v for titre in feuille[1] for v in feuille.data_validations.dataValidation
        if f"{titre.column_letter}2" in v.sqref
    }  # fmt: skip


def test_an_acknowledgement_is_a_workbook_that_says_and_checks_what_its_cells_take() -> None:
    attendus = [Attendu("2025-06", "831", "831", 2, a_accuser=True, lignes=40)]
    octets = build_modeles("831", attendus)["ACCUSE_831_202506_v2.xlsx"]
    assert [c.value for c in load_workbook(io.BytesIO(octets)).active[2]][:6] == [
        "831",
        "2025-06",
        "2",
        "831",
        "40",
        "",
    ]
    validations = read_validations(octets)
    assert validations["portail"].formula1 == '"bluefiles,peps,interne"'
    assert all(v.prompt for v in validations.values())
    assert validations.keys() == {"lignes", "portail", "date_transmission", "reference"}
    tableau = read_tableau(
        fill(fill(octets, "portail", "peps"), "date_transmission", "04/07/2025"), "a.xlsx", LIMITES
    )
    assert find_forme(tableau).nom == "accuse"
    commune = build_modeles("051", [Attendu("2025-06", "051", "051", a_accuser=True)])[
        "ACCUSE_051_202506_v1.xlsx"
    ]
    assert "interne" in [c.value for c in load_workbook(io.BytesIO(commune)).active[2]]


@pytest.mark.parametrize("forme", [f for f in FORMES if f.nom != "accuse"], ids=lambda f: f.nom)
def test_each_column_that_an_agent_fills_says_its_unit(forme: Forme) -> None:
    libres = {"code_cpam", "code_caf", "modalite"}
    assert set(forme.remplies) - libres <= find_controles(forme.nom).keys()


@pytest.mark.parametrize(
    ("jour", "clos"),
    [(date(2025, 6, 30), "2024-S2"), (date(2025, 7, 1), "2025-S1"), (date(2025, 12, 31), "2025-S1"),
     (date(2026, 1, 1), "2025-S2")],
)  # fmt: skip
def test_the_half_year_is_the_last_that_has_ended(jour: date, clos: str) -> None:
    assert find_semestre_clos(jour) == clos


def test_every_template_completed_by_an_agent_is_taken_as_it_is() -> None:
    construits = build_modeles("591", ATTENDUS)
    assert set(construits) == {
        "LISEZMOI_RETOURS.txt", "RETOUR_591_202506.xlsx", "RETOUR_591_202507.xlsx", "MESURES_591_2025S1.xlsx", "OPPOSITIONS_591_202506_v1.xlsx",
        "OPPOSITIONS_591_202507_v1.xlsx",
    }  # fmt: skip
    assert build_modeles("591", ATTENDUS) == construits, "the same bytes again"
    siens = [a for a in ATTENDUS if a.code_cpam == "594"]
    deux = {nom: build() for nom, build in plan_modeles_cpam("594", siens, JOUR, Reglages()).items()}
    assert set(deux) == {
        "LISEZMOI_CPAM.txt", "RETOUR_594_202506.xlsx", "RETOUR_594_202507.xlsx", "BILAN_594_2025S1.xlsx",
        "PROFILS_594_2025S1.xlsx",
    }  # fmt: skip
    remplies = {"RETOUR": ("cibles", "12"), "BILAN": ("rdv_honores", "3"), "PROFILS": ("personnes", "1"),
                "MESURES": ("valeur", "7")}  # fmt: skip
    comptes = {}
    for nom, octets in (construits | deux).items():
        if not nom.endswith(".xlsx") or nom.startswith("OPPOSITIONS"):
            continue
        rempli = fill(octets, *remplies[nom.partition("_")[0]])
        tableau = read_tableau(rempli, nom, LIMITES)
        depot = "cpam/594" if nom in deux else "591"
        comptes[nom] = len(read_retours(find_forme(tableau), tableau, depot))
    assert comptes["RETOUR_591_202506.xlsx"] == 2
    assert comptes["RETOUR_591_202507.xlsx"] == 1
    assert comptes["BILAN_594_2025S1.xlsx"] == 1
    assert min(comptes.values()) >= 1


def test_a_cpam_reads_what_it_still_owes_and_who_relays() -> None:
    siens = [a for a in ATTENDUS if a.code_cpam == "594"]
    lu = plan_modeles_cpam("594", siens, JOUR, Reglages())["LISEZMOI_CPAM.txt"]().decode("utf-8-sig")
    assert "  - juin 2025, Caf du Nord (591)" in lu
    lu = " ".join(lu.split())
    assert "l'équipe nationale vous remet ces fichiers" in lu
    atteint = Reglages(adresses_cpam={"594": ("cpam594@example.org",)})
    autre = plan_modeles_cpam("594", siens, JOUR, atteint)["LISEZMOI_CPAM.txt"]().decode()
    assert "équipe nationale vous remet" not in " ".join(autre.split())


@pytest.mark.parametrize(
    ("forme", "cellules", "dit"),
    [
        ("mensuel", {"E2": "une quarantaine"}, "cellule E2 : la colonne cibles attend un nombre"),
        ("mensuel", {"E2": "40", "F3": "12,5"}, "cellule F3 : la colonne offres_envoyees attend un nombre entier"),
        ("mensuel", {"E2": "40", "D2": "le 15"}, "cellule D2 : la colonne date_arrete attend une date"),
        ("mensuel", {"E2": "40", "A3": None, "E3": "3"}, "cellule A3 : la colonne code_cpam est vide"),
        ("mensuel", {"E2": "=1+1"}, "La cellule E2 est une formule"),
        ("mensuel", {"E2": "40", "L2": "06 12 34 56 78"}, "La cellule L2 est une donnée personnelle"),
        ("accuse", {"F2": "courrier", "G2": "04/07/2025"}, "cellule F2 : la colonne portail attend bluefiles"),
    ],
)  # fmt: skip
def test_a_wrong_cell_of_a_workbook_is_named_as_excel_shows_it_with_the_remedy(
    registre: Registre, forme: str, cellules: dict[str, str | None], dit: str
) -> None:
    rangees = [
        {
            "code_cpam": code,
            "cpam": code,
            "code_caf": "831",
            "mois": "2025-06",
            "version": "1",
            "lignes": "40",
        }
        for code in ("831", "061")
    ]
    classeur = load_workbook(io.BytesIO(modeles.build_modele(forme, rangees, "Essai")))  # type: ignore[arg-type]
    for adresse, valeur in cellules.items():
        classeur.active[adresse].value = valeur
    tampon = io.BytesIO()
    classeur.save(tampon)
    registre.put("r.xlsx", tampon.getvalue())
    bilan = registre.collect_accuses() if forme == "accuse" else registre.collect_retours()
    assert bilan.pris == 0
    recu = registre.motifs()["r.xlsx"]
    assert dit in recu
    assert "À faire : " in recu
    assert not any(v in recu for v in cellules.values() if v and len(v) > 3)
    avis = registre.run("SELECT corps FROM suivi.avis WHERE destinataire = 'caf:831' AND cle LIKE 'refus/%'")
    assert [dit in corps for (corps,) in avis] == [True]


def test_a_template_put_back_empty_is_told_to_be_empty() -> None:
    octets = build_modeles("591", ATTENDUS)["RETOUR_591_202506.xlsx"]
    tableau = read_tableau(octets, "r.xlsx", LIMITES)
    with pytest.raises(FichierRefuseError, match="Aucune ligne de ce retour n'est complétée"):
        read_retours(find_forme(tableau), tableau, "591")


def test_before_the_first_half_year_closes_there_is_the_month_alone() -> None:
    assert set(build_modeles("591", ATTENDUS[2:])) == {
        "LISEZMOI_RETOURS.txt",
        "RETOUR_591_202507.xlsx",
        "OPPOSITIONS_591_202507_v1.xlsx",
    }


def test_templates_are_written_once_and_go_when_the_destruction_is_certified(
    registre: Registre, monkeypatch: pytest.MonkeyPatch
) -> None:
    registre.drop(lignes=120)
    registre.drop("061", lignes=0)
    registre.acknowledge(lignes=120)
    partage = Partage(str(registre.racine))
    registre.put("x", b"").unlink()

    def write() -> int:
        with registre.open() as entrepot:
            attendus = list_attendus(entrepot, Mois(2025, 2))
        assert set(attendus) <= {"831"}
        return write_modeles(partage, attendus, JOUR, Reglages())

    assert write() == 8
    de_la_cpam = registre.racine / "cpam" / "831" / "retours" / "modeles"
    assert len(list(de_la_cpam.iterdir())) == 4
    dossier = registre.racine / "831" / "retours" / "modeles"
    dates = {f.name: f.stat().st_mtime_ns for f in dossier.iterdir()}
    assert "RETOUR_831_202506.xlsx" in dates
    with monkeypatch.context() as sans:
        sans.setattr(modeles, "build_modele", pytest.fail)  # what is there is not built again
        assert write() == 0
    assert {f.name: f.stat().st_mtime_ns for f in dossier.iterdir()} == dates
    registre.put("r.csv", f"{MENSUEL}831;831;2025-06;;10;;;;;;;15/07/2025;10/08/2025\n")
    assert registre.collect_retours().pris == 1, registre.motifs()
    registre.judge()
    registre.publish()
    # The two of the month, the objections; the Cpam's notice is written again: nothing is awaited of it.
    assert write() == 4
    assert sorted(f.name for f in dossier.iterdir()) == ["LISEZMOI_RETOURS.txt", "MESURES_831_2025S1.xlsx"]
    restes = ["BILAN_831_2025S1.xlsx", "LISEZMOI_CPAM.txt", "PROFILS_831_2025S1.xlsx"]
    assert sorted(f.name for f in de_la_cpam.iterdir()) == restes, (
        "the half-year is told after the last month"
    )


@pytest.mark.parametrize("depot", ["831", "cpam/831"])
def test_a_former_version_has_its_own_template_which_is_taken_as_it_is(
    registre: Registre, depot: str
) -> None:
    registre.drop(lignes=120)
    registre.acknowledge(lignes=120)
    registre.drop(lignes=110, version=2, le=date(2025, 7, 10))
    with registre.open() as entrepot:
        attendus = list_attendus(entrepot, Mois(2025, 2))
    construits = build_modeles("831", attendus["831"])
    octets = construits["CERTIFICATS_831_202506_v1.xlsx"]
    sienne = plan_modeles_cpam("831", attendus["831"], JOUR, Reglages())
    assert "juin 2025, Caf du Var (831), version 1" in sienne["LISEZMOI_CPAM.txt"]().decode()
    assert {nom for nom in sienne if nom.startswith("CERTIFICATS")} == {"CERTIFICATS_831_202506.xlsx"}
    octets, ici = (octets, "831") if depot == "831" else (sienne["CERTIFICATS_831_202506.xlsx"](), depot)
    registre.put("c.xlsx", fill(octets, "date_destruction", "12/07/2025"), ici)
    assert registre.collect_retours(ici).pris == 1, registre.motifs(ici)
    with registre.open() as entrepot:
        attendus = list_attendus(entrepot, Mois(2025, 2))
    assert [(a.version, a.en_place) for a in attendus["831"]] == [(2, True)]
