"""Fixtures for every test: a real PostgreSQL, made for the session and thrown away with it."""

from __future__ import annotations

import gc
import hashlib
import os
import re
import secrets
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest
from _pytest.terminal import TerminalReporter
from psycopg import sql
from serveurs import IDENTITE, find_free_port
from sqlalchemy import Connection, create_engine
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import NodeManager, WorkerController

from aller_vers.poste.binaires import find_binaires
from aller_vers.poste.postgres import Grappe, remove, running_grappe
from aller_vers.socle import entrepot as socle_entrepot
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.migrations import migrate
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.roles import close_bases, limit_role
from aller_vers.socle.sql import run_sql
from bases_copiees import Copies, find_racine
from connexions_gardees import close_connexions, keep_connexions

pytest_plugins = ["partages_reels"]
AIRFLOW, PREMIER = "airflow", "gw0"
ENSEMBLE = ("tests/pilotage/", "tests/diffusion/")
# Whatever starts a whole Airflow, then the page, then the rest that lasts.
LONGS = (AIRFLOW, *ENSEMBLE, "tests/test_bancs.py", "tests/lots/test_quatre_partages.py")
ROLES_ENTREPOT = ("av_etl", "av_qualite", "av_pilotage", "av_diffusion")


def pytest_configure(config: pytest.Config) -> None:
    """End a run that is asked to end (``timeout``, a closed terminal) as Ctrl-C does: nothing stays behind.

    Files are made in memory where there is room: each lot has eight flushes, and a disk takes 10 ms for one. The
    first process, which has the Airflow, goes before the others: an Airflow costs a tenth of a core while it waits.
    """
    if getattr(config, "workerinput", {}).get("workerid", PREMIER) != PREMIER:
        os.nice(4)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    tempfile.tempdir = find_racine()
    keep_connexions()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Over several processes (``-n``) what takes longest comes first, so that none is left working alone at the end.

    ``AV_ORDRE=<number>`` draws the order of the other files from that number: each must stand by itself.
    """
    if graine := os.environ.get("AV_ORDRE"):
        rangs = {lot: hashlib.sha256(f"{graine}{lot}".encode()).digest() for lot in map(_find_lot_de, items)}
        items.sort(key=lambda item: rangs[_find_lot_de(item)])
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: LONGS.index(lot) if (lot := _find_lot_de(item)) in LONGS else len(LONGS))


def pytest_collection_finish() -> None:
    """Search for garbage less often, and never in what the collection made: a sixth of some files' processor went there."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Say in one line what was skipped for want of a system program, and how to get it."""
    raisons = [str(rapport.longrepr) for rapport in terminalreporter.stats.get("skipped", [])]
    paquets = [paquet for raison in raisons for paquet in re.findall(r"\(paquet ([a-z0-9-]+)\)", raison)]
    if paquets:
        terminalreporter.write_line(
            f"{count(len(paquets), 'essai')} de moins, faute de programmes. Sur Debian : "
            f"apt-get install {' '.join(sorted(set(paquets)))}"
        )


