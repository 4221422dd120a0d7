"""The national request of a month: extract, clean, judge, publish, measure."""

from __future__ import annotations

from aller_vers_airflow.alertes import build_retard
from aller_vers_airflow.etapes.requete_nationale import (
    clean_demandeurs,
    extract_demandeurs,
    judge_requete,
    measure_requete,
    publish_core,
)
from aller_vers_airflow.maison import dag_maison, schedule_mois
from aller_vers_airflow.parametres import REQUETE

DOC = """
### Requête nationale

Trouve tous les demandeurs d'AJPA et d'AJPP d'un mois, et les publie par Caf (IT 2025-098, §2.1).

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| extract_demandeurs | copie le mois de la source vers `staging` | lire le message : source, contrat ou mois |
| clean_demandeurs | nettoie courriels, téléphones, codes postaux | relancer |
| judge_requete | compte les règles par Caf, rend un verdict | nation retenue : corriger la source, relancer |
| publish_core | publie les personnes transmissibles | relancer |
| measure_requete | enregistre les mesures, appelle depots_caf | relancer |

Chaque tâche se relance sans risque : elle remplace le mois, ou ne change rien.
Un mois se lance par sa clé de partition (`2025-06`) ou par le paramètre **mois**.
Un rattrapage (backfill) calcule les agrégats et ne dépose aucun lot, sauf demande.
"""


@dag_maison(
    "mensuel",
    schedule=schedule_mois(),
    description="Trouve, nettoie, juge et publie les demandeurs du mois",
    doc_md=DOC,
    params=REQUETE,
    deadline=build_retard(),
)
def requete_nationale() -> None:
    extract_demandeurs() >> clean_demandeurs() >> judge_requete() >> publish_core() >> measure_requete()


requete_nationale()
