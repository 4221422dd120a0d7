"""French business days, against public holidays that this test computes by itself."""

from __future__ import annotations

from datetime import UTC, date, time, timedelta

import pytest

from aller_vers.socle.calendrier import (
    add_jours_ouvres,
    count_jours_ouvres,
    echeance_requete,
    first_jour_ouvre,
    is_jour_ouvre,
)
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf

ANNEES = range(2020, 2036)


def compute_paques(annee: int) -> date:
    """Return Easter Sunday (Meeus, Jones, Butcher)."""
    a, b, c = annee % 19, annee // 100, annee % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    mois, jour = divmod(h + m - 7 * n + 114, 31)
    return date(annee, mois, jour + 1)


def list_feries(annee: int) -> set[date]:
    """Return the eleven public holidays of article L3133-1 of the code du travail."""
    paques = compute_paques(annee)
    fixes = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    mobiles = {paques + timedelta(days=n) for n in (1, 39, 50)}
    return {date(annee, mois, jour) for mois, jour in fixes} | mobiles


def is_ouvre(jour: date) -> bool:
    return jour.weekday() < 5 and jour not in list_feries(jour.year)


@pytest.mark.parametrize(
    ("annee", "paques"),
    [
        (2024, date(2024, 3, 31)),
        (2025, date(2025, 4, 20)),
        (2035, date(2035, 3, 25)),
        (2038, date(2038, 4, 25)),
    ],
)
def test_the_easter_of_this_test_is_that_of_the_almanac(annee: int, paques: date) -> None:
    assert compute_paques(annee) == paques


@pytest.mark.parametrize("annee", ANNEES)
def test_every_day_of_the_year_is_a_business_day_or_not_as_the_labour_code_says(annee: int) -> None:
    jours = [date(annee, 1, 1) + timedelta(days=n) for n in range(366)]
    ecarts = [jour for jour in jours if is_jour_ouvre(jour) != is_ouvre(jour)]
    assert ecarts == []
    assert 249 <= sum(map(is_jour_ouvre, jours[:365])) <= 256


@pytest.mark.parametrize("jour", [date(2024, 3, 29), date(2025, 12, 26), date(2025, 5, 2)])
def test_a_holiday_of_alsace_or_a_bridge_is_a_business_day_for_the_nation(jour: date) -> None:
    assert is_jour_ouvre(jour)


@pytest.mark.parametrize("annee", ANNEES)
def test_the_first_business_day_of_each_month_has_none_before_it(annee: int) -> None:
    for numero in range(1, 13):
        mois = Mois(annee, numero)
        premier = first_jour_ouvre(mois)
        avant = [mois.debut + timedelta(days=n) for n in range((premier - mois.debut).days)]
        assert mois.debut <= premier < mois.fin
        assert is_ouvre(premier)
        assert not any(map(is_ouvre, avant))


@pytest.mark.parametrize(
    ("mois", "premier"),
    [
        ("2024-04", date(2024, 4, 2)),  # Easter Monday
        ("2025-01", date(2025, 1, 2)),
        ("2026-05", date(2026, 5, 4)),  # 1 May is a Friday
        ("2025-06", date(2025, 6, 2)),  # starts on a Sunday
        ("2025-11", date(2025, 11, 3)),  # 1 November is a Saturday
        ("2025-07", date(2025, 7, 1)),
        ("2027-01", date(2027, 1, 4)),  # holiday, then week-end
    ],
)
def test_the_first_business_day_skips_holidays_and_week_ends(mois: str, premier: date) -> None:
    assert first_jour_ouvre(Mois.parse(mois)) == premier


@pytest.mark.parametrize(
    ("depart", "nombre", "arrivee"),
    [
        (date(2025, 7, 1), 0, date(2025, 7, 1)),
        (date(2025, 7, 5), 0, date(2025, 7, 5)),  # no day asked for: no day moved, even on a Saturday
        (date(2025, 7, 4), 1, date(2025, 7, 7)),
        (date(2025, 7, 5), 1, date(2025, 7, 7)),
        (date(2025, 7, 11), 1, date(2025, 7, 15)),  # over the 14th
        (date(2025, 12, 24), 5, date(2026, 1, 2)),
        (date(2024, 4, 30), 5, date(2024, 5, 10)),  # over 1 May, a week-end, 8 May and Ascension
    ],
)  # fmt: skip
def test_business_days_are_added_over_week_ends_holidays_and_years(
    depart: date, nombre: int, arrivee: date
) -> None:
    assert add_jours_ouvres(depart, nombre) == arrivee


def test_n_business_days_later_there_are_n_business_days_between() -> None:
    for decalage in range(0, 730, 7):
        depart = date(2024, 1, 1) + timedelta(days=decalage)
        for nombre in (1, 5, 20):
            arrivee = add_jours_ouvres(depart, nombre)
            entre = [depart + timedelta(days=n + 1) for n in range((arrivee - depart).days)]
            assert sum(map(is_ouvre, entre)) == nombre
            assert is_ouvre(arrivee)


@pytest.mark.parametrize(
    ("mois", "utc"), [("2025-06", "2025-07-01T04:00:00+00:00"), ("2025-12", "2026-01-02T05:00:00+00:00")]
)
def test_the_request_is_due_at_six_in_paris_in_summer_and_in_winter(mois: str, utc: str) -> None:
    echeance = echeance_requete(Mois.parse(mois), time(6))
    assert (echeance.hour, echeance.minute) == (6, 0)
    assert echeance.astimezone(UTC).isoformat() == utc


# Good Friday and 26 December (code du travail, L3134-13); the abolition of slavery, at its day in each place (L3422-2);
# customary days of the Antilles, as the library has them.
LOCAUX = {
    "571": {date(2025, 4, 18), date(2025, 12, 26)}, "671": {date(2025, 4, 18), date(2025, 12, 26)},
    "681": {date(2025, 4, 18), date(2025, 12, 26)}, "971": {
        date(2025, 3, 27), date(2025, 4, 18), date(2025, 5, 27), date(2025, 7, 21),
    },
    "972": {date(2025, 5, 22), date(2025, 7, 21)},
    "973": {date(2025, 6, 10)}, "974": {date(2025, 12, 20)}, "976": {date(2025, 4, 27)},
}  # fmt: skip


@pytest.mark.parametrize("code_caf", sorted(load_caf()))
def test_a_caf_has_the_holidays_of_its_place_and_the_nation_s(code_caf: str) -> None:
    jours = [date(2025, 1, 1) + timedelta(days=n) for n in range(365)]
    propres = {j for j in jours if is_ouvre(j) and not is_jour_ouvre(j, code_caf)}
    assert propres == {j for j in LOCAUX.get(code_caf, set()) if j.weekday() < 5}
    assert not {j for j in jours if is_jour_ouvre(j, code_caf) and not is_ouvre(j)}


def test_a_delay_that_crosses_a_local_holiday_ends_a_day_later() -> None:
    assert add_jours_ouvres(date(2025, 4, 16), 2) == date(2025, 4, 18)
    assert add_jours_ouvres(date(2025, 4, 16), 2, "671") == date(2025, 4, 22), (
        "Good Friday, then Easter Monday"
    )
    assert count_jours_ouvres(date(2025, 5, 21), date(2025, 5, 23), "972") == 1
