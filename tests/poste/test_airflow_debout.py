"""Airflow is up with its four processes, and not with three."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import psutil

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
