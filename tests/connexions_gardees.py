"""Connections kept for the length of a test: a new one costs the server ten times what most statements do.

What a connection had set is forgotten when it is given back, so that the next to ask finds it as a new one.
"""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakSet, ref

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from aller_vers.socle import entrepot

# Those that opened a connection since all were closed: engines are many, few of them are used by a test.
_OUVERTS: WeakSet[Engine] = WeakSet()


def keep_connexions() -> None:
    """Let every engine of the project on PostgreSQL keep its connections, those that it would close included."""
    entrepot.create_engine = _create  # type: ignore[attr-defined]
    # A connection is of one process.
    os.register_at_fork(after_in_child=lambda: close_connexions(partagees=True))


def close_connexions(*, partagees: bool = False) -> None:
    """Close those that nobody uses; ``partagees``: forget them, another process uses them."""
    for moteur in list(_OUVERTS):
        moteur.dispose(close=not partagees)
    _OUVERTS.clear()


def _create(url: Any, **options: Any) -> Engine:
    if not url.drivername.startswith("postgresql"):
        return create_engine(url, **options)
    moteur = create_engine(
        url, **options | {"poolclass": QueuePool, "pool_pre_ping": True, "max_overflow": -1}
    )
    event.listen(moteur, "reset", _forget)
    celui_ci = ref(moteur)
    event.listen(moteur, "connect", lambda *_: _OUVERTS.add(celui_ci()))
    return moteur


def _forget(connexion: Any, _: Any, etat: Any) -> None:
    if etat.terminate_only:
        return
    connexion.rollback()
    connexion.autocommit = True
    connexion._prepared.clear()
    connexion.execute("DISCARD ALL")
    connexion.autocommit = False
