"""The dictionary and the measures do not drift apart: each indicator finds its measures, each measure serves."""

from __future__ import annotations

import re

import pytest

from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Indicateur, load_dictionnaire
from aller_vers.mesures.a_la_source import load_mesures
from aller_vers.mesures.declarees import load_mesures_declarees, load_profils
from aller_vers.retours.fichiers.formes import ENTONNOIR, SEMESTRE
from aller_vers.socle.sql import DOSSIER

# Measures that no indicator reads, and why they are kept.
SANS_INDICATEUR = {
    "ecartes": "who is not in a lot and why: the lot's notice, the page and the summary of the month",
}
# Modalities of measures that neither a header nor the declared list names.
MODALITES = {
    "demandeurs": {"tous", "ajpa", "ajpp", "ajpa_et_ajpp"},
    "contacts_utilisables": {"tous", "courriel", "telephone"},
    "lots": {"attendus", "deposes", "vides", "retenus"},
    "non_recours": {"ajpa", "ajpp"},
    "transmissions": {"attendues", "transmises", "dans_les_delais"},
    "delai_transmission_jours": {None},
    "destructions_cpam": {"attendues", "certifiees", "dans_le_mois"},
    "retour_mensuel": set(ENTONNOIR),
    "retours_attendus": {"attendus", "recus", "a_temps"},
    "retour_semestriel": set(SEMESTRE),
    "profil_aidant": {f"{d}:{m}" for d, modalites in load_profils().items() for m in modalites},
}
HISTOGRAMMES = {"delai_transmission_jours"}
DICTIONNAIRE = load_dictionnaire()


def list_modalites() -> dict[str, set[str | None]]:
    """Return the modalities of every measure that some file or SQL produces."""
    connues: dict[str, set[str | None]] = {m.code: set(m.modalites) for m in load_mesures()}
    connues |= {m.code: set(m.modalites or (None,)) for m in load_mesures_declarees().values()}
    return connues | {code: set(modalites) for code, modalites in MODALITES.items()}


def list_composants(indicateur: Indicateur) -> list[Composant]:
    return [*indicateur.numerateur, *(indicateur.denominateur or ())]


def test_every_measure_that_sql_computes_is_known_here() -> None:
    calculees = {f.stem for dossier in ("mesures", "a_la_source") for f in DOSSIER.glob(f"*/{dossier}/*.sql")}
    assert calculees - set(SANS_INDICATEUR) == set(list_modalites()) - set(load_mesures_declarees())


@pytest.mark.parametrize("indicateur", DICTIONNAIRE, ids=lambda i: i.cle)
def test_an_indicator_reads_measures_and_modalities_that_exist(indicateur: Indicateur) -> None:
    connues = list_modalites()
    for composant in list_composants(indicateur):
        assert composant.mesure in connues
        if composant.modalite != TOUTES:
            assert composant.modalite in connues[composant.mesure], composant


def test_every_measure_serves_an_indicator_or_says_why_not() -> None:
    lues = {mesure for indicateur in DICTIONNAIRE for mesure in indicateur.mesures}
    assert set(list_modalites()) - lues == set()
    assert not set(SANS_INDICATEUR) & lues


def test_every_modality_serves_an_indicator_or_says_why_not() -> None:
    """What is counted is looked at; the exceptions are details of a total, or the count of what is unknown."""
    sans = {
        ("demandeurs", "ajpa"), ("demandeurs", "ajpp"), ("demandeurs", "ajpa_et_ajpp"),
        ("contacts_utilisables", "telephone"), ("lots", "vides"), ("lots", "retenus"),
        ("profil_demandeurs", "sexe:inconnu"), ("profil_demandeurs", "age:inconnu"),
        ("profil_demandeurs", "lien:inconnu"), ("profil_demandeurs", "lien:autre"),
    }  # fmt: skip
    composants = [c for indicateur in DICTIONNAIRE for c in list_composants(indicateur)]
    lues = {(c.mesure, c.modalite) for c in composants}
    entieres = {c.mesure for c in composants if c.modalite == TOUTES}
    connues = {
        (mesure, modalite)
        for mesure, modalites in list_modalites().items()
        for modalite in modalites
        if mesure not in entieres
    }
    assert connues - lues == sans


@pytest.mark.parametrize("indicateur", DICTIONNAIRE, ids=lambda i: i.cle)
def test_a_histogram_is_read_by_its_classes_and_a_count_is_not(indicateur: Indicateur) -> None:
    histogrammes = {m.code for m in load_mesures() if m.histogramme} | HISTOGRAMMES
    if indicateur.is_histogramme:
        assert indicateur.mesures <= histogrammes
    for composant in list_composants(indicateur):
        if composant.classe_min is not None or composant.classe_max is not None:
            assert composant.mesure in histogrammes


@pytest.mark.parametrize("indicateur", DICTIONNAIRE, ids=lambda i: i.cle)
def test_the_grain_and_the_frequency_are_those_of_its_declared_measures(indicateur: Indicateur) -> None:
    declarees = [load_mesures_declarees()[m] for m in indicateur.mesures if m in load_mesures_declarees()]
    for declaree in declarees:
        assert (indicateur.maille, indicateur.frequence) == (declaree.niveau, declaree.periode)
        assert not indicateur.periodes or declaree.additive_dans_le_temps


def test_what_is_cumulated_adds_up_over_time() -> None:
    """Distinct people do not; contacts, decisions, deposits, supports and what the Cpam count do."""
    cumulees = {mesure for i in DICTIONNAIRE if i.periodes for mesure in i.mesures}
    assert cumulees == {
        "cohorte_demandes", "contacts_entrants", "contacts_par_dossier", "delai_decision_jours", "retour_mensuel",
        "supports_communication",
    }  # fmt: skip


def test_every_family_of_the_sources_is_there() -> None:
    sources = " ".join(i.source for i in DICTIONNAIRE)
    for numero in range(1, 11):
        assert re.search(rf"Annexe 5, {numero}\b", sources), numero
    for numero in range(1, 6):
        assert re.search(rf"Annexe 4, {numero}\b", sources), numero
    for recommandation in ("rec. 5", "rec. 6", "rec. 12", "rec. 13", "rec. 16", "rec. 17"):
        assert recommandation in sources
    for paragraphe in ("§1.2", "§2.1", "§2.2", "§3"):
        assert f"IT 2025-098, {paragraphe}" in sources


def test_the_two_transformation_rates_have_their_own_names_and_denominators() -> None:
    taux = {i.code: i for i in DICTIONNAIRE if i.code.startswith("taux_transformation")}
    denominateurs = {code: (i.denominateur or ())[0].modalite for code, i in taux.items()}
    assert denominateurs == {
        "taux_transformation_sur_appeles": "personnes_appelees",
        "taux_transformation_sur_joints": "personnes_jointes",
    }


def test_three_contacts_or_fewer_and_fewer_than_three_are_two_indicators() -> None:
    codes = {i.code: i.numerateur[0].classe_max for i in DICTIONNAIRE if "trois_contacts" in i.code}
    assert codes == {"dossiers_trois_contacts_ou_moins": 3, "dossiers_moins_de_trois_contacts": 2}
