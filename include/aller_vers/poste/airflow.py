"""The laptop's Airflow: four processes on loopback, started in sessions of their own and ended whole.

A demonstration has a fifth, its mailbox.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from ssl import SSLContext
from typing import Any

import httpx
import psutil
import psycopg

from aller_vers.poste.demonstration import build_boite
from aller_vers.poste.installation import MARQUE, METADONNEES, Poste
from aller_vers.socle.erreurs import ErreurAllerVers

# What they hold is in the database; asked to end, every other one waits ten seconds for a child that has ended.
_RIEN_A_PERDRE = {"triggerer", "dag-processor"}
# Without their log servers, which would listen on every interface: logs are read from the disk.
SERVICES = {
    "api-server": (),
    "scheduler": ("--skip-serve-logs",),
    "dag-processor": (),
    "triggerer": ("--skip-serve-logs",),
}
_DELAI_DEPART = 240
# Without a task at work, three seconds are enough.
_DELAI_ARRET = 6


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


def list_services(poste: Poste) -> dict[str, list[str]]:
    """Return the command of each process, by its name."""
    services = {service: [_find_airflow(), service, *options] for service, options in SERVICES.items()}
    return services | (
        {"boite-aux-lettres": build_boite(poste.donnees, poste.port_courrier)}
        if poste.est_demonstration
        else {}
    )


def is_up(poste: Poste) -> bool:
    """Tell whether the Airflow of this installation runs, every process of it, and was meant to stay.

    Raises:
        ErreurAllerVers: it runs on another port than the one asked for.
    """
    lu = _read_file(poste)
    if not (lu.get("garder") and len(_list_sessions(poste)) == len(list_services(poste))):
        return False
    if lu["port"] != poste.port_airflow:
        raise ErreurAllerVers(
            f"Airflow est déjà démarré, sur le port {lu['port']}.",
            f"employer AV_PORT={lu['port']}, ou faire d'abord make stop.",
        )
    return True


def forget_unfinished(poste: Poste) -> list[str]:
    """End, in Airflow's own database, the runs that an interrupted command left unfinished; it must not run.

    Nothing but what is asked for starts on a laptop: a month is taken up again by asking for it. A run that waits for
    a person's decision holds no process: it waits on, and its question is still answered.

    Returns:
        The runs that were ended, as « dag month ».
    """
    with psycopg.connect(poste.grappe.dsn(METADONNEES)) as connexion:
        runs = connexion.execute(
            "UPDATE dag_run AS d SET state = 'failed', end_date = now() WHERE d.state IN ('running', 'queued') "
            "AND NOT EXISTS (SELECT FROM task_instance AS t WHERE t.dag_id = d.dag_id AND t.run_id = d.run_id "
            "AND t.state = 'awaiting_input') RETURNING d.dag_id, d.partition_key"
        ).fetchall()
        connexion.execute(
            "UPDATE task_instance SET state = 'failed', end_date = now() WHERE state IN "
            "('running', 'queued', 'scheduled', 'restarting', 'up_for_retry', 'up_for_reschedule', 'deferred')"
        )
        connexion.execute("DELETE FROM asset_partition_dag_run WHERE created_dag_run_id IS NULL")
    return sorted(f"{dag} {mois or ''}".strip() for dag, mois in runs)


def require_memoire_partagee() -> None:
    """Make sure that processes can share a lock, as those of Airflow's executor do.

    Raises:
        ErreurAllerVers: they cannot: on Linux, ``/dev/shm`` is absent, full or read-only.
    """
    try:
        multiprocessing.Lock()
    except (OSError, ImportError):
        raise ErreurAllerVers(
            "La mémoire partagée de cette machine (/dev/shm) n'est pas accessible en écriture : Airflow y tient les "
            "files de ses tâches.",
            "la monter (mount -t tmpfs tmpfs /dev/shm ; pour un conteneur, --shm-size 256m), puis relancer.",
        ) from None


def start(poste: Poste, *, garder: bool) -> None:
    """Start every process; ``garder``: they are meant to outlive the command that starts them.

    Raises:
        ErreurAllerVers: the port is in use, or the machine's shared memory takes nothing.
    """
    poste.require_port()
    require_memoire_partagee()
    environnement = poste.build_environnement()
    sessions: list[tuple[int, float]] = []
    for service, commande in list_services(poste).items():
        with (poste.journaux / f"airflow-{service}.log").open("wb") as journal:
            processus = subprocess.Popen(  # noqa: S603 - a fixed command
                commande,
                env=environnement, stdin=subprocess.DEVNULL, stdout=journal, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        sessions.append((processus.pid, psutil.Process(processus.pid).create_time()))
        _sessions_file(poste).write_text(
            json.dumps({"garder": garder, "port": poste.port_airflow, "sessions": sessions})
        )


def wait_ready(poste: Poste, dags: tuple[str, ...]) -> None:
    """Wait until every process is healthy and these DAGs are known.

    Raises:
        ErreurAllerVers: a process ended, a DAG cannot be read, or it takes longer than four minutes.
    """
    limite = time.monotonic() + _DELAI_DEPART
    attendu: str | None = None
    while time.monotonic() < limite:
        _require_alive(poste)
        attendu = _find_missing(poste, dags)
        if attendu is None:
            return
        time.sleep(0.5)
    raise ErreurAllerVers(
        f"Airflow n'est pas prêt après {_DELAI_DEPART} secondes : {attendu} ne répond pas.",
        f"lire les journaux dans {poste.journaux}.",
    )


def stop(poste: Poste) -> bool:
    """End every process of this installation's Airflow, children included; return whether there were any.

    The API's server comes last: a task that ends tells it so, and tries again for a quarter of a minute. What has not
    ended by itself is killed: Airflow tells no task to stop, a service loses the signal that comes at a bad moment, and
    what a task does is a transaction.
    """
    demandes: set[int] = set()
    limite = time.monotonic() + _DELAI_ARRET
    while (restants := find_processus(poste)) and time.monotonic() < limite:
        serveurs = [p for p in restants if _is_api(poste, p)]
        premiers = [p for p in restants if p not in serveurs] or serveurs
        # Those born since too: a worker takes what was queued before it is told to end.
        choix = [
            (p, signal.SIGKILL if p in serveurs else _choose_signal(p))
            for p in premiers
            if p.pid not in demandes
        ]
        for p, numero in choix:
            if numero:
                demandes.add(p.pid)
                _signal(p, numero)
        psutil.wait_procs(premiers, timeout=0.3)
    while restants := find_processus(poste):
        for p in restants:
            _signal(p, signal.SIGKILL)
        psutil.wait_procs(restants, timeout=5)
    _sessions_file(poste).unlink(missing_ok=True)
    return bool(demandes)


def open_api(poste: Poste) -> httpx.Client:
    """Return a client of Airflow's API, as the laptop's administrator."""
    reponse = httpx.post(
        f"{poste.adresse}/auth/token",
        json={"username": "admin", "password": poste.secrets["admin"]},
        timeout=30,
        trust_env=False,
        verify=_read_autorites(),
    )
    reponse.raise_for_status()
    jeton = reponse.json()["access_token"]
    return httpx.Client(
        base_url=f"{poste.adresse}/api/v2",
        headers={"Authorization": f"Bearer {jeton}"},
        timeout=60,
        transport=httpx.HTTPTransport(retries=3, verify=_read_autorites()),
    )


@cache
def _read_autorites() -> SSLContext:
    """Read the certificates once a process: a client that reads them costs ten times what it asks for."""
    return httpx.create_ssl_context(trust_env=False)


def _find_missing(poste: Poste, dags: tuple[str, ...]) -> str | None:
    try:
        sante = httpx.get(
            f"{poste.adresse}/api/v2/monitor/health", timeout=5, trust_env=False, verify=_read_autorites()
        ).json()
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
    vivantes = _list_sessions(poste)
    for service, (pid, _) in zip(list_services(poste), _read_file(poste).get("sessions", []), strict=False):
        if pid not in vivantes:
            journal = poste.journaux / f"airflow-{service}.log"
            raise ErreurAllerVers(f"Le processus {service} s'est arrêté.", f"lire {journal}.")


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


def _list_sessions(poste: Poste) -> set[int]:
    """Return the recorded sessions whose first process lives: the same pid, started at the same instant."""
    vivantes = set()
    for pid, instant in _read_file(poste).get("sessions", []):
        with suppress(psutil.Error):
            processus = psutil.Process(pid)
            if processus.create_time() == instant and processus.status() != psutil.STATUS_ZOMBIE:
                vivantes.add(pid)
    return vivantes


def find_processus(poste: Poste) -> list[psutil.Process]:
    """Return the processes of this installation's Airflow.

    Those of the living sessions with all of their descendants, and those whose environment says that they are
    ours: a first process that was killed leaves children behind.
    """
    vivantes = _list_sessions(poste)
    connues = {pid for pid, _ in _read_file(poste).get("sessions", [])}
    trouves: dict[int, psutil.Process] = {}
    for processus in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            session = os.getsid(processus.pid)
            orphelin = session in connues and not psutil.pid_exists(session) and _is_airflow(processus)
            if session in vivantes or orphelin or _is_marked(poste, processus):
                trouves |= {p.pid: p for p in (processus, *processus.children(recursive=True))}
    trouves.pop(os.getpid(), None)
    return list(trouves.values())


def _is_airflow(processus: psutil.Process) -> bool:
    return "airflow" in " ".join(processus.cmdline())


def _is_marked(poste: Poste, processus: psutil.Process) -> bool:
    return processus.environ().get(MARQUE) == str(poste.airflow_home)


def _is_api(poste: Poste, processus: psutil.Process) -> bool:
    sessions = dict(zip(SERVICES, _read_file(poste).get("sessions", []), strict=False))
    try:
        return bool(os.getsid(processus.pid) == sessions["api-server"][0])
    except (KeyError, OSError):
        return False


def _choose_signal(processus: psutil.Process) -> int:
    """Return how a process is asked to end; 0, which asks nothing, for an executor's worker while its scheduler lives.

    That one tells it to end; asked by another, it may die with the lock that the other workers wait for.
    """
    with suppress(psutil.Error):
        parent = processus.parent()
        parents = set(parent.cmdline()) if parent else set()
        if _RIEN_A_PERDRE & (parents | set(processus.cmdline())):
            return signal.SIGKILL
        if "scheduler" in parents:
            return 0
    return signal.SIGTERM


def _signal(processus: psutil.Process, numero: int) -> None:
    with suppress(psutil.Error):
        processus.send_signal(numero)
