"""The measures that no system produces: files of a watched folder, taken every business day."""

from __future__ import annotations

from aller_vers_airflow.etapes.fichiers_recus import check_fichiers
from aller_vers_airflow.etapes.mesures_declarees import announce_mesures, collect_mesures, write_modeles
from aller_vers_airflow.maison import TACHES_PARTAGE, dag_maison, schedule_cron

DOC = """
### Mesures déclarées

Prend les fichiers déposés dans `<partage>/mesures/retours/` (réglage **dossier_mesures**) : formation, guides, coûts,
enquêtes, populations, familles monoparentales. Du lundi au vendredi à 7 h (Paris). Les mesures acceptées sont celles
de `include/configuration/mesures_declarees.yml`, et leurs modèles sont dans `modeles/`. Une enquête y vient par deux
fichiers, ses marges et ses réponses : le redressement est écrit dans `mesures/enquetes/`.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| write_modeles | dépose les modèles et leur notice | vérifier le partage, relancer |
| collect_mesures | prend chaque fichier en entier, ou le refuse dans `mesures/refuses/` avec la raison | relancer |
| announce_mesures | appelle marts_indicateurs pour les mois touchés | relancer |
| check_fichiers | dit si un fichier ne se lit ni ne se déplace | corriger les droits du dossier |

Déposer de nouveau une ligne la remplace ; l'ancienne valeur reste dans l'historique. Vide veut dire « non fourni ».
"""


@dag_maison(
    "jours-ouvres",
    schedule=schedule_cron("0 7 * * 1-5"),
    description="Prend les fichiers de mesures déclarées",
    default_args=TACHES_PARTAGE,
    doc_md=DOC,
)
def mesures_declarees() -> None:
    bilan = collect_mesures()
    write_modeles() >> bilan
    bilan >> announce_mesures()
    check_fichiers(bilan)


mesures_declarees()
