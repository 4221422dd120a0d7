"""The national request of a month: extract, clean, judge, publish, measure."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import REQUETE_NATIONALE
from aller_vers_airflow.alertes import ALERTES, build_retard
from aller_vers_airflow.calendrier import MoisTimetable
from aller_vers_airflow.parametres import REQUETE

DOC = """
### Requête nationale

Trouve tous les demandeurs d'AJPA et d'AJPP d'un mois, et les publie par Caf (IT 2025-098, §2.1).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| extract_demandeurs | copie le mois de la source vers `staging` | lire le message : source, contrat ou mois |
| clean_demandeurs | nettoie courriels, téléphones, codes postaux | relancer |
| judge_requete | compte les règles par Caf, rend un verdict | nation retenue : corriger la source, relancer |
| publish_core | publie les personnes transmissibles | relancer |
| measure_requete | enregistre les mesures, appelle depots_caf | relancer |

Chaque tâche se relance sans risque : elle remplace le mois, ou ne change rien.
Un mois se lance par sa clé de partition (`2025-06`) ou par le paramètre **mois**.
Un rattrapage (backfill) calcule les agrégats et ne dépose aucun lot, sauf demande.
"""


@dag(
    schedule=MoisTimetable(load_reglages().heure_requete, planifie=load_reglages().planification),
    catchup=False,
    max_active_runs=1,
    description="Trouve, nettoie, juge et publie les demandeurs du mois",
    doc_md=DOC,
    tags=["aller-vers", "mensuel"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    params=REQUETE,
    deadline=build_retard(),
    **ALERTES,
)
def requete_nationale() -> None:
    @task
    def extract_demandeurs() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import requete

        return requete.extract()

    @task
    def clean_demandeurs() -> object:
        from aller_vers_airflow import requete

        return requete.clean()

    @task
    def judge_requete() -> object:
        from aller_vers_airflow import requete

        return requete.judge()

    @task
    def publish_core() -> object:
        from aller_vers_airflow import requete

        return requete.publish()

    @task(outlets=[REQUETE_NATIONALE])
    def measure_requete() -> object:
        from aller_vers_airflow import requete

        return requete.measure()

    extract_demandeurs() >> clean_demandeurs() >> judge_requete() >> publish_core() >> measure_requete()


requete_nationale()
