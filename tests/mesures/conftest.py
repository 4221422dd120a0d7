"""A source on a real PostgreSQL, and the warehouse as ``av_etl`` sees it: one of each, left as they were."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from mesures_exemples import Atelier, Source
from psycopg import sql
from sqlalchemy import Engine, text

from airflow_isole import isolate_airflow
from aller_vers.poste.postgres import Grappe
from aller_vers.socle.contrat_source import CONTRAT
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.sql import read_sql

isolate_airflow()


@pytest.fixture(scope="session")
def moteur_source(grappe: Grappe) -> Engine:
    """Give an engine on a database with the source's tables."""
    nom = f"source_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
    with psycopg.connect(grappe.dsn(nom), autocommit=True) as connexion:
        connexion.execute(read_sql("socle/source/contrat.sql"))
    return create_moteur(grappe.dsn(nom))


@pytest.fixture
def source(moteur_source: Engine) -> Iterator[Source]:
    """Give an empty source in the tables of the contract."""
    with moteur_source.connect() as connexion:
        connexion.execute(text(f"TRUNCATE {', '.join(CONTRAT)}"))
        connexion.commit()
        yield Source(connexion)


@pytest.fixture
def atelier(source: Source, modele_entrepot: str, grappe: Grappe) -> Iterator[Atelier]:
    """Give the source and the warehouse, where nothing is committed: the next test finds it as it was."""
    with create_moteur(grappe.dsn(modele_entrepot)).connect() as entrepot:
        entrepot.execute(text("SET ROLE av_etl"))
        yield Atelier(source, entrepot)
        entrepot.rollback()
