"""What is due of a lot counts from its drop and from its sending: nothing that is not due is missing, nor warns."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from registre import Registre

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.porte import profile_marts, publish_marts
from aller_vers.mesures.stockage import store_mesures
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

JUIN, JUILLET = Mois(2025, 6), Mois(2025, 7)
VAR, ALPES_MARITIMES = "831", "061"
TRANSMIS, DELAI, RETOURS, DETRUITS = (
    "taux_lots_transmis", "delai_transmission_median", "taux_retours_recus", "taux_destruction_certifiee"
)  # fmt: skip
PAS_DU, PROVISOIRE, DEFINITIF = "pas_encore_du", "provisoire", "definitif"


def see(registre: Registre, jour: date, mois: Mois = JUILLET) -> dict[str, int]:
    """Compute a month as it is seen from a day; return the Caf that warn of a value no longer given."""
    with registre.open("proprietaire") as entrepot:
        entrepot.exec_driver_sql(
            "INSERT INTO suivi.horloge (decalage) VALUES (%s - now())"
            " ON CONFLICT (une) DO UPDATE SET decalage = excluded.decalage",
            (datetime(jour.year, jour.month, jour.day, 9, tzinfo=PARIS),),
        )
    dictionnaire, reglages = [i for i in load_dictionnaire() if i.axe == "aller_vers"], Reglages()
    with registre.open() as entrepot:
        store_mesures(
            entrepot, "retours", mois,
            jours_retour=reglages.jours_retour, mois_certificat=reglages.mois_certificat,
        )  # fmt: skip
        publish_marts(entrepot, [mois], f"{mois}/{jour}", dictionnaire, 5)
        comptes = profile_marts(entrepot, mois, dictionnaire, 5)
    assert comptes["FR"]["valeur_differente"] == 0, "both engines say the same"
    return {caf: c["plus_fourni"] for caf, c in comptes.items() if c.get("plus_fourni")}


def read_statuts(registre: Registre, code: str, *territoires: str) -> list[str]:
    lignes = dict(
        registre.run(
            "SELECT niveau || territoire, statut FROM marts.indicateur WHERE code = :c AND mois = '2025-07'",
            c=code,
        )
    )
    return [lignes[t] for t in territoires]


@pytest.fixture
def juin(registre: Registre) -> Registre:
    """Give a June that two Caf had in time and that said everything."""
    for caf in (VAR, ALPES_MARITIMES):
        registre.drop(caf)
        registre.acknowledge(caf, caf)
    return registre


def test_a_month_taken_long_after_is_due_from_its_drop(juin: Registre) -> None:
    depot = date(2025, 11, 3)
    for caf in (VAR, ALPES_MARITIMES):
        juin.drop(caf, mois=str(JUILLET), le=depot)
    see(juin, depot, JUIN)
    assert see(juin, depot) == {}
    assert read_statuts(juin, TRANSMIS, "nationalFR", f"caf{VAR}") == [PROVISOIRE] * 2
    for code in (DELAI, RETOURS, DETRUITS):
        assert set(read_statuts(juin, code, "nationalFR", f"caf{VAR}", "region93")) == {PAS_DU}
    assert set(see(juin, date(2025, 11, 26))) == {VAR, ALPES_MARITIMES}  # 15 business days later
    assert read_statuts(juin, TRANSMIS, "nationalFR") == [DEFINITIF]
    assert read_statuts(juin, RETOURS, "nationalFR") == [PAS_DU]


def test_a_lot_dropped_after_the_others_is_due_from_its_own_drop(juin: Registre) -> None:
    juin.drop(VAR, mois=str(JUILLET), le=date(2025, 8, 1))
    juin.acknowledge(VAR, VAR, mois=str(JUILLET), le="05/08/2025")
    juin.drop(ALPES_MARITIMES, mois=str(JUILLET), le=date(2025, 9, 1))
    jour = date(2025, 9, 2)  # past the month's own day, 25 August
    see(juin, jour, JUIN)
    assert see(juin, jour) == {}
    lieux = ("nationalFR", "region93", f"caf{ALPES_MARITIMES}", f"caf{VAR}")
    assert read_statuts(juin, TRANSMIS, *lieux) == [PROVISOIRE] * 3 + [DEFINITIF]
    assert read_statuts(juin, DELAI, *lieux) == [PROVISOIRE] * 2 + [PAS_DU, DEFINITIF]
    assert set(see(juin, date(2025, 9, 22))) == {ALPES_MARITIMES}  # 15 business days later
    assert read_statuts(juin, TRANSMIS, *lieux) == [DEFINITIF] * 4


def test_a_return_is_due_from_the_sending_of_its_lot(juin: Registre) -> None:
    juin.drop(VAR, mois=str(JUILLET), le=date(2025, 8, 1))
    juin.acknowledge(VAR, VAR, mois=str(JUILLET), le="20/08/2025")
    lieux = ("nationalFR", f"caf{VAR}", f"cpam{VAR}")
    see(juin, date(2025, 9, 25))  # past the month's own day, 22 September
    assert read_statuts(juin, RETOURS, *lieux, "caf061") == [PAS_DU] * 3 + ["non_fourni"]
    see(juin, date(2025, 10, 5))  # 45 days and one
    assert read_statuts(juin, RETOURS, *lieux) == [DEFINITIF] * 3
