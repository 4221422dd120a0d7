"""French business days, and when the national request is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from aller_vers.socle.mois import Mois

PARIS = ZoneInfo("Europe/Paris")


@cache
def _jours_feries(annee: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("FR", years=annee))


def is_jour_ouvre(jour: date) -> bool:
    """Tell whether this is a business day: Monday to Friday, no national public holiday."""
    return jour.weekday() < 5 and jour not in _jours_feries(jour.year)


def first_jour_ouvre(mois: Mois) -> date:
    """Return the first business day of this month."""
    return add_jours_ouvres(mois.debut - timedelta(days=1), 1)


def add_jours_ouvres(jour: date, nombre: int) -> date:
    """Return the day that lies ``nombre`` business days after this one (``nombre`` >= 0)."""
    while nombre > 0:
        jour += timedelta(days=1)
        nombre -= is_jour_ouvre(jour)
    return jour


def echeance_requete(mois: Mois, heure: time) -> datetime:
    """Return when the request of this month is due: the first business day of the month after, Paris time."""
    return datetime.combine(first_jour_ouvre(mois.shift(1)), heure, tzinfo=PARIS)


def count_jours_ouvres(debut: date, fin: date) -> int:
    """Return the number of business days after ``debut`` and up to ``fin``; 0 if ``fin`` is not later."""
    return sum(is_jour_ouvre(debut + timedelta(days=n)) for n in range(1, (fin - debut).days + 1))


def add_mois(jour: date, nombre: int) -> date:
    """Return the same day ``nombre`` months later, at most the 28th: never later than that many months."""
    return Mois.of(jour).shift(nombre).debut.replace(day=min(jour.day, 28))
