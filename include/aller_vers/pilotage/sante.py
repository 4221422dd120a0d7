"""« Santé » as far as ``av_pilotage`` can see: the outbox, what has failed, what should have been destroyed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from aller_vers.destruction.echeances import Lot, decide_lot
from aller_vers.pilotage.le_mois import AlerteDag, load_alertes
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


@dataclass(frozen=True)
class VueSante:
    """What the warehouse says of itself."""

    boite: BoiteEnvoi
    alertes: tuple[AlerteDag, ...]
    echus: tuple[LotEchu, ...]
    purge_le: datetime | None


def load_sante(pilotage: Connection, aujourd_hui: date, reglages: Reglages) -> VueSante:
    """Read it. What falls due today is the business of today's purge: it is late tomorrow."""
    boite = run_sql(pilotage, "pilotage/select_boite.sql").one()
    veille = aujourd_hui - timedelta(days=1)
    echus = tuple(
        LotEchu(Mois.parse(ligne.mois), ligne.code_caf)
        for ligne in run_sql(pilotage, "destruction/select_lots.sql", nation=NATION)
        if decide_lot(Lot(**ligne._mapping), veille, reglages)
    )
    return VueSante(
        BoiteEnvoi(boite.en_attente, boite.depuis, boite.refuses, boite.derniere_erreur, boite.parti_le),
        load_alertes(pilotage), echus, boite.purge_le,
    )  # fmt: skip
