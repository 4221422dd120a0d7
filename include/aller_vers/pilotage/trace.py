"""The trace: what the ledger says, and whether its chains hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.socle.sql import run_sql

ETATS = {
    "prepare": "Préparé",
    "retenu": "Retenu",
    "depose": "Déposé",
    "transmis": "Transmis",
    "traite": "Traité",
    "detruit": "Détruit par la Cpam",
    "remplace": "Remplacé",
    "expire": "Détruit ici",
    "rien_a_transmettre": "Rien à transmettre",
}


@dataclass(frozen=True)
class Evenement:
    """A line of the ledger, in words."""

    id: int
    mois: str
    code_caf: str
    libelle: str
    version: int
    destinataire: str | None
    etat: str
    acteur: str
    motif: str | None
    le: datetime
    hash: str


def load_evenements(
    pilotage: Connection, mois: str | None = None, code_caf: str | None = None, version: int | None = None
) -> list[Evenement]:
    """Return at most 300 events, newest first: of a lot, a Caf or a month."""
    return [
        Evenement(
            e.id, e.mois, e.code_caf, e.libelle, e.version, e.nom_cpam or e.code_cpam, ETATS.get(e.etat, e.etat),
            e.acteur, e.motif, e.cree_le, e.hash,
        )
        for e in run_sql(
            pilotage, "pilotage/select_evenements.sql", mois=mois, code_caf=code_caf, version=version
        )
    ]  # fmt: skip
