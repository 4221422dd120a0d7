"""The floor of a month: the same three DAGs, the same shape, and nothing in their tasks."""

from airflow.sdk import PartitionedAssetTimetable, PartitionedAtRuntime, dag, task

from aller_vers.referentiel import load_caf
from aller_vers_airflow.actifs import DEPOTS_CAF, REQUETE_NATIONALE


@dag(schedule=PartitionedAtRuntime(), catchup=False)
def requete_nationale():
    @task
    def rien():
        return 1

    @task(outlets=[REQUETE_NATIONALE])
    def dire():
        return 1

    rien() >> rien() >> rien() >> rien() >> dire()


@dag(schedule=PartitionedAssetTimetable(assets=REQUETE_NATIONALE), catchup=False)
def depots_caf():
    @task
    def lister():
        return list(load_caf())

    @task
    def rien(code_caf):
        return code_caf

    @task
    def relire():
        return 1

    @task(outlets=[DEPOTS_CAF])
    def dire():
        return 1

    rien.expand(code_caf=lister()) >> relire() >> dire()


@dag(schedule=PartitionedAssetTimetable(assets=DEPOTS_CAF), catchup=False)
def marts_indicateurs():
    @task
    def rien():
        return 1

    rien() >> rien()


requete_nationale()
depots_caf()
marts_indicateurs()
