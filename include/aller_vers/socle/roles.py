"""What bounds the roles of a server: how long they hold a lock, and which databases they enter."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

# Without these a worker that loses its power keeps its locks for two hours and more: the server asks after it
# following a minute of silence, and gives it up a minute later.
_LIMITES = {
    "tcp_keepalives_idle": "60s", "tcp_keepalives_interval": "15s", "tcp_keepalives_count": "4",
    "idle_in_transaction_session_timeout": "30min", "lock_timeout": "30min",
}  # fmt: skip
# Who reads pages waits for nothing.
_LIMITES_DE_LECTEUR = {"idle_in_transaction_session_timeout": "1min", "lock_timeout": "10s"}
_LECTEURS = ("av_pilotage", "av_diffusion")


def limit_role(connexion: psycopg.Connection[Any], role: str) -> None:
    """Bound, from its next session on, how long a role waits for a lock and holds one while it does nothing."""
    for nom, valeur in (_LIMITES | (_LIMITES_DE_LECTEUR if role in _LECTEURS else {})).items():
        connexion.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(nom), sql.Literal(valeur)
            )
        )


def close_bases(connexion: psycopg.Connection[Any]) -> None:
    """Let nobody enter the server's own databases, which PostgreSQL opens to every role.

    An administrator who does not own them, as on a managed server, leaves them as they are: `verifier` tells it. What
    is closed is not written again: the server itself writes those rows at times, and refuses two writers at once.
    """
    ouvertes = connexion.execute(
        "SELECT datname FROM pg_database"
        " WHERE datname IN ('postgres', 'template1') AND pg_has_role(current_user, datdba, 'USAGE') AND EXISTS ("
        "SELECT FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) AS droit WHERE droit.grantee = 0)"
    ).fetchall()
    for (base,) in ouvertes:
        connexion.execute(
            sql.SQL("REVOKE CONNECT, TEMPORARY ON DATABASE {} FROM public").format(sql.Identifier(base))
        )
