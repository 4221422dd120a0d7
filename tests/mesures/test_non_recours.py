"""Non-take-up: what the population file says less who takes up, in the month that closes the year."""

from __future__ import annotations

import pytest
from mesures_exemples import PARIS, VAR, Atelier
from sqlalchemy import text

from aller_vers.mesures.stockage import store_mesures
from aller_vers.socle.mois import Mois

DECEMBRE = Mois(2025, 12)


def store(atelier: Atelier, mesure: str, caf: str, ajpa: int) -> None:
    atelier.entrepot.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " VALUES (:mois, :caf, :mesure, 'ajpa', :valeur)"
        ),
        {"mois": DECEMBRE, "caf": caf, "mesure": mesure, "valeur": ajpa},
    )


def read(atelier: Atelier) -> dict[str, int]:
    store_mesures(atelier.entrepot, "indicateurs", DECEMBRE)
    lignes = atelier.entrepot.execute(
        text("SELECT code_caf, valeur FROM marts.mesure WHERE mesure = 'non_recours'")
    )
    return {ligne.code_caf: int(ligne.valeur) for ligne in lignes}


def test_rien_tant_que_la_population_n_est_pas_fournie(atelier: Atelier) -> None:
    store(atelier, "beneficiaires", VAR, 40)
    assert read(atelier) == {}


@pytest.mark.parametrize(("eligibles", "non_recours"), [(100, 60), (40, 0), (30, None)])
def test_les_eligibles_moins_les_beneficiaires_et_rien_s_ils_se_contredisent(
    atelier: Atelier, eligibles: int, non_recours: int | None
) -> None:
    store(atelier, "population_eligible", VAR, eligibles)
    store(atelier, "beneficiaires", VAR, 40)
    store(atelier, "population_eligible", PARIS, 10)  # ses bénéficiaires ne sont pas connus
    assert read(atelier) == ({} if non_recours is None else {VAR: non_recours})
