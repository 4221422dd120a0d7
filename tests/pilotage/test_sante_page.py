"""« Santé » and Airflow's own runs: what an interruption ends, and what waits on for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from serveur_page import Page

from aller_vers.poste.airflow import forget_unfinished

# A run and its task, as a stopped laptop leaves them: (dag, month, state of the task).
RUNS = (("decisions_lots", None, "awaiting_input"), ("requete_nationale", "2025-06", "running"))


@pytest.fixture
def arrete(page: Page) -> Iterator[Any]:
    with psycopg.connect(page.metadonnees, autocommit=True) as connexion:
        connexion.execute("SET session_replication_role = replica")  # their DAGs are in no file
        neufs = []  # what another test has written of these DAGs stays
        for dag, mois, etat in RUNS:
            inscrit = connexion.execute(
                "INSERT INTO dag (dag_id, is_paused, is_stale, max_active_tasks, max_consecutive_failed_dag_runs, "
                "has_task_concurrency_limits, timetable_type, bundle_name, partition_mapper_info) "
                "VALUES (%s, false, false, 1, 0, false, 't', 'b', '{}') ON CONFLICT DO NOTHING",
                (dag,),
            )
            neufs += [dag] * inscrit.rowcount
            connexion.execute(
                "INSERT INTO dag_tag (name, dag_id) VALUES ('aller-vers', %s) ON CONFLICT DO NOTHING", (dag,)
            )
            connexion.execute(
                "INSERT INTO dag_run (dag_id, run_id, run_type, partition_key, start_date, run_after, state, "
                "log_template_id, span_status, clear_number) "
                "VALUES (%s, 'r', 'manual', %s, now(), now(), 'running', 1, 'not_started', 0)",
                (dag, mois),
            )
            connexion.execute(
                "INSERT INTO task_instance (id, task_id, dag_id, run_id, state, pool, pool_slots, try_number, span_status) "
                "VALUES (gen_random_uuid(), 't', %s, 'r', %s, 'default_pool', 1, 1, 'not_started')",
                (dag, etat),
            )
        yield SimpleNamespace(grappe=SimpleNamespace(dsn=lambda _: page.metadonnees))
        for table in ("task_instance", "dag_run"):
            connexion.execute(f"DELETE FROM {table} WHERE run_id = 'r'")
        for table in ("dag_tag", "dag"):
            connexion.execute(f"DELETE FROM {table} WHERE dag_id = ANY (%s)", (neufs,))


def test_a_decision_that_waited_when_the_laptop_stopped_waits_on_and_is_told_so(
    page: Page, arrete: Any
) -> None:
    assert forget_unfinished(arrete) == ["requete_nationale 2025-06"]
    with psycopg.connect(page.metadonnees) as connexion:
        restes = connexion.execute(
            "SELECT dag_id, state FROM task_instance WHERE run_id = 'r' ORDER BY 1"
        ).fetchall()
    assert restes == [("decisions_lots", "awaiting_input"), ("requete_nationale", "failed")]
    with page.open("administratrice") as client:
        texte = client.get("/pilotage/sante").text
    lignes = re.findall(
        r'<tr><th scope="row">([^<]+).*?<td>(.*?)</td>', texte.split('id="dags"')[1], re.DOTALL
    )
    etats = {dag.strip(): re.sub(r"<[^>]*>", "", etat).split(maxsplit=1)[1] for dag, etat in lignes}
    assert (etats["Requête nationale"], etats["Décisions sur les lots retenus"]) == (
        "Échouée",
        "Attend une décision",
    )
