"""Ledger and outbox: every trace goes through two functions of the schema ``suivi``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.etats import CodeEtat


def record_evenement(
    connexion: Connection,
    *,
    mois: Mois,
    code_caf: str,
    version: int,
    etat: CodeEtat,
    acteur: str,
    motif: str | None = None,
    preuve: Mapping[str, Any] | None = None,
    code_cpam: str | None = None,
) -> bool:
    """Add an event to the chain of (month, Caf), in the caller's transaction.

    Returns:
        False when the same lot, recipient, state and proof was there already: nothing was added.
    """
    numero = run_sql(
        connexion,
        "suivi/record_evenement.sql",
        mois=mois,
        code_caf=code_caf,
        version=version,
        etat=etat,
        acteur=acteur,
        motif=motif,
        preuve=json.dumps(dict(preuve or {}), sort_keys=True),
        code_cpam=code_cpam,
    ).scalar()
    return numero is not None
