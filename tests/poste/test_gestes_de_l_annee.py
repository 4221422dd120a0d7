"""What people do in the year falls on days on which they work, whatever the month in which the year begins."""

from __future__ import annotations

from datetime import date

import pytest

from aller_vers.exploitation.annee.gestes import Gestes
from aller_vers.poste.annee.reseau import Envoi
from aller_vers.poste.annee.scenario import Scenario, load_scenario
from aller_vers.socle.calendrier import add_jours_ouvres, first_jour_ouvre, is_jour_ouvre
from aller_vers.socle.mois import Mois

REPONSES = ("cpam_se_trompe", "retour_ancien")


@pytest.mark.parametrize("annee", range(2020, 2031))
def test_each_answer_of_a_cpam_comes_on_a_business_day_after_the_sending(annee: int) -> None:
    scenario = load_scenario()
    racontees = [e for e in scenario.evenements if e.quoi in REPONSES]
    assert {e.quoi for e in racontees} == set(REPONSES)
    for numero in range(1, 13):
        premier = Mois(annee, numero)
        for evenement in racontees:
            gestes = Gestes(scenario, premier)
            mois = premier.shift(evenement.mois - 1)
            envoi = add_jours_ouvres(first_jour_ouvre(mois.shift(1)), 3)
            gestes._plan_retour(Envoi(str(mois), str(evenement.caf), "831", 3, envoi))
            assert len(gestes.agenda) == 3
            assert [j for j in gestes.agenda if j <= envoi or not is_jour_ouvre(j)] == []


@pytest.mark.parametrize("numero", range(1, 13))
def test_whom_an_event_is_about_sends_in_its_days_and_the_others_have_their_holiday(numero: int) -> None:
    scenario, premier = load_scenario(), Mois(2025, numero)
    vite = scenario.reseau.envoi_jours_ouvres[1]
    for evenement in scenario.evenements:
        if evenement.caf and evenement.mois and evenement.quoi != "caf_envoie_tard":
            mois = premier.shift(evenement.mois - 1)
            depot = first_jour_ouvre(mois.shift(1))
            tard = any(
                e.quoi == "caf_envoie_tard" and (e.mois, e.caf) == (evenement.mois, evenement.caf)
                for e in scenario.evenements
            )
            assert tard or _find_envoi(scenario, premier, mois, evenement.caf) <= add_jours_ouvres(
                depot, vite
            )
    juillet = premier.shift((7 - numero) % 12)
    assert _find_envoi(scenario, premier, juillet, "011") > add_jours_ouvres(
        first_jour_ouvre(juillet.shift(1)), vite
    )


def _find_envoi(scenario: Scenario, premier: Mois, mois: Mois, code_caf: str) -> date:
    gestes = Gestes(scenario, premier)
    gestes.plan_envoi(first_jour_ouvre(mois.shift(1)), mois, code_caf)
    (jour,) = gestes.agenda
    return jour
