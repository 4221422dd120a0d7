"""The outbox: every notice is written in the transaction of what it tells, and sent after."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.socle.sql import run_sql

EQUIPE = "equipe_nationale"


def queue_avis(connexion: Connection, *, cle: str, destinataire: str, objet: str, corps: str) -> bool:
    """Put a notice into the outbox, once per ``cle``, in the same transaction as what it tells.

    Args:
        connexion: to the warehouse.
        cle: names what is told; a second notice of the same key is not added.
        destinataire: ``caf:831`` or ``equipe_nationale``; its address is found at the time of sending.
        objet: subject, French, no personal data.
        corps: text, French, no personal data.
    """
    return bool(
        run_sql(
            connexion,
            "suivi/queue_avis.sql",
            cle=cle,
            destinataire=destinataire,
            canal="courriel",
            objet=objet,
            corps=corps,
        ).scalar()
    )
