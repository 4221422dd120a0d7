"""The indicators of a month: measures, indicators, gate."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import PartitionedAssetTimetable, dag, task

from aller_vers_airflow.actifs import DEPOTS_CAF, MARTS_INDICATEURS, MESURES_SERVICES, RETOURS_CPAM
from aller_vers_airflow.alertes import ALERTES

DOC = """
### Indicateurs

Dès que les lots, les retours des Cpam ou les mesures des services d'un mois sont là : calcule les indicateurs du
dictionnaire (`include/indicateurs/`) pour la nation, les régions, les Caf et les Cpam, leurs cumuls, l'homogénéité et
les scores ; un second moteur les recalcule, et la porte (`expectations/marts_indicateurs.yml`) les juge avant
publication. Une donnée tardive ne recalcule que son mois et les cumuls qui le contiennent.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| measure_depots | compte les lots d'après le registre, et ce qui se déduit des mesures | relancer |
| compute_indicateurs | calcule, fait juger, publie d'un seul tenant | lire la règle nommée et `dq.verdict` |

Tant que la porte retient le mois, les valeurs précédentes restent publiées.
"""


@dag(
    schedule=PartitionedAssetTimetable(assets=DEPOTS_CAF | RETOURS_CPAM | MESURES_SERVICES),
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
