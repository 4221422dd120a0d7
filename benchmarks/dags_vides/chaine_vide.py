"""The floor of a month: the same DAGs, the same shape, and nothing in their tasks."""

from airflow.sdk import PartitionedAssetTimetable, PartitionedAtRuntime, dag, task

from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import DEPOTS_CAF, MARTS_INDICATEURS, MESURES_SERVICES, REQUETE_NATIONALE


@dag(schedule=PartitionedAtRuntime(), catchup=False)
def mesures_services():
    @task(outlets=[MESURES_SERVICES])
    def dire():
        return 1

    dire()


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
        codes, taille = list(load_caf()), load_reglages().caf_par_tache
        return [codes[rang : rang + taille] for rang in range(0, len(codes), taille)]

    @task
    def rien(codes):
        return codes

    @task
    def relire():
        return 1

    @task(outlets=[DEPOTS_CAF])
    def dire():
        return 1

    rien.expand(codes=lister()) >> relire() >> dire()


@dag(schedule=PartitionedAssetTimetable(assets=DEPOTS_CAF | MESURES_SERVICES), catchup=False)
def marts_indicateurs():
    @task
    def rien():
        return 1

    @task(outlets=[MARTS_INDICATEURS])
    def dire():
        return 1

    rien() >> dire()


@dag(schedule=PartitionedAssetTimetable(assets=MARTS_INDICATEURS), catchup=False)
def rapports():
    @task
    def rien():
        return 1

    rien() >> rien()


@dag(schedule=None)
def decisions_lots():
    @task
    def rien():
        return 1

    rien()


mesures_services()
requete_nationale()
depots_caf()
marts_indicateurs()
rapports()
decisions_lots()
