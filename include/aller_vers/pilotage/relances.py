"""Reminders that were prepared, and whether they left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class Relance:
    """A reminder: to whom, about what, when."""

    destinataire: str
    objet: str
    cree_le: datetime
    envoye_le: datetime | None


def load_relances(pilotage: Connection) -> tuple[Relance, ...]:
    """Return the last fifty reminders, newest first."""
    return tuple(
        Relance(r.destinataire, r.objet, r.cree_le, r.envoye_le)
        for r in run_sql(pilotage, "pilotage/select_relances.sql")
    )
