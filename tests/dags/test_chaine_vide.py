"""The empty chain that a month is measured against is the month's: the same tasks, order, groups and assets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG
from airflow.sdk.definitions.mappedoperator import MappedOperator

from airflow_isole import PROJET
from aller_vers.poste.mois_complet import CHAINE, PARCOURS
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages


def read_dags(dossier: Path) -> dict[str, DAG]:
    sac = DagBag(str(dossier), bundle_path=dossier)
    assert sac.import_errors == {}
    return {nom: sac.dags[nom] for nom in (PARCOURS, *CHAINE)}


def describe(dag: DAG) -> dict[str, tuple[Any, ...]]:
    """Of each task: what follows it, whether it is mapped, which assets it tells."""
    return {
        t.task_id: (
            sorted(t.downstream_task_ids),
            isinstance(t, MappedOperator),
            sorted(actif.name for actif in t.outlets),
        )
        for t in dag.tasks
    }


def test_the_empty_chain_has_the_month_s_tasks_in_their_order_and_as_many_instances(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reels, vides = read_dags(PROJET / "dags"), read_dags(PROJET / "benchmarks" / "dags_vides")
    assert {nom: describe(dag) for nom, dag in vides.items()} == {
        nom: describe(dag) for nom, dag in reels.items()
    }
    monkeypatch.setenv("AV_CAF_PAR_TACHE", "10")
    load_reglages.cache_clear()
    groupes = vides["depots_caf"].get_task("list_lots").python_callable()
    assert [len(groupe) for groupe in groupes] == [10] * 10 + [1]
    assert sorted(code for groupe in groupes for code in groupe) == sorted(load_caf())
