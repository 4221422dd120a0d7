"""The laptop's Airflow: four processes on loopback, started in sessions of their own and ended whole."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.poste.installation import METADONNEES, Poste

SERVICES = ("api-server", "scheduler", "dag-processor", "triggerer")
_DELAI_DEPART = 240
_DELAI_ARRET = 20


def migrate_metadonnees(poste: Poste) -> None:
    """Bring Airflow's own database to the installed version; nothing to do the second time.

    Raises:
        ErreurAllerVers: ``airflow db migrate`` failed; its log is named.
    """
    marque = version("apache-airflow-core")
    with psycopg.connect(poste.grappe.dsn(METADONNEES), autocommit=True) as connexion:
        lue = connexion.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        if lue == (marque,):
            return
        journal = poste.journaux / "airflow-db-migrate.log"
        with journal.open("wb") as flux:
            fini = subprocess.run(  # noqa: S603 - a fixed command
                [_find_airflow(), "db", "migrate"],
                env=poste.build_environnement(), stdout=flux, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        if fini.returncode:
            raise ErreurAllerVers("La base d'Airflow n'a pas pu être préparée.", f"lire {journal}.")
        connexion.execute(f"COMMENT ON DATABASE {METADONNEES} IS '{marque}'")


def is_up(poste: Poste) -> bool:
    """Tell whether the Airflow of this installation runs and was meant to stay."""
    return any(_is_alive(pid) for pid in _read_recorded(poste)) and bool(_read_file(poste).get("garder"))


def start(poste: Poste, *, garder: bool) -> None:
    """Start the four processes; ``garder``: they are meant to outlive the command that starts them.

    Raises:
        ErreurAllerVers: the port is in use.
    """
    poste.require_port()
    environnement = poste.build_environnement()
    sessions: list[int] = []
    for service in SERVICES:
        with (poste.journaux / f"airflow-{service}.log").open("wb") as journal:
            processus = subprocess.Popen(  # noqa: S603 - a fixed command
                [_find_airflow(), service],
                env=environnement, stdin=subprocess.DEVNULL, stdout=journal, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        sessions.append(processus.pid)
        _sessions_file(poste).write_text(json.dumps({"garder": garder, "sessions": sessions}))


def wait_ready(poste: Poste, dags: tuple[str, ...], on_wait: Callable[[str], None]) -> None:
    """Wait until every process is healthy and these DAGs are known.

    Raises:
        ErreurAllerVers: a process ended, a DAG cannot be read, or it takes longer than four minutes.
    """
    limite = time.monotonic() + _DELAI_DEPART
    while time.monotonic() < limite:
        _require_alive(poste)
        attendu = _find_missing(poste, dags)
        if attendu is None:
            return
        on_wait(attendu)
        time.sleep(0.5)
    raise ErreurAllerVers(
        f"Airflow n'est pas prêt après {_DELAI_DEPART} secondes.", f"lire les journaux dans {poste.journaux}."
    )


def stop(poste: Poste) -> bool:
    """End every process of this installation's Airflow, children included; return whether there were any."""
    processus = _find_processus(poste)
    for p in processus:
        _signal(p, signal.SIGTERM)
    _, restants = psutil.wait_procs(processus, timeout=_DELAI_ARRET)
    while restants or (restants := _find_processus(poste)):
        for p in restants:
            _signal(p, signal.SIGKILL)
        psutil.wait_procs(restants, timeout=5)
        restants = []
    _sessions_file(poste).unlink(missing_ok=True)
    return bool(processus)


def open_api(poste: Poste) -> httpx.Client:
    """Return a client of Airflow's API, as the laptop's administrator."""
    reponse = httpx.post(
        f"{poste.adresse}/auth/token",
        json={"username": "admin", "password": poste.secrets["admin"]},
        timeout=30,
        trust_env=False,
    )
    reponse.raise_for_status()
    jeton = reponse.json()["access_token"]
    return httpx.Client(
        base_url=f"{poste.adresse}/api/v2",
        headers={"Authorization": f"Bearer {jeton}"},
        timeout=60,
        transport=httpx.HTTPTransport(retries=3),
    )


def _find_missing(poste: Poste, dags: tuple[str, ...]) -> str | None:
    try:
        sante = httpx.get(f"{poste.adresse}/api/v2/monitor/health", timeout=5, trust_env=False).json()
        for nom in ("metadatabase", "scheduler", "dag_processor", "triggerer"):
            if (sante.get(nom) or {}).get("status") != "healthy":
                return nom
        with open_api(poste) as api:
            for erreur in api.get("/importErrors").json()["import_errors"]:
                raise ErreurAllerVers(
                    f"Airflow ne peut pas lire {Path(erreur['filename']).name} : "
                    f"{erreur['stack_trace'].strip().splitlines()[-1]}.",
                    "corriger ce fichier.",
                )
            return next((dag for dag in dags if api.get(f"/dags/{dag}").status_code != 200), None)
    except (httpx.HTTPError, ValueError):
        return "api-server"


def _require_alive(poste: Poste) -> None:
    for service, pid in zip(SERVICES, _read_recorded(poste), strict=False):
        if not _is_alive(pid):
            journal = poste.journaux / f"airflow-{service}.log"
            raise ErreurAllerVers(f"Le processus {service} d'Airflow s'est arrêté.", f"lire {journal}.")


def _find_airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _sessions_file(poste: Poste) -> Path:
    return poste.donnees / "airflow-sessions.json"


def _read_file(poste: Poste) -> dict[str, Any]:
    try:
        lu: dict[str, Any] = json.loads(_sessions_file(poste).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return lu


def _read_recorded(poste: Poste) -> list[int]:
    return [int(pid) for pid in _read_file(poste).get("sessions", [])]


def _is_alive(pid: int) -> bool:
    with suppress(psutil.Error):
        processus = psutil.Process(pid)
        return processus.status() != psutil.STATUS_ZOMBIE and os.getsid(pid) == pid
    return False


def _find_processus(poste: Poste) -> list[psutil.Process]:
    """Return the processes of the recorded sessions, and all of their descendants, whatever their session."""
    sessions = set(_read_recorded(poste))
    trouves: dict[int, psutil.Process] = {}
    for processus in psutil.process_iter():
        with suppress(psutil.Error, ProcessLookupError):
            if processus.pid != os.getpid() and os.getsid(processus.pid) in sessions:
                trouves |= {p.pid: p for p in (processus, *processus.children(recursive=True))}
    return [p for p in trouves.values() if p.pid != os.getpid()]


def _signal(processus: psutil.Process, numero: int) -> None:
    with suppress(psutil.Error):
        processus.send_signal(numero)
