"""A real SMTP server and a warehouse with an outbox; the step imports Airflow, which gets a home of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from serveur_smtp import Ouvrir, ServeurSmtp, running_serveur
from sqlalchemy import Connection

from airflow_isole import isolate_airflow
from aller_vers.socle.entrepot import open_transaction

isolate_airflow()


@pytest.fixture
def smtp() -> Iterator[ServeurSmtp]:
    """Give a mail server on loopback that keeps what it accepts."""
    with running_serveur() as serveur:
        yield serveur


@pytest.fixture
def ouvrir(entrepot: Connection, dsn_role: Callable[[str], str]) -> Ouvrir:
    """Give what opens a transaction on the warehouse as the sender has it: as ``av_etl``."""
    return lambda: open_transaction(dsn_role("av_etl"), "av_entrepot")
