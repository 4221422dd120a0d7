"""What every DAG of the house has, and when it runs: said here once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from airflow.sdk import DAG, CronTriggerTimetable, dag

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.alertes import ALERTES
from aller_vers_airflow.calendrier import MoisTimetable

TACHES: dict[str, Any] = {"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)}
# A share that answers no more holds no slot for ever.
TACHES_PARTAGE = TACHES | {"execution_timeout": timedelta(minutes=30)}


def dag_maison(
    etiquette: str, *, schedule: Any, **propres: Any
) -> Callable[[Callable[[], None]], Callable[[], DAG]]:
    """Make a DAG of the house: one run at a time, no catch-up, tasks tried twice, alerts.

    Args:
        etiquette: its second tag, after ``aller-vers``.
        schedule: as of Airflow's ``dag``.
        propres: what is its own, as of Airflow's ``dag``.
    """
    communs = {"catchup": False, "max_active_runs": 1, "default_args": TACHES, **ALERTES}
    decorateur: Callable[[Callable[[], None]], Callable[[], DAG]] = dag(
        schedule=schedule, **communs | propres, tags=["aller-vers", etiquette]
    )
    return decorateur


def schedule_cron(cron: str) -> CronTriggerTimetable | None:
    """Return this cadence, in Paris; on a laptop nothing starts by itself."""
    return CronTriggerTimetable(cron, timezone="Europe/Paris") if load_reglages().planification else None


def schedule_mois() -> MoisTimetable:
    """Return the cadence of a month: the first business day of the next one, at the hour of the settings."""
    reglages = load_reglages()
    # Airflow's abstract method is for timetables without partitions.
    return MoisTimetable(reglages.heure_requete, planifie=reglages.planification)  # type: ignore[abstract]
