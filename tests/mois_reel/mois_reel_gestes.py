"""What a person asks of a running Airflow, and waits for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aller_vers.poste import airflow
from aller_vers.poste.installation import METADONNEES


def trigger(reel: Any, cle: str | None, dag: str = "requete_nationale", **conf: object) -> str:
    with airflow.open_api(reel.poste) as api:
        corps: dict[str, object] = {"logical_date": None, "conf": conf}
        if cle:
            corps["partition_key"] = cle
        reponse = api.post(f"/dags/{dag}/dagRuns", json=corps)
        reponse.raise_for_status()
        return str(reponse.json()["dag_run_id"])


def wait_state(reel: Any, run_id: str, dag: str = "requete_nationale", secondes: int = 240) -> str:
    with airflow.open_api(reel.poste) as api:
        limite = time.monotonic() + secondes
        while time.monotonic() < limite:
            etat = api.get(f"/dags/{dag}/dagRuns/{run_id}").json()["state"]
            if etat in ("success", "failed"):
                return str(etat)
            time.sleep(0.5)
    raise AssertionError(f"{dag} {run_id} n'a pas fini en {secondes} s")


def read_states(reel: Any, run_id: str, dag: str = "requete_nationale") -> dict[str, str]:
    with airflow.open_api(reel.poste) as api:
        instances = api.get(f"/dags/{dag}/dagRuns/{run_id}/taskInstances", params={"limit": 100}).json()
        return {i["task_id"]: i["state"] for i in instances["task_instances"]}


def list_runs(reel: Any, dag: str) -> set[str]:
    return {run for (run,) in reel.fetch_metadonnees("SELECT run_id FROM dag_run WHERE dag_id = %s", dag)}


def wait_new_run(reel: Any, dag: str, connus: set[str]) -> str:
    limite = time.monotonic() + 180
    while time.monotonic() < limite:
        if nouveaux := list_runs(reel, dag) - connus:
            return nouveaux.pop()
        time.sleep(0.5)
    raise AssertionError(f"{dag} n'a pas démarré")


def try_again_at_once(reel: Any, run_id: str, tache: str) -> None:
    """Wait for the first failure of a task, then spare the delay before its second try."""
    vieillir = (
        "UPDATE task_instance SET end_date = end_date - interval '1 hour'"
        " WHERE run_id = %s AND task_id = %s AND state = 'up_for_retry'"
    )
    limite = time.monotonic() + 120
    while time.monotonic() < limite:
        with reel.base(METADONNEES) as base:
            if base.execute(vieillir, (run_id, tache)).rowcount:
                return
        time.sleep(0.5)
    raise AssertionError(f"{tache} n'a pas échoué une première fois")


def read_log(reel: Any, run_id: str, tache: str, dag: str = "requete_nationale") -> str:
    dossier = reel.poste.airflow_home / "logs" / f"dag_id={dag}" / f"run_id={run_id}" / f"task_id={tache}"
    return "\n".join(f.read_text() for f in sorted(dossier.rglob("*.log")))


def start_paused(reel: Any, dag: str) -> str:
    with airflow.open_api(reel.poste) as api:
        api.patch(f"/dags/{dag}", json={"is_paused": False}).raise_for_status()
    run = trigger(reel, None, dag)
    etat = wait_state(reel, run, dag)
    assert etat == "success", read_states(reel, run, dag)
    return run


@contextmanager
def altered_source(reel: Any, avant: str, apres: str) -> Iterator[None]:
    reel.alter_source(avant)
    try:
        yield
    finally:
        reel.alter_source(apres)
