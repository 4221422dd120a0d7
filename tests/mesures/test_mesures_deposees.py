"""The national folder of declared measures: taken whole, corrected with history, refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mesures_exemples import Atelier
from sqlalchemy import Connection, text

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.boite import BilanReception, Boite, collect
from aller_vers.retours.fichiers.formes import find_forme
from aller_vers.retours.fichiers.quarantaine import Quarantaine
from aller_vers.retours.fichiers.tableau import FichierRefuseError, read_tableau
from aller_vers.retours.lecture import read_retours
from aller_vers.retours.mesures_deposees import list_mois, read_mesures, take_mesures, write_modeles
from aller_vers.retours.recus import take_retours
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_reception import Limites

TITRES = "code_cpam;code_caf;periode;mesure;modalite;valeur"
LIMITES = Limites.of(Reglages())
MAINTENANT = datetime(2026, 1, 15, 9, tzinfo=UTC)
POPULATION = ";831;2025;population_eligible;ajpa;"


def write(*lignes: str) -> bytes:
    return "\r\n".join((TITRES, *lignes, "")).encode("utf-8-sig")


def take(atelier: Atelier, *lignes: str, run_id: str = "essai") -> tuple[str, ...]:
    tableau = read_tableau(write(*lignes), "mesures.csv", LIMITES)
    return take_mesures(atelier.entrepot, tableau, "mesures", run_id, MAINTENANT)


def read(atelier: Atelier) -> list[tuple[object, ...]]:
    lignes = atelier.entrepot.execute(
        text(
            "SELECT mois, code_caf, code_cpam, mesure, modalite, valeur::float FROM marts.mesure"
            " ORDER BY mois, mesure, modalite, code_caf"
        )
    )
    return [tuple(ligne) for ligne in lignes]


def test_une_mesure_va_au_dernier_mois_de_sa_periode(atelier: Atelier) -> None:
    mois = take(
        atelier,
        POPULATION + "1 200",
        ";831;2025-T2;guides_parent_aidant_caf;parents;40",
        "831;;2025-S1;misas_monoparentales;;7",
        ";;2025;actions_fnpeis;vaccination;3",
        ";831;2025;cout_contacts_eur;accueil;1234,56",
    )
    assert mois == ("2025-06", "2025-12")
    assert read(atelier) == [
        ("2025-06", "831", None, "guides_parent_aidant_caf", "parents", 40.0),
        ("2025-06", None, "831", "misas_monoparentales", None, 7.0),
        ("2025-12", None, None, "actions_fnpeis", "vaccination", 3.0),
        ("2025-12", "831", None, "cout_contacts_eur", "accueil", 1234.56),
        ("2025-12", "831", None, "population_eligible", "ajpa", 1200.0),
    ]


def test_une_correction_remplace_la_valeur_et_garde_l_ancienne(atelier: Atelier) -> None:
    take(atelier, POPULATION + "1200", ";751;2025;population_eligible;ajpa;900")
    assert take(atelier, POPULATION + "1100", run_id="correction") == ("2025-12",)
    assert [(ligne[1], ligne[5]) for ligne in read(atelier)] == [("751", 900.0), ("831", 1100.0)]
    histoire = atelier.entrepot.scalars(
        text("SELECT valeur::integer FROM staging.retour WHERE code_caf = '831' ORDER BY id")
    )
    assert list(histoire) == [1200, 1100]


def test_le_meme_fichier_deux_fois_ne_change_rien(atelier: Atelier) -> None:
    take(atelier, POPULATION + "1200")
    avant = read(atelier)
    assert take(atelier, POPULATION + "1200", run_id="encore") == ()
    assert read(atelier) == avant
    assert list_mois(atelier.entrepot, "mesures", "essai") == ("2025-12",)


def test_vide_n_est_pas_zero(atelier: Atelier) -> None:
    take(atelier, POPULATION + "0", ";751;2025;population_eligible;ajpa;")
    assert [(ligne[1], ligne[5]) for ligne in read(atelier)] == [("831", 0.0)]


@pytest.mark.parametrize(
    ("ligne", "raison"),
    [
        (";831;2025;population;ajpa;1", "la colonne mesure attend un des mots suivants"),
        (
            ";831;2025;population_eligible;rsa;1",
            "la colonne modalite attend un des mots suivants : ajpa, ajpp",
        ),
        (";831;2025;population_eligible;;1", "la colonne modalite est vide"),
        (";831;2025-06;population_eligible;ajpa;1", "la colonne periode attend une année"),
        (";831;2025-T1;misas_monoparentales;;1", "la colonne periode attend un semestre"),
        (";999;2025;population_eligible;ajpa;1", "la colonne code_caf attend un code de Caf connu"),
        (";;2025;population_eligible;ajpa;1", "celle d'une Caf : remplir code_caf seul"),
        ("831;831;2025;population_eligible;ajpa;1", "celle d'une Caf : remplir code_caf seul"),
        (";831;2025-S1;misas_monoparentales;;1", "celle d'une Cpam : remplir code_cpam seul"),
        (";831;2025;actions_fnpeis;autre;1", "nationale : laisser code_caf et code_cpam vides"),
        ("831;;2025-S1;misas_monoparentales;toutes;1", "n'a pas de modalité : laisser la colonne vide"),
        (";831;2025;population_eligible;ajpa;1,5", "la colonne valeur attend un nombre entier"),
        (";831;2025;population_eligible;ajpa;-1", "la colonne valeur attend un nombre positif"),
        (";831;2025;population_eligible;ajpa;beaucoup", "la colonne valeur attend un nombre"),
    ],
)
def test_une_ligne_fausse_fait_refuser_tout_le_fichier(atelier: Atelier, ligne: str, raison: str) -> None:
    with pytest.raises(FichierRefuseError) as refus:
        take(atelier, ";751;2025;population_eligible;ajpa;5", ligne)
    assert raison in refus.value.motif
    assert re.search(r"cellule [A-F]3 : la colonne|ligne 3 : (?!la colonne)", refus.value.motif)
    assert read(atelier) == []


def test_deux_lignes_de_la_meme_mesure_ou_aucune_valeur_sont_refusees() -> None:
    for lignes, raison in (
        ((POPULATION + "1", POPULATION + "2"), "même mesure"),
        ((POPULATION,), "n'a de valeur"),
    ):
        with pytest.raises(FichierRefuseError, match=raison):
            read_mesures(read_tableau(write(*lignes), "mesures.csv", LIMITES))


def test_une_partie_ne_depasse_pas_son_tout(atelier: Atelier) -> None:
    """A share above 1 would stop the marts of the whole month: the file is refused, and says which."""
    with pytest.raises(FichierRefuseError) as refus:
        take(
            atelier,
            ";831;2025-S1;formation_aidants;agents_formes;12",
            ";831;2025-S1;formation_aidants;agents_a_former;10",
        )
    assert (
        "« Agents formés à l'identification des proches aidants » dépasse 100 % (Caf 831, juin 2025)"
        in str(refus.value)
    )


def test_les_modeles_sont_dans_le_dossier_et_ne_sont_recrits_que_s_ils_changent(tmp_path: Path) -> None:
    partage = Partage(tmp_path.as_uri())
    assert write_modeles(partage, "mesures") == 5
    assert write_modeles(partage, "mesures") == 0
    (tmp_path / "mesures/retours/modeles/LISEZMOI.txt").write_text("autre")
    assert write_modeles(partage, "mesures") == 1


def test_le_dossier_surveille_prend_refuse_et_detruit(atelier: Atelier, tmp_path: Path) -> None:
    partage = Partage(tmp_path.as_uri())
    write_modeles(partage, "mesures")
    depot = tmp_path / "mesures" / "retours"
    (depot / "bon.csv").write_bytes(write(POPULATION + "1200"))
    (depot / "faux.csv").write_bytes(write(POPULATION + "beaucoup"))
    (depot / "personnes.csv").write_bytes(write(POPULATION + "claire@example.org"))
    bilan = receive(atelier, partage)
    assert (bilan.pris, bilan.refuses, bilan.detruits) == (1, 1, 1)
    assert [ligne[5] for ligne in read(atelier)] == [1200.0]
    assert sorted(f.name for f in depot.iterdir()) == ["modeles", "traites"]
    assert {f.name for f in (tmp_path / "mesures" / "refuses").iterdir()} == {
        "faux.csv", "faux.csv.motif.txt", "personnes.csv.motif.txt",
    }  # fmt: skip
    assert receive(atelier, partage) == BilanReception()


def receive(atelier: Atelier, partage: Partage) -> BilanReception:
    @contextmanager
    def open_entrepot() -> Iterator[Connection]:
        with atelier.entrepot.begin_nested():
            yield atelier.entrepot

    boite = Boite(
        open_entrepot=open_entrepot, partage=partage, limites=LIMITES, maintenant=MAINTENANT, quarantaine=Quarantaine("mesures_quarantaine", timedelta(hours=24)),
        repos=timedelta(0), formes=("mesure",), read=read_tableau,
        take=lambda e, _, __, tableau: take_mesures(e, tableau, "mesures", "essai", MAINTENANT),
    )  # fmt: skip
    return collect(boite, ["mesures"], pytest.fail)


def test_chaque_mesure_declaree_se_remplit_depuis_son_modele(atelier: Atelier) -> None:
    periodes = {"mois": "2025-12", "trimestre": "2025-T4", "semestre": "2025-S2", "annee": "2025"}
    codes = {"caf": ";831", "cpam": "831;", "national": ";"}
    lignes = [
        f"{codes[m.niveau]};{periodes[m.periode]};{m.code};{modalite};5"
        for m in load_mesures_declarees().values()
        for modalite in m.modalites or ("",)
    ]
    assert take(atelier, *lignes) == ("2025-12",)
    assert len(read(atelier)) == len(lignes)


def test_une_caf_qui_se_contredit_est_refusee_elle_aussi(atelier: Atelier) -> None:
    """The same figure by the Caf's own folder: refused before its gate, or the nation's marts would be held."""

    def give(*lignes: str) -> int:
        tableau = read_tableau(write(*lignes), "mesures.csv", LIMITES)
        return take_retours(atelier.entrepot, "831", find_forme(tableau), tableau, MAINTENANT)

    a_former = ";831;2025-S1;formation_aidants;agents_a_former;"
    formes = ";831;2025-S1;formation_aidants;agents_formes;"
    assert give(a_former + "10", formes + "8") == 2
    with pytest.raises(FichierRefuseError, match="dépasse 100 %"):
        give(a_former + "7")


def test_un_chiffre_d_une_cpam_a_une_seule_cle_quelle_que_soit_la_caf_qui_le_remet(atelier: Atelier) -> None:
    ligne = "831;831;2025-S1;misas_monoparentales;;7"
    tableau = read_tableau(write(ligne), "mesures.csv", LIMITES)
    [retour] = read_retours(find_forme(tableau), tableau, "831")
    take(atelier, "831;;2025-S1;misas_monoparentales;;9")
    assert atelier.entrepot.scalars(text("SELECT cle FROM staging.retour")).all() == [retour.cle]
