"""The purge, every day: what has served is destroyed, and the destruction is proven."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("0 4 * * *", timezone="Europe/Paris")

DOC = """
### Purge

Détruit chaque jour ce qui a servi, dans les tables et sur le partage, puis prouve qu'il n'en reste rien
(R.114-9-7 CRPA ; IT 2025-098, §2.2). Tous les jours à 4 h (Paris) ; sur un poste, à la demande.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| purge_personnes | détruit les lots et les mois échus, atteste chacun dans le registre | lire le message ; relancer |
| prove_destruction | cherche encore tout ce qui est attesté détruit | des données sont revenues : les détruire |
| purge_fichiers | retire du partage les fichiers refusés, et les sauvegardes, après leur durée | relancer |
| clean_airflow | `airflow db clean` sans archives, et les journaux des tâches | relancer |
| seal_trace | vérifie la trace, purge celle de plus de 36 mois, scelle le registre du mois | ne rien corriger |

Un lot part un mois après son traitement par toutes ses Cpam, et au plus tard trois mois après son premier dépôt
(réglages `mois_apres_traitement`, `mois_avant_purge`). Un lot du partage que la trace ne connaît pas (base restaurée)
part à la date de son manifeste ; un dossier échu qui tient autre chose n'est pas touché, et la tâche échoue. Un partage
absent n'arrête pas le reste : ce qu'il peut encore tenir n'est pas attesté, et la prochaine purge l'achève. Un mois
détruit n'est plus jamais extrait ni déposé.
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    description="Détruit ce qui a servi, et le prouve",
    doc_md=DOC,
    tags=["aller-vers", "quotidien"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def purge() -> None:
    @task
    def purge_personnes() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import destruction

        return destruction.purge()

    @task
    def prove_destruction() -> object:
        from aller_vers_airflow import destruction

        return destruction.prove()

    @task
    def purge_fichiers() -> object:
        from aller_vers_airflow import destruction

        return destruction.purge_fichiers()

    @task
    def clean_airflow() -> object:
        from aller_vers_airflow import destruction

        return destruction.clean_airflow()

    @task
    def seal_trace() -> object:
        from aller_vers_airflow import destruction

        return destruction.seal()

    purge_personnes() >> prove_destruction()
    purge_fichiers()
    clean_airflow()
    seal_trace()


purge()
