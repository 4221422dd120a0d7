"""The measures of people's paths: computed at the source, for the month and those still followed."""

from __future__ import annotations

from aller_vers_airflow.etapes.mesures_services import measure_services
from aller_vers_airflow.maison import dag_maison, schedule_mois
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


@dag_maison(
    "mensuel",
    schedule=schedule_mois(),
    description="Compte à la source les mesures des parcours",
    doc_md=DOC,
    params=MOIS,
)
def mesures_services() -> None:
    measure_services()


mesures_services()
