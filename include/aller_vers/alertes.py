"""What Airflow saw go wrong, as notices to the national team: a failure, its recovery, a month that is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.calendrier import PARIS
from aller_vers.envoi import EQUIPE
from aller_vers.erreurs import ErreurAllerVers
from aller_vers.mois import Mois
from aller_vers.sql import run_sql
from aller_vers.suivi import queue_avis


@dataclass(frozen=True)
class Incident:
    """A run that something is to be told of; ``mois`` and ``tache`` are empty where Airflow does not know them."""

    dag: str
    run_id: str
    mois: str
    tache: str
    depuis: datetime | None
    lien: str

    @property
    def libelle(self) -> str:
        """« juin 2025 », or that the run has no month."""
        try:
            return Mois.parse(self.mois).libelle
        except ErreurAllerVers:
            return "mois inconnu"

    @property
    def debut(self) -> str:
        """When the run started, Paris time."""
        return f"{self.depuis.astimezone(PARIS):%d/%m/%Y à %H:%M}" if self.depuis else "une date inconnue"


def announce_echec(entrepot: Connection, incident: Incident) -> bool:
    """Put the failure of a run into the outbox, once a run until the month recovers; return whether it is new."""
    retours, _ = _read_episode(entrepot, incident)
    tache = f" à la tâche {incident.tache}" if incident.tache else ""
    return queue_avis(
        entrepot,
        cle=f"echec/{incident.dag}/{incident.mois}/{retours}/{incident.run_id}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : échec de {incident.dag}, {incident.libelle}",
        corps=f"L'exécution de {incident.dag} pour {incident.libelle}, commencée le {incident.debut}, a échoué"
        f"{tache}. Le journal de la tâche dit pourquoi et quoi faire : {incident.lien}",
    )


def announce_retour(entrepot: Connection, incident: Incident) -> bool:
    """Put into the outbox, once, that a month whose failure was told has succeeded; nothing if none was."""
    retours, en_echec = _read_episode(entrepot, incident)
    return en_echec and queue_avis(
        entrepot,
        cle=f"retour/{incident.dag}/{incident.mois}/{retours}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : {incident.dag} rétabli, {incident.libelle}",
        corps=f"L'exécution de {incident.dag} pour {incident.libelle}, commencée le {incident.debut}, a réussi "
        f"après un échec. {incident.lien}",
    )


def announce_retard(entrepot: Connection, incident: Incident, heures: float) -> bool:
    """Put into the outbox, once a month, that its run has not succeeded so many hours after it was asked for."""
    duree = f"{heures:g}".replace(".", ",")
    return queue_avis(
        entrepot,
        cle=f"retard/{incident.dag}/{incident.mois}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : mois en retard, {incident.libelle}",
        corps=f"{incident.dag} n'a pas abouti pour {incident.libelle}, {duree} heures après avoir été demandé "
        f"(le {incident.debut}). Voir où en est l'exécution : {incident.lien}",
    )


def _read_episode(entrepot: Connection, incident: Incident) -> tuple[int, bool]:
    episode = run_sql(entrepot, "suivi/select_episode.sql", dag=incident.dag, mois=incident.mois).one()
    return episode.retours, episode.en_echec
