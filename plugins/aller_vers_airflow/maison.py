"""What every DAG of the house has, and when it runs: said here once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, dag
from airflow.sdk.bases.operator import BaseOperator
from airflow.sdk.configuration import conf

from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.acteurs import DAGS
from aller_vers_airflow.alertes import ALERTES
from aller_vers_airflow.calendrier import MoisTimetable

PROPRIETAIRE = "aller-vers"
# What answers no more, or reads a file without end, holds no slot for ever: the longest task takes minutes.
TACHES: dict[str, Any] = {
    "owner": PROPRIETAIRE, "retries": 1, "retry_delay": timedelta(seconds=30),
    "execution_timeout": timedelta(hours=2),
}  # fmt: skip
TACHES_PARTAGE = TACHES | {"execution_timeout": timedelta(minutes=30)}


def dag_maison(
    etiquette: str, *, schedule: Any, **propres: Any
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """Make a DAG of the house: one run at a time, no catch-up, tasks tried twice, alerts.

    Each task says what it does and what to do when it fails: its line of the DAG's own documentation.

    Args:
        etiquette: its second tag, after ``aller-vers``.
        schedule: as of Airflow's ``dag``.
        propres: what is its own, as of Airflow's ``dag``.
    """
    communs = {
        "catchup": False, "max_active_runs": 1, "default_args": TACHES, "owner_links": _link_owner(), **ALERTES,
    }  # fmt: skip

    def declare(fonction: Callable[[], None]) -> Callable[[], DAG]:
        fabrique: Callable[[], DAG] = dag(
            dag_display_name=DAGS[fonction.__name__], schedule=schedule, **communs | propres,
            tags=["aller-vers", etiquette],
        )(fonction)  # fmt: skip

        @wraps(fonction)
        def build() -> DAG:
            construit = fabrique()
            _explain_taches(construit)
            return construit

        return build

    return declare


def schedule_cron(cron: str) -> CronTriggerTimetable | None:
    """Return this cadence, in Paris; on a laptop nothing starts by itself."""
    return CronTriggerTimetable(cron, timezone="Europe/Paris") if load_reglages().planification else None


def schedule_mois() -> MoisTimetable:
    """Return the cadence of a month: the first business day of the next one, at the hour of the settings."""
    reglages = load_reglages()
    # Airflow's abstract method is for timetables without partitions.
    return MoisTimetable(reglages.heure_requete, planifie=reglages.planification)  # type: ignore[abstract]


def _link_owner() -> dict[str, str]:
    """Return where the owner's name leads: to the page; nowhere when Airflow does not know its own address."""
    base = (conf.get("api", "base_url", fallback="") or "").rstrip("/")
    return {PROPRIETAIRE: f"{base}/pilotage/"} if base.startswith("http") else {}


def _explain_taches(dag_lu: DAG) -> None:
    lignes = re.findall(r"^\| (\w+) \| (.+?) \| (.+?) \|$", dag_lu.doc_md or "", flags=re.MULTILINE)
    for nom, texte, remede in lignes:
        if nom not in dag_lu.task_dict:
            continue
        tache, notice = dag_lu.task_dict[nom], f"{texte[0].upper()}{texte[1:]}.\n\nSi elle échoue : {remede}."
        if isinstance(tache, BaseOperator):
            tache.doc_md = notice
        else:
            tache.partial_kwargs["doc_md"] = notice
