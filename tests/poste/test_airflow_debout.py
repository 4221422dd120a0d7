"""Airflow is up with its four processes, and not with three; it is not started where its executor would die."""

from __future__ import annotations

import json
import subprocess
import sys
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
