"""The reference data that people drop: a run, asked for with a reason, puts them in force."""

from __future__ import annotations

from aller_vers_airflow.etapes.reference import apply_reference
from aller_vers_airflow.maison import dag_maison
from aller_vers_airflow.parametres import REFERENCE

DOC = """
### Prise de la référence

Met en vigueur les fichiers de référence déposés dans `AV_DEPOT_REFERENCE` (conventions, périmètres, groupes, Caf, Cpam,
codes postaux, régions), sans nouvelle image ni arrêt d'Airflow. À la main, avec un motif.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| apply_reference | contrôle tous les fichiers, les met en vigueur ensemble | rien n'a changé : corriger, relancer |

Un refus nomme le fichier, la ligne, la colonne et le remède. Un fichier déposé remplace celui qui est installé ; retiré
du dossier, il lui rend sa place à la prise suivante. Qui, quand et pourquoi restent dans `suivi.prise_reference`, et
chaque prise dans `prises/`. Les lots déjà déposés ne changent pas : la prise vaut pour les suivants.
"""


@dag_maison(
    "reference",
    schedule=None,
    is_paused_upon_creation=False,
    description="Met en vigueur les fichiers de référence déposés",
    doc_md=DOC,
    params=REFERENCE,
)
def reference() -> None:
    apply_reference()


reference()
