"""A held lot is put to the national team: one run a Caf, so that no decision waits for another."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.etapes.decisions_lots import keep_lot, read_lot
from aller_vers_airflow.etapes.question_posee import GARDER, LIBERER, DecisionOperator
from aller_vers_airflow.maison import dag_maison
from aller_vers_airflow.parametres import DECISION, MOTIF

DOC = """
### Décisions sur les lots retenus

Demande à l'équipe nationale ce que devient un lot retenu : le libérer, avec un motif écrit, ou le garder.
Une exécution par Caf, demandée par depots_caf ou à la main. Qui, quand et pourquoi entrent dans la trace.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| read_lot | relit pourquoi le lot est retenu | relancer |
| ask_decision | pose la question, inscrit la réponse | si le verdict a changé depuis, relancer read_lot |
| trigger_depot | lance depots_caf pour cette seule Caf | relancer |
| keep_lot | regarde si le lot, gardé, est déjà sur le partage | relancer |
| trigger_suspension | s'il y est, lance depots_caf, qui le suspend | relancer |

Répondre : menu **Actions requises** ; un motif qui ressemble à une donnée personnelle est refusé à l'envoi ;
trop long, il fait reposer la question.
Sans réponse dans le délai, le lot reste retenu et l'équipe en est avertie.
Pour changer d'avis, jusqu'à la destruction du mois : « Revoir » sur la page de pilotage, ou lancer ce DAG avec le mois
et la Caf. La dernière réponse vaut ; les précédentes restent dans la trace.
"""


@dag_maison(
    "decision",
    schedule=None,
    max_active_runs=200,
    is_paused_upon_creation=False,
    description="Demande à l'équipe nationale de libérer ou de garder un lot retenu",
    doc_md=DOC,
    params=DECISION,
)
def decisions_lots() -> None:
    def trigger(task_id: str, motif: str) -> TriggerDagRunOperator:
        return TriggerDagRunOperator(
            task_id=task_id, trigger_dag_id="depots_caf", logical_date=None,
            conf={"mois": "{{ params.mois }}", "caf": ["{{ params.caf }}"], "motif": motif},
        )  # fmt: skip

    ask_decision = DecisionOperator(
        task_id="ask_decision",
        subject="{{ ti.xcom_pull(task_ids='read_lot')['objet'] }}",
        body="{{ ti.xcom_pull(task_ids='read_lot')['texte'] }}",
        params=MOTIF,
        options_mapping={LIBERER: "trigger_depot", GARDER: "keep_lot"},
        response_timeout=timedelta(hours=load_reglages().heures_reponse_decision),
        execution_timeout=None,  # it waits for people
        retries=20,
        retry_delay=timedelta(seconds=5),
    )
    garde = keep_lot()
    read_lot() >> ask_decision >> [trigger("trigger_depot", "lot libéré par une décision"), garde]
    garde >> trigger("trigger_suspension", "lot retenu par une décision")


decisions_lots()
