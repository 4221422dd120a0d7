"""Copies of a database, one ahead: the server makes the next one, and drops the last one, while a test runs."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg import pq, sql
from sqlalchemy import Engine

from aller_vers.socle.entrepot import create_moteur

_MEMOIRE = Path("/dev/shm")
_PLACE_OCTETS = 4 * 2**30


def find_racine() -> str | None:
    """Return a file system in memory with room for the tests' files; None: the usual temporary folder."""
    vaste = _MEMOIRE.is_dir() and shutil.disk_usage(_MEMOIRE).free > _PLACE_OCTETS
    return str(_MEMOIRE) if vaste and os.access(_MEMOIRE, os.W_OK) else None


@cache
def find_moteur(dsn: str) -> Engine:
    """Return the engine of a database, made once: it holds no connection, but what the server said of itself."""
    return create_moteur(dsn)


class Tache:
    """A connection whose statement is not waited for."""

    def __init__(self, dsn: str) -> None:
        self._connexion: psycopg.Connection[Any] = psycopg.connect(dsn, autocommit=True)

    def start(self, ordre: sql.Composed) -> None:
        """Give the server a statement, once it has done the one before."""
        self.wait()
        self._connexion.pgconn.send_query(ordre.as_bytes(self._connexion))

    def wait(self) -> None:
        """Wait for the statement under way.

        Raises:
            RuntimeError: the server refused it.
        """
        refus = ""
        while (resultat := self._connexion.pgconn.get_result()) is not None:
            if resultat.status == pq.ExecStatus.FATAL_ERROR:
                refus = resultat.error_message.decode()
        if refus:
            raise RuntimeError(refus)

    def close(self) -> None:
        """Wait, then leave."""
        self.wait()
        self._connexion.close()


class Copies:
    """Copies of a model, taken one by one and given back; the model has no connection of its own meanwhile."""

    def __init__(self, dsn: str, modele: str) -> None:
        self._modele = modele
        self._faire, self._defaire = Tache(dsn), Tache(dsn)
        self._droits: psycopg.Connection[Any] = psycopg.connect(dsn, autocommit=True)
        self._suivante = ""

    def __enter__(self) -> Self:
        self._prepare()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._faire.close()
        self._defaire.close()
        self._droits.close()

    def take(self) -> str:
        """Return the name of a copy that nobody has had.

        The connection that a whole module had to the model was given back to a pool that is no more: it is collected
        here, and the copy that the server refused meanwhile is made again.
        """
        try:
            self._faire.wait()
        except RuntimeError:
            gc.collect()
            self._suivante = ""
        if not self._suivante:
            self._prepare()
            self._faire.wait()
        prise = self._suivante
        # A copy has the model's tables and rights, but not the rights on the database itself.
        self._droits.execute(
            "UPDATE pg_database SET datacl = (SELECT datacl FROM pg_database WHERE datname = %s) WHERE datname = %s",
            (self._modele, prise),
        )
        self._prepare()
        return prise

    def give_back(self, nom: str) -> None:
        """Drop a copy, whoever is still connected."""
        self._defaire.start(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))

    def _prepare(self) -> None:
        self._suivante = f"entrepot_{secrets.token_hex(6)}"
        self._faire.start(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                sql.Identifier(self._suivante), sql.Identifier(self._modele)
            )
        )
