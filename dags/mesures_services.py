"""The measures of people's paths: computed at the source, for the month and those still followed."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import MESURES_SERVICES
from aller_vers_airflow.alertes import ALERTES
from aller_vers_airflow.calendrier import MoisTimetable
from aller_vers_airflow.parametres import MOIS

DOC = """
### Mesures des services

Fait compter par la source, sans qu'aucune personne n'en sorte, les profils des demandeurs, les droits ouverts et
leurs délais, le parcours séparation (annexe 5) et les contacts. Chaque mois, recompte aussi les mois dont le suivi
(M+4) n'est pas terminé : une séparation ou une demande se juge quatre mois après.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| measure_services | compte et remplace les mesures de chaque mois, appelle marts_indicateurs | relancer |

Un mois se relance sans risque : ses mesures sont remplacées par ce que dit la source aujourd'hui.
"""


@dag(
    schedule=MoisTimetable(load_reglages().heure_requete, planifie=load_reglages().planification),
    catchup=False,
    max_active_runs=1,
    description="Compte à la source les mesures des parcours",
    doc_md=DOC,
    tags=["aller-vers", "mensuel"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    params=MOIS,
    **ALERTES,
)
def mesures_services() -> None:
    @task(outlets=[MESURES_SERVICES])
    def measure_services() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import mesures

        return mesures.measure_services()

    measure_services()


mesures_services()
