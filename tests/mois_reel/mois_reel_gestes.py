"""What a person asks of a running Airflow, and waits for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aller_vers.poste import airflow
from aller_vers.poste.installation import METADONNEES


def wait(condition: Callable[[], Any], secondes: float = 120) -> Any:
    """Wait until this is true; return what it gave."""
    limite = time.monotonic() + secondes
    while not (trouve := condition()):
        assert time.monotonic() < limite
        time.sleep(0.25)
    return trouve


def trigger(reel: Any, cle: str | None, dag: str = "requete_nationale", **conf: object) -> str:
    with airflow.open_api(reel.poste) as api:
        corps: dict[str, object] = {"logical_date": None, "conf": conf}
        if cle:
            corps["partition_key"] = cle
        reponse = api.post(f"/dags/{dag}/dagRuns", json=corps)
        reponse.raise_for_status()
        return str(reponse.json()["dag_run_id"])


def wait_state(reel: Any, run_id: str, dag: str = "requete_nationale", secondes: int = 240) -> str:
    fini = "SELECT state FROM dag_run WHERE dag_id = %s AND run_id = %s AND state IN ('success', 'failed')"
    [(etat,)] = wait(lambda: reel.fetch_metadonnees(fini, dag, run_id), secondes)
    return str(etat)


def read_states(reel: Any, run_id: str, dag: str = "requete_nationale") -> dict[str, str]:
    etats = "SELECT task_id, state FROM task_instance WHERE dag_id = %s AND run_id = %s"
    return dict(reel.fetch_metadonnees(etats, dag, run_id))


def list_runs(reel: Any, dag: str) -> set[str]:
    return {run for (run,) in reel.fetch_metadonnees("SELECT run_id FROM dag_run WHERE dag_id = %s", dag)}


def wait_new_run(reel: Any, dag: str, connus: set[str]) -> str:
    nouveaux: set[str] = wait(lambda: list_runs(reel, dag) - connus, 180)
    return nouveaux.pop()


def try_again_at_once(reel: Any, run_id: str, tache: str) -> None:
    """Wait for the first failure of a task, then spare the delay before its second try."""
    vieillir = (
        "UPDATE task_instance SET end_date = end_date - interval '1 hour'"
        " WHERE run_id = %s AND task_id = %s AND state = 'up_for_retry'"
    )

    def make_older() -> int:
        with reel.base(METADONNEES) as base:
            return int(base.execute(vieillir, (run_id, tache)).rowcount)

    wait(make_older)


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
