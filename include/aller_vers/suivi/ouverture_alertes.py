"""What Airflow saw go wrong, as notices to the national team: a failure, its recovery, a month that is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.suivi.alertes import Constat, Suite, follow, format_instant
from aller_vers.suivi.envoi import EQUIPE
from aller_vers.suivi.evenements import queue_avis

_ECHEC, _RETARD = "echec", "retard"


@dataclass(frozen=True)
class Incident:
    """A run that something is to be told of; month, Caf and task are empty where there is none.

    ``depuis``: when the run started.
    """

    dag: str
    run_id: str
    mois: str
    tache: str
    depuis: datetime | None
    lien: str
    code_caf: str = ""

    @property
    def libelle(self) -> str:
        """« depots_caf, juin 2025 », and the Caf of a run that is for one."""
        try:
            mois = f", {Mois.parse(self.mois).libelle}"
        except ErreurAllerVers:
            mois = ""
        return self.dag + mois + (f", Caf {self.code_caf}" if self.code_caf else "")

    @property
    def sujet(self) -> str:
        """What these failures are one story of: the DAG, and the Caf of a run that is for one."""
        return f"dag:{self.dag}" + (f"/{self.code_caf}" if self.code_caf else "")


def announce_echec(entrepot: Connection, incident: Incident, maintenant: datetime) -> bool:
    """Put the failure of a run into the outbox; the same one again is told on another day, as lasting.

    Returns:
        Whether there was something to tell.
    """
    suite = _follow(entrepot, incident, Constat(incident.tache, _ECHEC), maintenant)
    if not suite.a_dire:
        return False
    encore = f" toujours, depuis le {format_instant(suite.toujours[0].depuis)}" if suite.toujours else ""
    tache = f" à la tâche {incident.tache}" if incident.tache else ""
    return queue_avis(
        entrepot,
        cle="/".join(
            filter(None, ("echec", incident.sujet, incident.mois, incident.tache, maintenant.isoformat()))
        ),
        destinataire=EQUIPE,
        objet=f"Proches aidants : {'échec répété' if encore else 'échec'} de {incident.libelle}",
        corps=f"L'exécution de {incident.libelle}, commencée le {format_instant(incident.depuis)}, "
        f"{'échoue' if encore else 'a échoué'}{encore}{tache}. "
        f"Le journal de la tâche dit pourquoi et quoi faire : {incident.lien}",
    )


def announce_retour(entrepot: Connection, incident: Incident, maintenant: datetime) -> bool:
    """Put into the outbox that what was told as failing or late has succeeded; nothing if nothing was told."""
    suite = follow(entrepot, incident.sujet, incident.mois, (), maintenant)
    return bool(suite.finies) and queue_avis(
        entrepot,
        cle=f"retour/{incident.sujet}/{incident.mois}/{maintenant.isoformat()}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : {incident.libelle} : rétabli",
        corps=f"L'exécution de {incident.libelle}, commencée le {format_instant(incident.depuis)}, a réussi ; "
        f"l'alerte durait depuis le {format_instant(min(a.depuis for a in suite.finies))}. {incident.lien}",
    )


def announce_retard(entrepot: Connection, incident: Incident, heures: float, maintenant: datetime) -> bool:
    """Put into the outbox, once a day, that a month has not succeeded so many hours after it was asked for."""
    duree = f"{heures:g}".replace(".", ",")
    return _follow(entrepot, incident, Constat("", _RETARD), maintenant).a_dire and queue_avis(
        entrepot,
        cle=f"retard/{incident.sujet}/{incident.mois}/{maintenant.isoformat()}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : mois en retard, {incident.libelle}",
        corps=f"{incident.libelle} : l'exécution n'a pas abouti {duree} heures après avoir été demandée "
        f"(le {format_instant(incident.depuis)}). Voir où elle en est : {incident.lien}",
    )


def _follow(entrepot: Connection, incident: Incident, constat: Constat, maintenant: datetime) -> Suite:
    constat = Constat(f"{constat.gravite}/{constat.regle}", constat.gravite)
    return follow(entrepot, incident.sujet, incident.mois, (constat,), maintenant, complet=False)
