"""The sending of notices: a DAG of its own, so that a mail server that is down delays no month."""

from __future__ import annotations

from aller_vers_airflow.etapes.envoi_avis import send_avis
from aller_vers_airflow.maison import dag_maison, schedule_cron

DOC = """
### Envoi des avis

Envoie ce que les autres DAGs ont mis dans la boîte d'envoi (`suivi.avis`) : dépôts, lots retenus, échecs, retards.
Par courriel (connexion av_smtp) ; à l'équipe nationale, aussi dans ses salons (Tchap, Mattermost, Teams...) si la
connexion av_apprise existe, son extra disant `{"salons": {"tchap": "matrixs://..."}}`.

Toutes les 15 minutes, du lundi au vendredi de 6 h à 20 h (Paris) ; sur un poste, à la demande.

| tâche | ce qu'elle fait | si elle échoue |
|---|---|---|
| send_avis | envoie un message par destinataire | lire le message : serveur, adresse ou réglage à corriger |

Un avis qui ne part pas reste dans la boîte et sera tenté de nouveau, de plus en plus tard :
rien à relancer une fois la cause corrigée. La tâche reste en échec tant qu'une voie configurée refuse un avis ; par
l'autre voie, l'équipe est avertie une fois par jour qu'une voie ne passe pas, puis qu'elle est rétablie. Avec des
salons et sans av_smtp, les courriels attendent, le journal les compte, et la tâche réussit.
Un avis part au moins une fois ; s'il part deux fois, c'est sous le même Message-ID.
"""


@dag_maison(
    "avis",
    schedule=schedule_cron("*/15 6-19 * * 1-5"),
    is_paused_upon_creation=True,
    description="Envoie les avis de la boîte d'envoi",
    doc_md=DOC,
)
def envoi_avis() -> None:
    send_avis()


envoi_avis()
