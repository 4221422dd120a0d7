"""Objections: treated every hour, without an identifier ever entering Airflow."""

from __future__ import annotations

from aller_vers_airflow.etapes.oppositions import apply_oppositions
from aller_vers_airflow.maison import dag_maison, schedule_cron

DOC = """
### Oppositions

Détruit partout, sans délai, les personnes qui s'opposent (article L.114-8 II du CRPA). Toutes les heures ; sur un
poste, à la demande. L'opposition s'enregistre par `python -m aller_vers opposition`, qui lit l'identifiant sur
l'entrée standard et n'en garde qu'une empreinte à clé : **ne jamais écrire un identifiant dans Airflow**.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| apply_oppositions | efface la personne des tables, refait son lot, prévient sa Caf | corriger la cause, relancer |

Les tables sont purgées d'abord, même si le partage est absent ; le lot est refait dès qu'il revient. Les extractions
suivantes comparent chaque identifiant aux empreintes et laissent la personne de côté.
"""


@dag_maison(
    "oppositions",
    schedule=schedule_cron("20 * * * *"),
    description="Détruit partout les personnes qui s'opposent, refait leur lot",
    doc_md=DOC,
)
def oppositions() -> None:
    apply_oppositions()


oppositions()
