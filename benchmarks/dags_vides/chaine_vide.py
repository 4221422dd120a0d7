"""The floor of a month: its DAGs, their tasks under their own names and in their order, and nothing in them."""

from airflow.sdk import PartitionedAssetTimetable, PartitionedAtRuntime, chain, dag, task

from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import DEMANDEURS, INDICATEURS, LOTS, MESURES, RAPPORTS, RETOURS


def rien(nom, *actifs, rend=lambda: 1):
    """Declare a task of this name that tells these assets and does nothing."""

    @task(task_id=nom, outlets=list(actifs))
    def faire(_=None):
        return rend()

    return faire


def grouper():
    """The real groups of Caf: one instance of ``write_lot`` each."""
    codes, taille = list(load_caf()), load_reglages().caf_par_tache
    return [codes[rang : rang + taille] for rang in range(0, len(codes), taille)]


@dag(schedule=PartitionedAtRuntime(), catchup=False)
def mesures_services():
    rien("measure_services", MESURES)()


@dag(schedule=PartitionedAtRuntime(), catchup=False)
def requete_nationale():
    etapes = ("extract_demandeurs", "clean_demandeurs", "judge_requete", "publish_core")
    chain(*(rien(nom)() for nom in etapes), rien("measure_requete", DEMANDEURS)())


@dag(schedule=PartitionedAssetTimetable(assets=DEMANDEURS), catchup=False)
def depots_caf():
    groupes = rien("list_lots", rend=grouper)()
    lots, questions = rien("write_lot").expand(_=groupes), rien("list_questions", rend=list)()
    lots >> rien("check_lots")() >> rien("announce_depots", LOTS)()
    lots >> questions
    questions >> [rien("write_modeles")(), rien("write_registres")(groupes)]
    rien("ask_decisions").expand(_=questions)


@dag(schedule=PartitionedAssetTimetable(assets=LOTS | RETOURS | MESURES), catchup=False)
def marts_indicateurs():
    rien("measure_depots")() >> rien("compute_indicateurs", INDICATEURS)()


@dag(schedule=PartitionedAssetTimetable(assets=INDICATEURS), catchup=False)
def rapports():
    rien("publish_diffusion")() >> rien("write_rapports", RAPPORTS)()


@dag(schedule=None)
def decisions_lots():
    """Known, and never asked: no lot is held."""
    rien("read_lot")()


mesures_services()
requete_nationale()
depots_caf()
marts_indicateurs()
rapports()
decisions_lots()
