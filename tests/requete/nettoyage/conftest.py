"""A warehouse with the migrations that the cleaning needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import Connection

from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.sql import DOSSIER

MIGRATIONS = ("0001_socle.sql", "0002_nettoyage.sql")


@pytest.fixture
def entrepot(base_vide: str) -> Iterator[Connection]:
    """Give a connection as ``av_etl``, outside any transaction that matters: nothing is committed."""
    with psycopg.connect(base_vide, autocommit=True) as proprietaire:
        for nom in MIGRATIONS:
            proprietaire.execute((DOSSIER / "socle" / "migrations" / nom).read_text(encoding="utf-8"))
    moteur = create_moteur(base_vide)
    with moteur.connect() as connexion:
        connexion.exec_driver_sql("SET ROLE av_etl")
        yield connexion
    moteur.dispose()
