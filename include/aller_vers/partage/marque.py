"""The mark of the share: without it a mount point whose mount has failed would be taken for the share itself."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

from sqlalchemy import Connection

from aller_vers.partage.partage import MARQUE, Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import run_sql


def recognise(entrepot: Connection, partage: Partage) -> Partage:
    """Return the share, which from now on looks for the warehouse's mark before each act.

    Args:
        entrepot: the warehouse, as ``av_etl``.
        partage: the share of the connection ``av_partage``.

    Raises:
        ErreurAllerVers: no share was ever marked for this warehouse.
    """
    identite = _load(entrepot)
    if identite is None:
        raise ErreurAllerVers(
            f"L'entrepôt ne connaît aucun partage : rien n'est lu ni écrit sur {partage.nom}.",
            "monter le partage, puis lancer python -m aller_vers preparer, qui le marque.",
        )
    return replace(partage, identite=identite)


def mark(entrepot: Connection, partage: Partage, *, nouveau: bool = False) -> str | None:
    """Mark the share for this warehouse, as often as one likes.

    The mark comes first, the warehouse second: a mark that an interruption has left alone is taken as it is, and so is
    that of a share whose warehouse is new.

    Args:
        entrepot: the warehouse, as its owner.
        partage: the share.
        nouveau: a person says that this share replaces the former one.

    Returns:
        The identity that was given, None if nothing had to be done.

    Raises:
        ErreurAllerVers: the warehouse's share is another one, or this one refuses.
    """
    connue = _load(entrepot)
    if connue is not None and not nouveau:
        replace(partage, identite=connue).check()
        return None
    partage.check()
    identite = partage.read_marque()
    if identite is None:
        identite = secrets.token_hex(16)
        texte = {
            "a_lire": "Marque du partage d'Aller-vers : sans elle, rien n'y est lu, écrit ni détruit. À garder.",
            "identite": identite,
        }
        partage.write(MARQUE, (json.dumps(texte, ensure_ascii=False, indent=2) + "\n").encode())
    run_sql(entrepot, "partage/record_partage.sql", identite=identite)
    return identite


def _load(entrepot: Connection) -> str | None:
    identite: str | None = run_sql(entrepot, "partage/select_partage.sql").scalar_one_or_none()
    return identite
