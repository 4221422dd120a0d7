"""The purge, every day: what has served is destroyed, and the destruction is proven."""

from __future__ import annotations

from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.reglages_conservation import MOIS_TRACE
from aller_vers_airflow.etapes.purge import (
    clean_airflow,
    prove_destruction,
    purge_fichiers,
    purge_personnes,
    seal_trace,
)
from aller_vers_airflow.maison import dag_maison, schedule_cron

REGLAGES = load_reglages()

DOC = f"""
### Purge

Détruit chaque jour ce qui a servi, dans les tables et sur le partage, puis prouve qu'il n'en reste rien
(R.114-9-7 CRPA ; IT 2025-098, §2.2). Tous les jours à 4 h (Paris) ; sur un poste, à la demande.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| purge_personnes | détruit les lots et les mois échus, atteste chacun dans la trace | lire le message ; relancer |
| prove_destruction | cherche encore tout ce qui est attesté détruit | des données sont revenues : les détruire |
| purge_fichiers | retire les fichiers reçus (pris, refusés, en quarantaine) et les sauvegardes échus | relancer |
| clean_airflow | `airflow db clean` sans archives, et les journaux des tâches | relancer |
| seal_trace | vérifie (tout à chaque sceau), purge (plus de {MOIS_TRACE} mois), scelle, date | ne rien corriger |

Un lot part {REGLAGES.mois_apres_traitement} mois après son traitement par toutes ses Cpam, et au plus tard
{REGLAGES.mois_avant_purge} mois après son premier dépôt (réglages `mois_apres_traitement`, `mois_avant_purge`).
Un lot du partage que la trace ne connaît pas (base restaurée) part à la date de son manifeste ; un
dossier échu qui tient autre chose n'est pas touché, et la tâche échoue. Un partage absent n'arrête pas le reste : ce
qu'il peut encore tenir n'est pas attesté, et la prochaine purge l'achève. Une Caf dont le
lot est détruit n'est plus jamais extraite ni déposée pour ce mois ; ses chiffres restent, et le mois peut être relancé
pour les autres jusqu'au dernier lot.
"""


@dag_maison(
    "quotidien",
    schedule=schedule_cron("0 4 * * *"),
    description="Détruit ce qui a servi, et le prouve",
    doc_md=DOC,
)
def purge() -> None:
    purge_personnes() >> prove_destruction()
    purge_fichiers()
    clean_airflow()
    seal_trace()


purge()
