"""The follow-up of the transmissions: acknowledgements read, reminders, escalation."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("0 7 * * 1-5", timezone="Europe/Paris")

DOC = """
### Suivi des transmissions

Lit les accusés que les Caf déposent dans `<caf>/retours/`, les inscrit au registre, relance ce qui manque. Du lundi
au vendredi à 7 h (Paris) ; les délais sont en jours ouvrés, un jour férié ne relance donc personne.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| read_accuses | inscrit les accusés ; refuse le reste dans `<caf>/refuses/` | vérifier le partage, relancer |
| remind_caf | prépare les relances, une par lot et par étape (J+5, J+10, équipe à J+15) | relancer |
| check_accuses | dit les Caf dont un fichier ne se lit ni ne se déplace | corriger les droits de leur dossier |

Un fichier refusé n'arrête rien. Un fichier qui ressemble à des données personnelles est détruit ; sa raison reste.
Rien n'est envoyé d'ici à une Cpam : le portail simulé (`portail: simule`) n'envoie rien et n'inscrit rien.
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    description="Lit les accusés, relance les lots sans accusé",
    doc_md=DOC,
    tags=["aller-vers", "jours-ouvres"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def suivi_transmissions() -> None:
    @task
    def read_accuses() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import reception

        return reception.read_accuses()

    @task
    def remind_caf() -> object:
        from aller_vers_airflow import reception

        return reception.remind()

    @task
    def check_accuses(bilan: object) -> None:
        from aller_vers_airflow import reception

        reception.check(bilan)

    lus = read_accuses()
    lus >> remind_caf()
    check_accuses(lus)


suivi_transmissions()
