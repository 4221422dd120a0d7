"""« Santé » as far as ``av_pilotage`` can see: the outbox, what has failed, what should have been destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from aller_vers.destruction.echeances import Lot, decide_lot
from aller_vers.pilotage.le_mois import AlerteDag, load_alertes
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class BoiteEnvoi:
    """Notices that wait: how many, since when, how many were refused and the last cause, as a code."""

    en_attente: int
    depuis: datetime | None
    refuses: int
    derniere_erreur: str | None
    parti_le: datetime | None


@dataclass(frozen=True)
class LotEchu:
    """A lot that a purge of yesterday should have destroyed."""

    mois: Mois
    code_caf: str
    depose_le: date


@dataclass(frozen=True)
class VueSante:
    """What the warehouse says of itself."""

    boite: BoiteEnvoi
    alertes: tuple[AlerteDag, ...]
    echus: tuple[LotEchu, ...]
    purge_le: datetime | None


def load_sante(pilotage: Connection, aujourd_hui: date, reglages: Reglages) -> VueSante:
    """Read it."""
    return VueSante(
        load_boite(pilotage),
        load_alertes(pilotage),
        load_echus(pilotage, aujourd_hui, reglages),
        run_sql(pilotage, "pilotage/select_purge.sql").scalar_one(),
    )


def load_boite(pilotage: Connection) -> BoiteEnvoi:
    """Return what waits in the outbox."""
    return BoiteEnvoi(**run_sql(pilotage, "pilotage/select_boite.sql").one()._mapping)


def load_echus(pilotage: Connection, aujourd_hui: date, reglages: Reglages) -> tuple[LotEchu, ...]:
    """Return the lots that should be destroyed; what falls due today is late tomorrow: today's purge comes."""
    veille = aujourd_hui - timedelta(days=1)
    lots = [Lot(**lu._mapping) for lu in run_sql(pilotage, "destruction/select_lots.sql", nation=NATION)]
    return tuple(
        LotEchu(
            Mois.parse(lot.mois), lot.code_caf, (lot.premier_depot or lot.depuis).astimezone(PARIS).date()
        )
        for lot in lots
        if decide_lot(lot, veille, reglages)
    )
