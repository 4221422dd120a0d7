"""A PostgreSQL cluster of a benchmark's own, gone when it ends."""

from __future__ import annotations

import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
