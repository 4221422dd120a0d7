"""French business days, those of a Caf where its delay is counted, and when the national request is due."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf

PARIS = ZoneInfo("Europe/Paris")


# Where more days are public holidays (code du travail, L3134-13 and L3422-2), as the library names the places.
_LOCAUX = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "976": "976",
}


@cache
def _jours_feries(annee: int, lieu: str | None) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("FR", subdiv=lieu, years=annee))


def is_jour_ouvre(jour: date, code_caf: str = "") -> bool:
    """Tell whether this is a business day: Monday to Friday, no public holiday, of the nation or where the Caf is."""
    return _is_ouvre(jour, _find_lieu(code_caf))


def _find_lieu(code_caf: str) -> str | None:
    """Return where this Caf is, if more days are public holidays there."""
    caf = load_caf().get(code_caf) if code_caf else None
    return next((_LOCAUX[d] for d in caf.departements if d in _LOCAUX), None) if caf else None


def _is_ouvre(jour: date, lieu: str | None) -> bool:
    return jour.weekday() < 5 and jour not in _jours_feries(jour.year, lieu)


def first_jour_ouvre(mois: Mois) -> date:
    """Return the first business day of this month."""
    return add_jours_ouvres(mois.debut - timedelta(days=1), 1)


def add_jours_ouvres(jour: date, nombre: int, code_caf: str = "") -> date:
    """Return the day ``nombre`` (>= 0) business days, of the nation or of a Caf, after this one."""
    lieu = _find_lieu(code_caf)  # once: the reference in force is looked for on the disk
    while nombre > 0:
        jour += timedelta(days=1)
        nombre -= _is_ouvre(jour, lieu)
    return jour


def echeance_requete(mois: Mois, heure: time) -> datetime:
    """Return when the request of this month is due: the first business day of the month after, Paris time."""
    return datetime.combine(first_jour_ouvre(mois.shift(1)), heure, tzinfo=PARIS)


def count_jours_ouvres(debut: date, fin: date, code_caf: str = "") -> int:
    """Return the business days, of the nation or of a Caf, after ``debut`` and up to ``fin``; 0 if it is not later."""
    lieu = _find_lieu(code_caf)
    return sum(_is_ouvre(debut + timedelta(days=n), lieu) for n in range(1, (fin - debut).days + 1))


def add_mois(jour: date, nombre: int) -> date:
    """Return the same day ``nombre`` months later, at most the 28th: never later than that many months."""
    return Mois.of(jour).shift(nombre).debut.replace(day=min(jour.day, 28))
