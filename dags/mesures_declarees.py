"""The measures that no system produces: files of a watched folder, taken every business day."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import MESURES_SERVICES
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("0 7 * * 1-5", timezone="Europe/Paris")

DOC = """
### Mesures déclarées

Prend les fichiers déposés dans `<partage>/mesures/retours/` (réglage **dossier_mesures**) : formation, guides, coûts,
enquêtes, populations, familles monoparentales. Du lundi au vendredi à 7 h (Paris). Les mesures acceptées sont celles
de `include/configuration/mesures_declarees.yml`, et leurs modèles sont dans `modeles/`.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| write_modeles | dépose les modèles et leur notice | vérifier le partage, relancer |
| collect_mesures | prend chaque fichier en entier, ou le refuse dans `mesures/refuses/` avec la raison | relancer |
| announce_mesures | appelle marts_indicateurs pour les mois touchés | relancer |
| check_mesures | dit si un fichier ne se lit ni ne se déplace | corriger les droits du dossier |

Déposer de nouveau une ligne la remplace ; l'ancienne valeur reste dans l'historique. Vide veut dire « non fourni ».
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    description="Prend les fichiers de mesures déclarées",
    doc_md=DOC,
    tags=["aller-vers", "jours-ouvres"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def mesures_declarees() -> None:
    @task
    def write_modeles() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import mesures

        return mesures.write_modeles()

    @task
    def collect_mesures() -> object:
        from aller_vers_airflow import mesures

        return mesures.collect_mesures()

    @task(outlets=[MESURES_SERVICES])
    def announce_mesures() -> object:
        from aller_vers_airflow import mesures

        return mesures.announce_mesures()

    @task
    def check_mesures(bilan: object) -> None:
        from aller_vers_airflow import mesures

        mesures.check_mesures(bilan)

    bilan = collect_mesures()
    write_modeles() >> bilan
    bilan >> announce_mesures()
    check_mesures(bilan)


mesures_declarees()
