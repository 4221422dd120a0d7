"""The returns of the Cpam: read, judged, measured; their templates."""

from __future__ import annotations

from aller_vers_airflow.etapes.fichiers_recus import check_fichiers
from aller_vers_airflow.etapes.retours_cpam import (
    announce_retours,
    judge_retours,
    publish_retours,
    read_retours,
    write_modeles,
)
from aller_vers_airflow.maison import TACHES_PARTAGE, dag_maison, schedule_cron

DOC = """
### Retours des Cpam

Lit les retours que les Caf déposent dans `<caf>/retours/`, et les Cpam (bilan, profils) dans
`cpam/<code>/retours/` (des comptes, jamais des personnes), les juge, les mesure.
Du lundi au vendredi à 7 h 30 (Paris).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| write_modeles | dépose les modèles à remplir dans `<caf>/retours/modeles/` | vérifier le partage, relancer |
| read_retours | garde chaque retour ; refuse le reste dans `<caf>/refuses/` | vérifier le partage, relancer |
| judge_retours | compte les règles, juge par Caf et Cpam | relancer |
| publish_retours | trace, mesures des mois touchés, avis aux Caf | relancer |
| announce_retours | appelle marts_indicateurs pour ces mois | relancer |
| check_fichiers | dit les Caf dont un fichier ne se lit ni ne se déplace | corriger les droits de leur dossier |

Un retour retenu n'est mesuré nulle part ; il est jugé de nouveau chaque jour, jusqu'à sa correction ou à l'accusé qui
lui manque. Une correction remplace le retour de sa clé ; vide veut dire « non fourni », qui n'est pas zéro.
"""


@dag_maison(
    "jours-ouvres",
    schedule=schedule_cron("30 7 * * 1-5"),
    description="Lit, juge et mesure les retours des Cpam",
    default_args=TACHES_PARTAGE,
    doc_md=DOC,
)
def retours_cpam() -> None:
    lus = read_retours()
    lus >> judge_retours() >> publish_retours() >> announce_retours()
    check_fichiers(lus)
    write_modeles()


retours_cpam()
