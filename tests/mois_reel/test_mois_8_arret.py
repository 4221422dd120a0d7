"""A command that is interrupted or killed leaves nothing behind, or the next one ends it.

The last part of what runs on one installation, in the order of the file: its Airflow is stopped by the first test.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest
from mois_reel_gestes import wait

from aller_vers.poste import airflow
from aller_vers.poste.installation import ENTREPOT

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def environnement(reel: Any) -> dict[str, str]:
    """The installation of the months before, its Airflow running."""
    return dict(os.environ)


def run(commande: str, variables: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aller_vers", commande, *options],
        env=variables,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


def start_until(
    texte: str, variables: dict[str, str], mois: str = "2025-11"
) -> tuple[subprocess.Popen[str], str]:
    """Run a month until it says this; return what it said so far too."""
    processus = subprocess.Popen(
        [sys.executable, "-m", "aller_vers", "run", "--mois", mois],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert processus.stdout is not None
    lues = ""
    for ligne in processus.stdout:
        lues += ligne
        if texte in ligne:
            return processus, lues
    raise AssertionError(f"« {texte} » n'est jamais venu :\n{lues}")


def list_processes(variables: dict[str, str]) -> list[str]:
    """Every process that works in the installation's folders or with its settings, by its own environment."""
    trouves = []
    for processus in psutil.process_iter():
        try:
            texte = " ".join([*processus.cmdline(), *processus.environ().values(), processus.cwd()])
        except (psutil.Error, OSError):
            continue
        if processus.pid != os.getpid() and variables["AV_DONNEES"] in texte:
            trouves.append(f"{processus.pid} {processus.name()} {processus.status()}")
    return [p for p in trouves if "zombie" not in p]


def wait_for_none(variables: dict[str, str]) -> list[str]:
    limite = time.monotonic() + 20
    while (restants := list_processes(variables)) and time.monotonic() < limite:
        time.sleep(0.2)
    return restants


def test_stop_ends_airflow_and_a_month_at_work(environnement: dict[str, str], reel: Any) -> None:
    autre = psycopg.connect(reel.poste.grappe.dsn(ENTREPOT))  # until the server goes: the month waits there
    autre.execute("LOCK TABLE staging.demandeur_brut IN ACCESS EXCLUSIVE MODE")
    processus, _ = start_until("requete_nationale · extract_demandeurs", environnement)
    sessions = set(airflow._list_sessions(reel.poste))
    assert len(sessions) == len(airflow.list_services(reel.poste)) == 5
    assert len(airflow.find_processus(reel.poste)) > 5, "les exécutants d'Airflow sont des enfants"
    journal = reel.poste.journaux / "airflow-scheduler.log"
    avant = journal.stat().st_size
    assert run("stop", environnement).returncode == 0
    assert processus.wait(60) != 0
    assert b"Connection refused" not in journal.read_bytes()[avant:], (
        "a task that is ended tells it to nobody"
    )
    assert wait_for_none(environnement) == []
    assert not reel.poste.grappe.is_running()
    autre.close()


def test_a_stale_record_ends_nobody_elses_process(environnement: dict[str, str]) -> None:
    autre = subprocess.Popen(["sleep", "60"], start_new_session=True)
    donnees = Path(environnement["AV_DONNEES"])
    (donnees / "airflow-sessions.json").write_text(
        json.dumps({"garder": True, "port": 1, "sessions": [[autre.pid, 1.0]]})
    )
    try:
        assert run("stop", environnement).returncode == 0
        assert autre.poll() is None
    finally:
        autre.kill()


def test_what_a_killed_command_leaves_is_ended_by_stop(environnement: dict[str, str]) -> None:
    processus, dit = start_until("Airflow démarre", environnement)
    assert "exécution interrompue, close : requete_nationale 2025-11" in dit
    processus.kill()
    processus.wait(10)
    assert list_processes(environnement), "un SIGKILL laisse les enfants"
    fini = run("stop", environnement)
    assert fini.returncode == 0
    assert wait_for_none(environnement) == []


def test_another_month_starts_alone_and_ends_everything_when_it_is_asked_to_end(
    environnement: dict[str, str],
) -> None:
    processus, _ = start_until("Airflow démarre", environnement, "2025-12")
    wait(lambda: sum(" airflow " in p for p in list_processes(environnement)) >= 4)
    processus.send_signal(signal.SIGTERM)
    assert processus.stdout is not None
    assert any("Arrêt en cours" in ligne for ligne in processus.stdout)
    processus.send_signal(signal.SIGINT)  # a person who insists
    assert processus.wait(60) == 130
    assert wait_for_none(environnement) == []
