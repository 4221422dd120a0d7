"""When a lot and a month have to be destroyed: decisions on what the ledger says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from lots_exemples import make_reglages
from pydantic import ValidationError

from aller_vers.destruction.echeances import Lot, MoisTenu, decide_lot, decide_mois, find_terme
from aller_vers.socle.calendrier import PARIS, add_mois
from aller_vers.socle.reglages import Reglages

DEPOT = datetime(2025, 7, 1, 4, tzinfo=UTC)
LOT = Lot("2025-06", "831", 1, DEPOT, DEPOT, DEPOT, {}, ["831"], False)
MOIS = MoisTenu("2025-06", 0, 0, 0, None, True, "2025-07-01", None)
REGLAGES = make_reglages()


@pytest.mark.parametrize(
    ("traites", "jour", "cause"),
    [
        ({}, date(2025, 9, 30), None),
        ({}, date(2025, 10, 1), "delai"),
        ({"831": "2025-07-20"}, date(2025, 8, 19), None),
        ({"831": "2025-07-20"}, date(2025, 8, 20), "traitement"),
        (
            {"831": "2025-06-02"},
            date(2025, 7, 31),
            None,
        ),  # an end typed before the drop gives a month all the same
        ({"831": "2025-06-02"}, date(2025, 8, 1), "traitement"),
        ({"831": "2025-02-31"}, date(2025, 9, 30), None),  # what is not a date decides nothing
        ({"831": None}, date(2025, 9, 30), None),
    ],
)
def test_a_lot_goes_a_month_after_its_treatment_and_never_later_than_its_delay(
    traites: dict[str, Any], jour: date, cause: str | None
) -> None:
    assert decide_lot(replace(LOT, traites=traites), jour, REGLAGES) == cause


@pytest.mark.parametrize(("nuit", "quarts"), [(date(2025, 10, 26), 100), (date(2026, 3, 29), 92)])
def test_in_the_days_when_clocks_change_a_lot_goes_on_its_day_once_and_for_good(
    nuit: date, quarts: int
) -> None:
    minuit = datetime(nuit.year, nuit.month, nuit.day, tzinfo=PARIS).astimezone(UTC)
    for quart in range(quarts):
        depot = minuit + timedelta(minutes=15 * quart)
        lot = replace(LOT, depuis=depot, premier_depot=depot, dernier_depot=depot)
        terme = find_terme(lot, REGLAGES)
        assert terme == add_mois(nuit, 3)
        assert [decide_lot(lot, terme + timedelta(days=n), REGLAGES) for n in (-1, 0, 1)] == [
            None, "delai", "delai"
        ]  # fmt: skip


def test_every_recipient_has_to_have_treated_the_lot() -> None:
    lot = replace(LOT, destinataires=["591", "594"], traites={"591": "2025-07-20"})
    assert decide_lot(lot, date(2025, 9, 1), REGLAGES) is None
    lot = replace(lot, traites={"591": "2025-07-20", "594": "2025-07-25"})
    assert decide_lot(lot, date(2025, 8, 24), REGLAGES) is None
    assert decide_lot(lot, date(2025, 8, 25), REGLAGES) == "traitement"


def test_a_new_version_has_a_month_to_be_treated_and_no_more_time_in_all() -> None:
    lot = replace(LOT, traites={"831": "2025-07-20"}, dernier_depot=datetime(2025, 8, 10, tzinfo=UTC))
    assert decide_lot(lot, date(2025, 9, 9), REGLAGES) is None
    assert decide_lot(lot, date(2025, 9, 10), REGLAGES) == "traitement"
    tard = replace(LOT, dernier_depot=datetime(2025, 9, 29, tzinfo=UTC))
    assert decide_lot(tard, date(2025, 10, 1), REGLAGES) == "delai"


def test_a_lot_that_was_only_held_counts_from_the_day_it_was() -> None:
    lot = replace(LOT, premier_depot=None, dernier_depot=None)
    assert decide_lot(lot, date(2025, 9, 30), REGLAGES) is None
    assert decide_lot(lot, date(2025, 10, 1), REGLAGES) == "delai"


@pytest.mark.parametrize(
    ("mois", "jour", "cause"),
    [
        (replace(MOIS, lots=101, entreprises=100), date(2026, 6, 1), None),
        (replace(MOIS, lots=101, entreprises=101), date(2025, 8, 1), "lots_detruits"),
        (replace(MOIS, publie_le=DEPOT), date(2025, 9, 30), None),
        (replace(MOIS, publie_le=DEPOT), date(2025, 10, 1), "sans_lot"),
        (MOIS, date(2025, 7, 31), None),
        (MOIS, date(2025, 8, 1), "sans_suite"),
        (replace(MOIS, rempli_le=None), date(2025, 8, 1), "sans_suite"),
    ],
)
def test_a_month_goes_with_its_last_lot_or_once_nothing_follows_it(
    mois: MoisTenu, jour: date, cause: str | None
) -> None:
    assert decide_mois(mois, jour, REGLAGES) == cause


def test_a_month_later_is_never_more_than_a_month() -> None:
    assert add_mois(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_mois(date(2025, 3, 31), 12) == date(2026, 3, 28)


@pytest.mark.parametrize(
    ("reglage", "valeur"),
    [
        ("mois_avant_purge", 13), ("mois_apres_traitement", 13), ("mois_opposition", 25), ("mois_opposition", 11),
        ("mois_lectures", 5), ("mois_lectures", 13), ("jours_fichiers_refuses", 366), ("jours_sauvegardes", 366), ("jours_traces_airflow", 366),
    ],
)  # fmt: skip
def test_no_setting_goes_beyond_what_the_law_allows(reglage: str, valeur: int) -> None:
    with pytest.raises(ValidationError):
        Reglages(**{reglage: valeur})


def test_backups_and_delay_together_stay_within_twelve_months(tmp_path: Any) -> None:
    assert Reglages(dossier_sauvegardes=tmp_path, mois_avant_purge=11, jours_sauvegardes=31)
    with pytest.raises(ValidationError, match="12 mois"):
        Reglages(dossier_sauvegardes=tmp_path, mois_avant_purge=12)
