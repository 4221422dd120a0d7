"""Sources of the contract, on PostgreSQL and elsewhere, and the warehouse as the steps see it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from requete_exemples import Source
from sqlalchemy import Connection, text

from aller_vers.poste.postgres import Grappe
from aller_vers.socle.contrat_source import CONTRAT
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.sql import read_sql


@pytest.fixture
def base_source(grappe: Grappe) -> Iterator[str]:
    """Give the URI of a database with the source's empty tables."""
    nom = f"source_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
        try:
            with psycopg.connect(grappe.dsn(nom), autocommit=True) as source:
                source.execute(read_sql("socle/source/contrat.sql"))
            yield grappe.dsn(nom)
        finally:
            connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))


@pytest.fixture
def fichier_source(tmp_path: Path) -> str:
    """Give the address of a SQLite file with the source's empty tables: a source that is not PostgreSQL."""
    adresse = f"sqlite:///{tmp_path / 'si_allocataires.db'}"
    moteur = create_moteur(adresse)
    with moteur.begin() as connexion:
        for table, colonnes in CONTRAT.items():
            connexion.exec_driver_sql(f"CREATE TABLE {table} ({', '.join(colonnes)})")
    return adresse


@pytest.fixture
def source_postgres(base_source: str) -> Iterator[Source]:
    yield from _open(base_source)


@pytest.fixture
def source_sqlite(fichier_source: str) -> Iterator[Source]:
    yield from _open(fichier_source)


def _open(adresse: str) -> Iterator[Source]:
    with create_moteur(adresse).connect() as connexion:
        yield Source(connexion)


@pytest.fixture(params=["source_postgres", "source_sqlite"])
def source(request: pytest.FixtureRequest) -> Source:
    """Give the same empty source on PostgreSQL, then on SQLite."""
    trouvee = request.getfixturevalue(request.param)
    assert isinstance(trouvee, Source)
    return trouvee


@pytest.fixture(scope="module")
def entrepot_partage(modele_entrepot: str, grappe: Grappe) -> Iterator[Connection]:
    """Give a warehouse that the tests of a module share: each undoes what it did."""
    nom = sql.Identifier(f"requete_{secrets.token_hex(6)}")
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(nom, sql.Identifier(modele_entrepot))
        )
        with create_moteur(grappe.dsn(nom.as_string().strip('"'))).connect() as entrepot:
            yield entrepot
        connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(nom))


@pytest.fixture
def etl(entrepot_partage: Connection) -> Iterator[Connection]:
    """Give the warehouse as ``av_etl``, nothing committed."""
    with entrepot_partage.begin() as transaction:
        entrepot_partage.execute(text("SET ROLE av_etl"))
        yield entrepot_partage
        transaction.rollback()
