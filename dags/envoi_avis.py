"""The sending of notices: a DAG of its own, so that a mail server that is down delays no month."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.alertes import ALERTES

CADENCE = CronTriggerTimetable("*/15 6-19 * * 1-5", timezone="Europe/Paris")

DOC = """
### Envoi des avis

Envoie ce que les autres DAGs ont mis dans la boîte d'envoi (`suivi.avis`) : dépôts, lots retenus, échecs, retards.
Par courriel (connexion av_smtp) ; à l'équipe nationale, aussi dans ses salons (Tchap, Mattermost, Teams...) si la
connexion av_apprise existe, son extra disant `{"salons": {"tchap": "matrixs://..."}}`.

Toutes les 15 minutes, du lundi au vendredi de 6 h à 20 h (Paris) ; sur un poste, à la demande.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| send_avis | envoie un message par destinataire | lire le message : serveur, adresse ou réglage à corriger |

Un avis qui ne part pas reste dans la boîte et sera tenté de nouveau, de plus en plus tard (4 heures au plus) :
rien à relancer une fois la cause corrigée. La tâche reste en échec tant qu'une voie configurée refuse un avis ; par
l'autre voie, l'équipe est avertie une fois par jour qu'une voie ne passe pas, puis qu'elle est rétablie. Avec des
salons et sans av_smtp, les courriels attendent, le journal les compte, et la tâche réussit.
Un avis part au moins une fois ; s'il part deux fois, c'est sous le même Message-ID.
"""


@dag(
    schedule=CADENCE if load_reglages().planification else None,
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    doc_md=DOC,
    tags=["aller-vers", "avis"],
    default_args={"owner": "aller-vers", "retries": 1, "retry_delay": timedelta(seconds=30)},
    **ALERTES,
)
def envoi_avis() -> None:
    @task
    def send_avis() -> object:  # object: a dict would be pushed key by key
        from aller_vers_airflow import envoi

        return envoi.send()

    send_avis()


envoi_avis()
