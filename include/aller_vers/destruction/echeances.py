"""When what has served has to be destroyed: pure decisions on what the ledger says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from aller_vers.socle.calendrier import PARIS, add_mois
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages

Cause = Literal["traitement", "delai", "inconnu", "lots_detruits", "sans_lot", "sans_suite"]
LIBELLES: dict[Cause, str] = {
    "traitement": "lot traité par toutes ses Cpam",
    "delai": "durée maximale après le dépôt",
    "inconnu": "lot que la trace ne connaissait pas, durée maximale",
    "lots_detruits": "tous les lots du mois sont détruits",
    "sans_lot": "mois publié sans dépôt, durée maximale",
    "sans_suite": "extrait resté sans suite",
}


@dataclass(frozen=True)
class Lot:
    """A lot as the ledger tells it; ``traites``: day of end of treatment by Cpam, as it was typed."""

    mois: str
    code_caf: str
    version: int
    depuis: datetime
    premier_depot: datetime | None
    dernier_depot: datetime | None
    traites: Mapping[str, Any]
    destinataires: Sequence[str]
    entreprise: bool


@dataclass(frozen=True)
class MoisTenu:
    """A month as the tables and the ledger tell it; ``rempli_le``: last time that its tables were filled."""

    mois: str
    lots: int
    expires: int
    entreprises: int
    publie_le: datetime | None
    a_des_tables: bool
    rempli_le: str | None
    entreprise_le: datetime | None


def decide_lot(lot: Lot, jour: date, reglages: Reglages) -> Cause | None:
    """Tell why a lot has to be destroyed on this day, None if it does not have to be yet.

    A month after the last of its Cpam has treated it, and never later than the delay that runs from its first drop
    (from its being held, if it was never dropped): a new version gives no more time.
    """
    return next((cause for cause, terme in _list_termes(lot, reglages).items() if terme <= jour), None)


def find_terme(lot: Lot, reglages: Reglages) -> date:
    """Return the day on which a lot is destroyed at the latest, as far as the ledger knows now."""
    return min(_list_termes(lot, reglages).values())


def find_terme_du_mois(mois: MoisTenu, reglages: Reglages) -> date | None:
    """Return the day on which the tables of a month without a lot are dropped; None if its lots decide."""
    if mois.lots:
        return None
    if mois.publie_le is not None:
        return add_mois(_day(mois.publie_le), reglages.mois_avant_purge)
    rempli = Mois.parse(mois.mois).fin
    with suppress(ValueError):
        rempli = date.fromisoformat(mois.rempli_le or "")
    return add_mois(rempli, reglages.mois_apres_traitement)


def decide_mois(mois: MoisTenu, jour: date, reglages: Reglages) -> Cause | None:
    """Tell why the tables of a month have to be dropped on this day, None if they do not have to be yet."""
    terme = find_terme_du_mois(mois, reglages)
    if terme is None:
        return "lots_detruits" if mois.entreprises >= mois.lots else None
    if terme > jour:
        return None
    return "sans_suite" if mois.publie_le is None else "sans_lot"


def limite(maintenant: datetime, jours: int) -> datetime:
    """Return the instant before which what is kept so many days has to go."""
    return maintenant - timedelta(days=jours)


def _list_termes(lot: Lot, reglages: Reglages) -> dict[Cause, date]:
    termes: dict[Cause, date] = {}
    traite = _read_traitement(lot)
    if traite is not None:
        termes["traitement"] = add_mois(traite, reglages.mois_apres_traitement)
    termes["delai"] = add_mois(_day(lot.premier_depot or lot.depuis), reglages.mois_avant_purge)
    return termes


def _read_traitement(lot: Lot) -> date | None:
    """Return from when a treated lot has served: all recipients are done, with its last version."""
    if lot.dernier_depot is None or not lot.destinataires:
        return None
    jours = [_day(lot.dernier_depot)]
    for code in lot.destinataires:
        try:
            jours.append(date.fromisoformat(str(lot.traites.get(code))))
        except ValueError:
            return None
    return max(jours)


def _day(instant: datetime) -> date:
    return instant.astimezone(PARIS).date()
