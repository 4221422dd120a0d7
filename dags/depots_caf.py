"""The lots of a month: one a Caf, read back from the share, then told."""

from __future__ import annotations

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import PartitionedAssetTimetable

from aller_vers_airflow.actifs import DEMANDEURS
from aller_vers_airflow.etapes.depots_caf import (
    announce_depots,
    check_lots,
    list_lots,
    list_questions,
    write_lot,
    write_registres,
)
from aller_vers_airflow.etapes.retours_cpam import write_modeles
from aller_vers_airflow.maison import TACHES_PARTAGE, dag_maison
from aller_vers_airflow.parametres import DEPOTS

DOC = """
### Dépôts par Caf

Écrit sur le partage un lot par Caf (`<partage>/<code_caf>/<AAAA-MM>/v<n>/`), relit chaque lot, prévient.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| list_lots | dit quelles Caf ont un lot, essaie le partage | lire le message : c'est le partage |
| write_lot | écrit, puis relit, le lot d'une Caf (ou de `caf_par_tache`) | relancer cette seule tâche |
| list_questions | dit quels lots retenus attendent une décision | relancer |
| ask_decisions | pose une question par lot à decisions_lots, une seule fois | relancer |
| check_lots | relit les autres lots du mois (relancée, tous), juge | relancer write_lot pour les Caf nommées |
| write_registres | met à jour la fiche du registre de chaque Caf (`<code_caf>/registre/`) | relancer |
| write_modeles | tient prêt le dossier retours/ de chaque Caf : notice, accusé et modèles | relancer |
| announce_depots | prépare les avis, appelle marts_indicateurs | relancer |

Même contenu : rien n'est réécrit. Contenu différent : version n+1. Un lot sans manifeste n'existe pas.

**Déposer de nouveau** une Caf ou quelques-unes : « Trigger », le mois, leurs codes, le motif. Correction à la source :
relancer d'abord requete_nationale pour le mois ; seules les Caf concernées ont une nouvelle version. Un lot retenu
après un dépôt suspend la version en place (`SUSPENDU.txt`, avis à la Caf). Un mois détruit n'est plus jamais déposé.
"""


@dag_maison(
    "mensuel",
    schedule=PartitionedAssetTimetable(assets=DEMANDEURS),
    description="Dépose et relit un lot par Caf",
    doc_md=DOC,
    params=DEPOTS,
    default_args=TACHES_PARTAGE,
)
def depots_caf() -> None:
    groupes = list_lots()
    lots, questions = write_lot.expand(codes=groupes), list_questions()
    lots >> check_lots() >> announce_depots()
    lots >> questions
    # Whatever becomes of a lot, and once none waits for the machine any more.
    questions >> [write_modeles(), write_registres(groupes)]
    TriggerDagRunOperator.partial(
        task_id="ask_decisions", trigger_dag_id="decisions_lots", logical_date=None,
        skip_when_already_exists=True,
    ).expand_kwargs(questions)  # fmt: skip


depots_caf()
