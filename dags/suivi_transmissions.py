"""The follow-up of the transmissions: acknowledgements read, reminders, escalation."""

from __future__ import annotations

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.etapes.fichiers_recus import check_fichiers
from aller_vers_airflow.etapes.suivi_transmissions import read_accuses, remind_caf
from aller_vers_airflow.maison import TACHES_PARTAGE, dag_maison, schedule_cron

REGLAGES = load_reglages()
ETAPES = [*(f"J+{j}" for j in REGLAGES.relances_caf_jours), f"équipe à J+{REGLAGES.relance_equipe_jours}"]

DOC = f"""
### Suivi des transmissions

Lit les accusés que les Caf déposent dans `<caf>/retours/`, les inscrit dans la trace, relance ce qui manque. Du lundi
au vendredi à 7 h (Paris) ; les délais sont en jours ouvrés, un jour férié ne relance donc personne.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| read_accuses | inscrit les accusés ; refuse le reste dans `<caf>/refuses/` | vérifier le partage, relancer |
| remind_caf | relance ({", ".join(ETAPES)}) : accusé, retour, certificat, version à détruire | relancer |
| check_fichiers | dit les Caf dont un fichier ne se lit ni ne se déplace | corriger les droits de leur dossier |

Un fichier refusé n'arrête rien. Un fichier qui contient une donnée personnelle est détruit, celui qui en contient
peut-être une attend en quarantaine une décision de l'équipe ; la raison reste.
Rien n'est envoyé d'ici à une Cpam : le portail simulé (`portail: simule`) n'envoie rien et n'inscrit rien.
"""


@dag_maison(
    "jours-ouvres",
    schedule=schedule_cron("0 7 * * 1-5"),
    description="Lit les accusés, relance les lots sans accusé",
    default_args=TACHES_PARTAGE,
    doc_md=DOC,
)
def suivi_transmissions() -> None:
    lus = read_accuses()
    lus >> remind_caf()
    check_fichiers(lus)


suivi_transmissions()
