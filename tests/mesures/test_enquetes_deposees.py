"""A survey dropped in the national folder: margins, then answers; raked, declared, corrected, refused with the reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mesures_exemples import Atelier
from sqlalchemy import text

from aller_vers.partage.partage import Partage
from aller_vers.retours.enquetes_deposees import Depot, take_enquete
from aller_vers.retours.fichiers.boite import BilanReception, Boite, collect
from aller_vers.retours.fichiers.formes import find_forme
from aller_vers.retours.fichiers.quarantaine import Quarantaine
from aller_vers.retours.fichiers.tableau import FichierRefuseError, read_tableau
from aller_vers.retours.mesures_deposees import list_mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites

LIMITES = Limites.of(Reglages())
MAINTENANT = datetime(2026, 1, 15, 9, tzinfo=UTC)
POPULATION = [("age", "moins_de_40_ans", 600), ("age", "40_ans_et_plus", 400), ("enfants", "avec", 500),
              ("enfants", "sans", 500)]  # fmt: skip
AVIS = ("tres_satisfaits", "satisfaits", "peu_satisfaits", "pas_satisfaits")


def write(titres: str, *lignes: str) -> bytes:
    return "\r\n".join((titres, *lignes, "")).encode("utf-8-sig")


def write_marges(*autres: str, annee: str = "2025") -> bytes:
    lignes = [f"satisfaction;{annee};{s};{m};{n}" for s, m, n in POPULATION]
    return write("enquete;annee;strate;modalite;population", *lignes, *autres)


def write_reponses(
    var: int = 120, gard: int = 40, annee: str = "2025", avis: tuple[str, ...] = AVIS
) -> bytes:
    """Return the answers of this many people of the Var and of the Gard, of every stratum."""
    lignes = [
        f"satisfaction;{annee};r{rang};{'831' if rang < var else '301'};"
        f"{'moins_de_40_ans' if rang % 2 else '40_ans_et_plus'};{'avec' if rang % 3 else 'sans'};oui;"
        f"{avis[rang % len(avis)]}"
        for rang in range(var + gard)
    ]
    return write("enquete;annee;repondant;code_caf;age;enfants;contact;avis", *lignes)


@pytest.fixture
def take(atelier: Atelier, tmp_path: Path) -> Callable[..., Partage]:
    """Give what takes a file of the folder, and gives the share that it leaves."""
    partage = Partage.from_connexion(None, None, {"url": tmp_path.as_uri()})

    def take_file(octets: bytes, run_id: str = "essai") -> Partage:
        tableau = read_tableau(octets, "enquete.csv", LIMITES)
        forme = find_forme(tableau, ("reponses",))
        take_enquete(atelier.entrepot, Depot(partage, "mesures", run_id, MAINTENANT), forme, tableau)
        return partage

    return take_file


def read_mesures(atelier: Atelier) -> dict[tuple[str, str], float]:
    lignes = atelier.entrepot.execute(
        text("SELECT code_caf, modalite, valeur::float FROM marts.mesure WHERE mois = '2025-12'")
    )
    return {(ligne.code_caf, ligne.modalite): ligne.valeur for ligne in lignes}


def test_answers_are_raked_to_the_margins_that_came_before(atelier: Atelier, take: Any) -> None:
    take(write_marges())
    partage = take(write_reponses())
    resultats = list(
        csv.DictReader(
            io.StringIO(partage.read("mesures/enquetes/satisfaction_2025.csv").decode("utf-8-sig")),
            delimiter=";",
        )
    )
    assert {r["territoire"] for r in resultats} == {"FR", "831", "301"}
    [france] = [r for r in resultats if (r["territoire"], r["modalite"]) == ("FR", "satisfaits")]
    assert (france["reponses"], france["brut"], france["population"]) == ("160", "0,2500", "1000,0000")
    assert france["redresse"] != france["brut"]
    assert "160 réponses reçues, aucun doublon" in partage.read(
        "mesures/enquetes/satisfaction_2025.txt"
    ).decode("utf-8-sig")
    mesures = read_mesures(atelier)
    assert {caf for caf, _ in mesures} == {"831"}, "forty answers give no figure"
    assert {modalite for _, modalite in mesures} == set(AVIS)
    assert 700 < sum(mesures.values()) < 800, "the people for whom three answers of four stand"
    assert list_mois(atelier.entrepot, "mesures", "essai") == ("2025-12",), "the marts are told"


def test_no_answer_enters_the_warehouse(atelier: Atelier, take: Any) -> None:
    take(write_marges())
    take(write_reponses())
    tables = atelier.entrepot.scalars(
        text(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('staging', 'marts')"
        )
    ).all()
    assert len(tables) > 10
    for table in tables:
        assert "r119" not in str(atelier.entrepot.execute(text(f"SELECT t::text FROM {table} AS t")).all())


def test_the_same_file_changes_nothing_and_a_correction_withdraws_what_it_no_longer_gives(
    atelier: Atelier, take: Any
) -> None:
    take(write_marges())
    take(write_reponses(var=120, gard=110))
    avant = read_mesures(atelier)
    assert {caf for caf, _ in avant} == {"831", "301"}
    take(write_reponses(var=120, gard=110), "encore")
    assert (read_mesures(atelier), list_mois(atelier.entrepot, "mesures", "encore")) == (avant, ())
    take(write_reponses(var=120, gard=30), "correction")
    assert {caf for caf, _ in read_mesures(atelier)} == {"831"}
    assert list_mois(atelier.entrepot, "mesures", "correction") == ("2025-12",)
    take(write_reponses(var=120, gard=110), "de nouveau")
    assert read_mesures(atelier) == avant


@pytest.mark.parametrize(
    ("octets", "raison"),
    [
        (write_reponses(annee="2024"), "ne sont pas encore là"),
        (write_reponses(annee="24"), "d'une enquête et d'une année"),
        (write_marges("satisfaction;2025;age;moins_de_40_ans;5"), "deux lignes"),
        (write_marges("satisfaction;2025;sexe;femme;5"), "ne sont pas celles des strates"),
        (write_marges("satisfaction;2025;age;autre;beaucoup"), "n'ont pas la forme"),
        (write_marges("satisfaction;2024;age;autre;1"), "les mêmes à chaque ligne"),
        (write("enquete;annee;repondant;age;enfants", "climat;2025;r1;moins_de_40_ans;avec"), "n'est pas déclarée"),
        (write("enquete;annee;repondant;loisir;age;enfants", "satisfaction;2025;r1;Z;moins_de_40_ans;avec"), "n'a pas (1)"),
        (write("enquete;annee;repondant;nom;age;enfants", "satisfaction;2025;r1;Z;moins_de_40_ans;avec"), "liste de personnes"),
        (write("enquete;annee;repondant;code_caf;age;enfants", "satisfaction;2025;r1;999;moins_de_40_ans;avec"), "Caf"),
        (write("enquete;annee;repondant;age;enfants", "satisfaction;2025;r-123456789;moins_de_40_ans;avec"), "repondant"),
        (write("enquete;annee;repondant;age;enfants", "satisfaction;2025;r1;jeune;avec"), "Ligne 2 : age"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_the_survey_s_is_refused_whole(
    atelier: Atelier, take: Any, octets: bytes, raison: str
) -> None:
    take(write_marges())
    with pytest.raises(FichierRefuseError) as refus:
        take(octets)
    assert raison in refus.value.motif
    assert read_mesures(atelier) == {}


def test_a_caf_s_folder_refuses_a_survey() -> None:
    with pytest.raises(FichierRefuseError, match="n'est celle d'aucun fichier attendu ici"):
        find_forme(read_tableau(write_reponses(), "enquete.csv", LIMITES), ("accuse", "mensuel"))


def test_the_folder_takes_answers_dropped_before_their_margins_and_keeps_a_receipt(
    atelier: Atelier, tmp_path: Path
) -> None:
    partage = Partage.from_connexion(None, None, {"url": tmp_path.as_uri()})
    partage.write("mesures/retours/1_reponses.csv", write_reponses())
    partage.write("mesures/retours/2_marges.csv", write_marges())
    depot = Depot(partage, "mesures", "essai", MAINTENANT)

    @contextmanager
    def ouvrir() -> Any:
        with atelier.entrepot.begin_nested():
            yield atelier.entrepot

    bilan = BilanReception()
    for formes in (("marges",), ("mesure", "reponses")):
        boite = Boite(
            ouvrir, partage, LIMITES, datetime.now(UTC) + timedelta(minutes=5), timedelta(0), Quarantaine.of(Reglages()),
            formes, read_tableau, lambda e, _, forme, tableau: take_enquete(e, depot, forme, tableau),
            wait=lambda _: None,
        )  # fmt: skip
        bilan += collect(boite, ["mesures"], pytest.fail)
    assert bilan == BilanReception(pris=2)
    traites = [e.nom for e in partage.scan("mesures/retours/traites")]
    assert sorted(nom[16:] for nom in traites) == [
        "1_reponses.csv", "1_reponses.csv.recu.txt", "2_marges.csv", "2_marges.csv.recu.txt",
    ]  # fmt: skip
    assert partage.read("mesures/enquetes/satisfaction_2025.csv")