class ParFichier(LoadScopeScheduling):
    """Each file in one process, and in one all those that start a whole Airflow: two would slow each other.

    In one too those that share what takes long to make: the page that is served, a year of measures.
    """

    @property
    def nodes(self) -> list[WorkerController]:
        """The processes by their names: the first takes what comes first, the Airflow, whoever was ready first."""
        return sorted(super().nodes, key=lambda node: str(node.gateway.id))

    def _split_scope(self, nodeid: str) -> str:
        return _find_lot(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ParFichier:
    """Deal the files out in the order of the collection; an interrupted process has time to stop an Airflow."""
    NodeManager.EXIT_TIMEOUT = 30
    config.option.loadscopereorder = False
    return ParFichier(config, log)


def _find_lot(nodeid: str) -> str:
    fichier = nodeid.partition("::")[0]
    if {"mois_reel", "celery_reel"} & set(fichier.split("/")):
        return AIRFLOW
    return next((lot for lot in ENSEMBLE if fichier.startswith(lot)), fichier)


def _find_lot_de(item: pytest.Item) -> str:
    return _find_lot(item.nodeid)


def pytest_keyboard_interrupt() -> None:
    """Let a process end what it started: the one that deals the files out interrupts the others a second time."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def pytest_report_header() -> str:
    """Say which PostgreSQL the suite runs on: ``AV_POSTGRES_BIN`` chooses another."""
    try:
        binaires = find_binaires()
    except ErreurAllerVers as erreur:
        return f"PostgreSQL : {erreur}"
    return f"PostgreSQL {binaires.version} ({binaires.origine} : {binaires.dossier})"


@pytest.fixture(autouse=True)
def _seul() -> Iterator[None]:
    """No test reads the settings that the environment of another gave, nor has its connections."""
    load_reglages.cache_clear()
    yield
    load_reglages.cache_clear()
    close_connexions()


@pytest.fixture
def connexions_neuves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let engines be what the project makes them: those of the tests keep every connection."""
    monkeypatch.setattr(socle_entrepot, "create_engine", create_engine)
    monkeypatch.setattr(socle_entrepot, "_create", cache(socle_entrepot._create.__wrapped__))


@pytest.fixture(scope="session")
def grappe() -> Iterator[Grappe]:
    """Give a running cluster, not durable, that is removed at the end of the session."""
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-tests-"))
    dossier.chmod(0o755)  # as root, PostgreSQL's account has to enter it
    try:
        with running_grappe(dossier, find_free_port(), secrets.token_urlsafe(), rapide=True) as grappe:
            with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
                close_bases(connexion)
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


@pytest.fixture(scope="session")
def roles_entrepot(modele_entrepot: str, grappe: Grappe) -> dict[str, str]:
    """Give the password of each role of the warehouse, which may log in from now on."""
    secrets_des_roles = {role: secrets.token_urlsafe() for role in ROLES_ENTREPOT}
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        for role, secret in secrets_des_roles.items():
            connexion.execute(
                sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), sql.Literal(secret))
            )
            limit_role(connexion, role)
    return secrets_des_roles


@pytest.fixture(scope="session")
def modele_entrepot(grappe: Grappe) -> str:
    """Give the name of a migrated warehouse with its reference data, for others to be copied from."""
    nom = f"modele_{secrets.token_hex(6)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(nom)))
    moteur = create_moteur(grappe.dsn(nom))
    with moteur.begin() as entrepot:
        migrate(entrepot)
        load_reference(entrepot, exemples=True)
        run_sql(entrepot, "partage/record_partage.sql", identite=IDENTITE)
    moteur.dispose()
    return nom


@pytest.fixture(scope="session")
def copies(modele_entrepot: str, grappe: Grappe) -> Iterator[Copies]:
    """Give copies of the migrated warehouse."""
    with Copies(grappe.dsn(), modele_entrepot) as copies:
        yield copies


@pytest.fixture
def base_entrepot(copies: Copies, grappe: Grappe) -> Iterator[str]:
    """Give the URI, as its owner, of a migrated warehouse with its reference data and nothing else."""
    nom = copies.take()
    yield grappe.dsn(nom)
    close_connexions()
    copies.give_back(nom)


@pytest.fixture
def entrepot(base_entrepot: str) -> Iterator[Connection]:
    """Give a connection, as its owner, to a migrated warehouse with its reference data."""
    moteur = create_moteur(base_entrepot)
    with moteur.connect() as connexion:
        yield connexion
    moteur.dispose()


@pytest.fixture
def dsn_role(base_entrepot: str, grappe: Grappe, roles_entrepot: dict[str, str]) -> Callable[[str], str]:
    """Give the URI of the database of ``entrepot`` as another role: ``dsn_role("av_etl")``."""
    base = base_entrepot.rsplit("/", 1)[1]
    return lambda role: grappe.dsn(base, role, roles_entrepot[role])
