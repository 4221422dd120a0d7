"""The returns of the Cpam: read, judged, measured; their templates."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import RETOURS_CPAM
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("30 7 * * 1-5", timezone="Europe/Paris")

DOC = """
### Retours des Cpam

Lit les retours que les Caf déposent dans `<caf>/retours/` (des comptes, jamais des personnes), les juge, les mesure.
Du lundi au vendredi à 7 h 30 (Paris).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| write_modeles | dépose les modèles à remplir dans `<caf>/retours/modeles/` | vérifier le partage, relancer |
| read_retours | garde chaque retour ; refuse le reste dans `<caf>/refuses/` | vérifier le partage, relancer |
| judge_retours | compte les règles, juge par Caf et Cpam | relancer |
| publish_retours | registre, mesures des mois touchés, avis aux Caf | relancer |
| announce_retours | appelle marts_indicateurs pour ces mois | relancer |
| check_retours | dit les Caf dont un fichier ne se lit ni ne se déplace | corriger les droits de leur dossier |

Un retour retenu n'est mesuré nulle part ; il est jugé de nouveau chaque jour, jusqu'à sa correction ou à l'accusé qui
lui manque. Une correction remplace le retour de sa clé ; vide veut dire « non fourni », qui n'est pas zéro.
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    description="Lit, juge et mesure les retours des Cpam",
    doc_md=DOC,
    tags=["aller-vers", "jours-ouvres"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def retours_cpam() -> None:
    @task
    def write_modeles() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import reception

        return reception.write_modeles()

    @task
    def read_retours() -> object:
        from aller_vers_airflow import reception

        return reception.read_retours()

    @task
    def judge_retours() -> object:
        from aller_vers_airflow import reception

        return reception.judge()

    @task
    def publish_retours() -> object:
        from aller_vers_airflow import reception

        return reception.publish()

    @task(outlets=[RETOURS_CPAM])
    def announce_retours() -> object:
        from aller_vers_airflow import reception

        return reception.announce()

    @task
    def check_retours(bilan: object) -> None:
        from aller_vers_airflow import reception

        reception.check(bilan)

    lus = read_retours()
    lus >> judge_retours() >> publish_retours() >> announce_retours()
    check_retours(lus)
    write_modeles()


retours_cpam()
