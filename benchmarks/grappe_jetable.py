"""A PostgreSQL cluster of a benchmark's own, gone when it ends."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg

from aller_vers.poste.postgres import Grappe, remove, running_grappe


@contextmanager
def running_jetable() -> Iterator[Grappe]:
    """Give a running cluster that keeps nothing, on a free port."""
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-banc-"))
    dossier.chmod(0o755)
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = int(prise.getsockname()[1])
    try:
        with running_grappe(dossier, port, secrets.token_urlsafe(), rapide=True) as grappe:
            yield grappe
    finally:
        remove(dossier)
        shutil.rmtree(dossier, ignore_errors=True)


def find_maitre(grappe: Grappe) -> psutil.Process:
    """Return the first process of a running cluster."""
    with psycopg.connect(grappe.dsn()) as connexion:
        [pid] = connexion.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        return psutil.Process(pid).parents()[0]


def count_processeur(maitre: psutil.Process) -> float:
    """Return the seconds of processor spent so far by this process and a cluster, with theirs, dead ones too.

    What else the machine does weighs on the clock, not on them.
    """
    depense = 0.0
    ici = psutil.Process()
    vivants = (ici, *ici.children(recursive=True), maitre, *maitre.children(recursive=True))
    for processus in {p.pid: p for p in vivants}.values():
        with suppress(psutil.NoSuchProcess):
            t = processus.cpu_times()
            depense += t.user + t.system
    morts = [processus.cpu_times() for processus in (ici, maitre)]
    return depense + sum(t.children_user + t.children_system for t in morts)
