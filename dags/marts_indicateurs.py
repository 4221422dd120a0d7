"""The indicators of a month: measures, indicators, reconciliation."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import PartitionedAssetTimetable, dag, task

from aller_vers_airflow.actifs import DEPOTS_CAF, MARTS_INDICATEURS
from aller_vers_airflow.alertes import ALERTES

DOC = """
### Indicateurs

Enregistre les mesures des lots, calcule les indicateurs du dictionnaire (`include/indicators/`) pour la
nation, les régions et les Caf, et vérifie qu'ils se recoupent avant de les publier.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| measure_depots | compte les lots d'après le registre | relancer |
| compute_indicateurs | calcule, recoupe, publie d'un seul tenant | voir les mesures de l'indicateur nommé |
"""


@dag(
    schedule=PartitionedAssetTimetable(assets=DEPOTS_CAF),
    catchup=False,
    max_active_runs=1,
    description="Calcule et recoupe les indicateurs du mois",
    doc_md=DOC,
    tags=["aller-vers", "mensuel"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def marts_indicateurs() -> None:
    @task
    def measure_depots() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import marts

        return marts.measure()

    @task(outlets=[MARTS_INDICATEURS])
    def compute_indicateurs() -> object:
        from aller_vers_airflow import marts

        return marts.compute()

    measure_depots() >> compute_indicateurs()


marts_indicateurs()
