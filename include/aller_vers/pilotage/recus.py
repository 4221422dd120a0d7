"""What came from the Caf: files taken, refused or put aside; returns counted, held, or not judged yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.pilotage.etats import EtatAffiche
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

ISSUES = {
    "pris": EtatAffiche("traite", "Pris", "✓"),
    "refuse": EtatAffiche("retard", "Refusé", "▲"),
    "detruit": EtatAffiche("retard", "Détruit sans être pris", "▲"),
    "ecarte": EtatAffiche("retenu", "En quarantaine", "■"),
}
ETATS_RETOUR = {
    "recu": EtatAffiche("depose", "Reçu, pas encore jugé", "◔"),
    "compte": EtatAffiche("traite", "Reçu et compté", "✓"),
    "retenu": EtatAffiche("retenu", "Reçu, mais retenu", "■"),
}


@dataclass(frozen=True)
class FichierRecu:
    """A file, and what became of it; ``detail``: its shape, or why it was not taken, without a value of it."""

    code_caf: str
    libelle: str
    nom: str
    etat: EtatAffiche
    detail: str
    recu_le: datetime


@dataclass(frozen=True)
class RetourRecu:
    """A return of a Cpam, by the last version received."""

    code_caf: str
    libelle: str
    code_cpam: str | None
    nom_cpam: str | None
    forme: str
    periode: str
    recu_le: datetime
    etat: EtatAffiche


def load_fichiers_recus(pilotage: Connection, code_caf: str | None = None) -> tuple[FichierRecu, ...]:
    """Return the last hundred files, newest first."""
    return tuple(
        FichierRecu(f.code_caf, f.libelle, f.nom, ISSUES[f.issue], f.detail, f.recu_le)
        for f in run_sql(pilotage, "pilotage/select_fichiers_recus.sql", code_caf=code_caf)
    )


def load_retours_recus(
    pilotage: Connection, code_caf: str | None = None, mois: Mois | None = None
) -> tuple[RetourRecu, ...]:
    """Return the last hundred returns, those that their gate holds first."""
    return tuple(
        RetourRecu(
            r.code_caf, r.libelle, r.code_cpam, r.nom_cpam, r.forme, r.periode, r.recu_le, ETATS_RETOUR[r.etat]
        )
        for r in run_sql(
            pilotage, "pilotage/select_retours_recus.sql", code_caf=code_caf, mois=mois
        )
    )  # fmt: skip
