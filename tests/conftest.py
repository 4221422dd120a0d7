"""Fixtures for every test: a real PostgreSQL, made for the session and thrown away with it."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.poste.postgres import Grappe, find_binaires, remove, running_grappe


def pytest_report_header() -> str:
    """Say which PostgreSQL the suite runs on: ``AV_POSTGRES_BIN`` chooses another."""
    try:
        binaires = find_binaires()
    except ErreurAllerVers as erreur:
        return f"PostgreSQL : {erreur}"
    return f"PostgreSQL {binaires.version} ({binaires.origine} : {binaires.dossier})"


def find_free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


@pytest.fixture(scope="session")
def grappe() -> Iterator[Grappe]:
    """Give a running cluster, not durable, that is removed at the end of the session."""
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-tests-"))
    dossier.chmod(0o755)  # as root, PostgreSQL's account has to enter it
    try:
        with running_grappe(dossier, find_free_port(), secrets.token_urlsafe(), rapide=True) as grappe:
            yield grappe
    finally:
        remove(dossier)
        shutil.rmtree(dossier)


@pytest.fixture
def base_vide(grappe: Grappe) -> Iterator[str]:
    """Give the URI of a new, empty database, dropped afterwards whoever is still connected."""
    nom = f"essai_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
        try:
            yield grappe.dsn(nom)
        finally:
            connexion.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))
