"""Objections: treated every hour, without an identifier ever entering Airflow."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("20 * * * *", timezone="Europe/Paris")

DOC = """
### Oppositions

Détruit partout, sans délai, les personnes qui s'opposent (article L.114-8 II du CRPA). Toutes les heures ; sur un
poste, à la demande. L'opposition s'enregistre par `python -m aller_vers opposition`, qui lit l'identifiant sur
l'entrée standard et n'en garde qu'une empreinte à clé : **ne jamais écrire un identifiant dans Airflow**.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| apply_oppositions | efface la personne des tables, refait son lot, prévient sa Caf | corriger la cause, relancer |

Les tables sont purgées d'abord, même si le partage est absent ; le lot est refait dès qu'il revient. Les extractions
suivantes comparent chaque identifiant aux empreintes et laissent la personne de côté.
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    description="Détruit partout les personnes qui s'opposent, refait leur lot",
    doc_md=DOC,
    tags=["aller-vers", "oppositions"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def oppositions() -> None:
    @task
    def apply_oppositions() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import destruction

        return destruction.apply_oppositions()

    apply_oppositions()


oppositions()
