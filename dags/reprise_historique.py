"""The aggregates of years past, taken up again at the source in one pass; asked for by hand, once."""

from __future__ import annotations

from aller_vers_airflow.etapes.mesures_services import measure_historique
from aller_vers_airflow.maison import dag_maison
from aller_vers_airflow.parametres import DEPUIS

DOC = """
### Reprise de l'historique

Compte à la source, en une passe et sans qu'aucune personne n'en sorte, ce que des indicateurs cumulent depuis
l'origine (les demandes d'AJPA depuis octobre 2020). À lancer une fois, à la mise en service, ou quand la source corrige
ces années.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| measure_historique | compte les mois d'avant, refait les cumuls depuis l'origine | corriger la cause, relancer |

Un mois déjà calculé garde ses mesures. Les rapports disent « depuis octobre 2020, 61 mois » à leur prochaine écriture.
"""


@dag_maison(
    "mensuel",
    schedule=None,
    description="Compte à la source les mois d'avant, pour les cumuls depuis l'origine",
    doc_md=DOC,
    params=DEPUIS,
    is_paused_upon_creation=False,  # nothing starts it but who asks for it
)
def reprise_historique() -> None:
    measure_historique()


reprise_historique()
