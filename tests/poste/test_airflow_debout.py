"""Airflow is up with its four processes, and not with three; it is not started where its executor would die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil
import pytest

from aller_vers.poste import airflow
from aller_vers.poste.installation import Poste


def test_an_airflow_whose_scheduler_is_dead_is_not_up(tmp_path: Path) -> None:
    poste = cast(Poste, SimpleNamespace(donnees=tmp_path, port_airflow=8080, est_demonstration=False))
    attente = [sys.executable, "-c", "import time; time.sleep(60)"]
    processus = [subprocess.Popen(attente) for _ in airflow.SERVICES]
    try:
        sessions = [(p.pid, psutil.Process(p.pid).create_time()) for p in processus]
        (tmp_path / "airflow-sessions.json").write_text(
            json.dumps({"garder": True, "port": 8080, "sessions": sessions})
        )
        assert airflow.is_up(poste)
        ordonnanceur = processus[list(airflow.SERVICES).index("scheduler")]
        ordonnanceur.kill()
        ordonnanceur.wait()
        assert not airflow.is_up(poste)
    finally:
        for p in processus:
            p.kill()
            p.wait()


def test_a_machine_without_shared_memory_is_told_so_before_anything_starts() -> None:
    essai = "from aller_vers.poste.airflow import require_memoire_partagee as essaie; essaie()"
    seul = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*seul, "mount -t tmpfs tmpfs /dev/shm"], capture_output=True).returncode:
        pytest.skip("il faut le droit de monter /dev/shm à part (unshare --mount)")
    for options, attendu in (("ro", 1), ("rw", 0)):
        monte = f"mount -t tmpfs -o {options} tmpfs /dev/shm && exec {sys.executable} -c '{essai}'"
        fini = subprocess.run([*seul, monte], capture_output=True, text=True)
        assert fini.returncode == attendu, fini.stderr
        assert ("ErreurAllerVers" in fini.stderr and "--shm-size" in fini.stderr) is bool(attendu)


# A service and its child: each writes the signal that it is asked to end by, and ends.
SERVICE = """
import os, signal, subprocess, sys, time
def end(*_):
    time.sleep(0.8 * (sys.argv[1] == "scheduler"))
    os.write(1, sys.argv[1].encode() + b"\\n")
    os._exit(0)
signal.signal(signal.SIGTERM, end)
enfant = subprocess.Popen([sys.executable, "-c", *sys.argv[2:]]) if len(sys.argv) > 2 else None
print("prêt", flush=True)
while enfant is None or enfant.poll() is None:
    time.sleep(0.1)
"""


@pytest.mark.parametrize(
    ("service", "demandes"), [("scheduler", ["scheduler", "ouvrier"]), ("triggerer", []), ("api-server", []), ("autre", ["autre", "ouvrier"])]
)  # fmt: skip
def test_workers_are_asked_after_their_scheduler_and_what_holds_nothing_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, service: str, demandes: list[str]
) -> None:
    poste = cast(Poste, SimpleNamespace(donnees=tmp_path))
    monkeypatch.setattr(airflow, "_DELAI_ARRET", 20)
    commande = [sys.executable, "-c", SERVICE, service, SERVICE, "ouvrier"]
    parent = subprocess.Popen(commande, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        if service == "api-server":
            session = [parent.pid, psutil.Process(parent.pid).create_time()]
            (tmp_path / "airflow-sessions.json").write_text(json.dumps({"sessions": [session]}))
        assert parent.stdout is not None
        assert [parent.stdout.readline() for _ in range(2)] == ["prêt\n"] * 2
        famille = [psutil.Process(parent.pid), *psutil.Process(parent.pid).children()]
        assert len(famille) == 2
        monkeypatch.setattr(
            airflow, "find_processus",
            lambda _: [p for p in famille if p.is_running() and p.status() != psutil.STATUS_ZOMBIE],
        )  # fmt: skip
        assert airflow.stop(poste)
        dits = parent.stdout.read().split()
        assert (dits if service == "scheduler" else sorted(dits)) == demandes
        assert not airflow.stop(poste)
        parent.wait(5)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
