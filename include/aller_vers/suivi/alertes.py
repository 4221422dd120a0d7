"""What is wrong now and since when: an alert is told when it opens, once a day while it lasts, when it ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import agree, write_instant, write_nombre
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.acteurs import name_acteur
from aller_vers.suivi.avis import EQUIPE, queue_avis

_ECHEC, _RETARD = "echec", "retard"


@dataclass(frozen=True)
class Constat:
    """One thing that is wrong: a rule for a Caf (empty: the nation), or a task of a run.

    ``precision``: what else a reader needs to find it (a Cpam, a file); it is told, not kept.
    """

    regle: str
    gravite: str
    code_caf: str = ""
    nombre: int | None = None
    precision: str = ""


@dataclass(frozen=True)
class Alerte:
    """A thing that is wrong, and since when."""

    constat: Constat
    depuis: datetime


@dataclass(frozen=True)
class Changements:
    """What changed on a subject: opened, still open, ended; ``a_dire``: somebody has to be told."""

    nouvelles: tuple[Alerte, ...]
    toujours: tuple[Alerte, ...]
    finies: tuple[Alerte, ...]
    a_dire: bool


def follow(
    entrepot: Connection,
    sujet: str,
    mois: str,
    constats: Collection[Constat],
    maintenant: datetime,
    *,
    complet: bool = True,
) -> Changements:
    """Compare what is wrong with what was, and keep it, in the caller's transaction; safe twice at once.

    Args:
        entrepot: as ``av_etl``.
        sujet: a gate or a DAG (``porte:requete``, ``dag:depots_caf``).
        mois: ``AAAA-MM``.
        constats: what is wrong now.
        maintenant: a thing that lasts is told again on another day (Paris) than the last time.
        complet: what is not among ``constats`` has ended; False: it may still be there.
    """
    lock(entrepot, "alerte", sujet, mois)
    jour = maintenant.astimezone(PARIS).date()
    connues = {
        (ligne.code_caf, ligne.regle): ligne
        for ligne in run_sql(entrepot, "suivi/select_alertes.sql", sujet=sujet, mois=mois)
    }
    nouvelles, toujours, rappel = list[Alerte](), list[Alerte](), False
    for constat in sorted(constats, key=lambda c: (c.regle, c.code_caf)):
        connue = connues.pop((constat.code_caf, constat.regle), None)
        meme = connue is not None and connue.gravite == constat.gravite
        alerte = Alerte(constat, connue.depuis if connue is not None and meme else maintenant)
        (toujours if meme else nouvelles).append(alerte)
        rappel = rappel or (connue is not None and connue.dite_le < jour)
        run_sql(
            entrepot, "suivi/open_alerte.sql",
            sujet=sujet, mois=mois, code_caf=constat.code_caf, regle=constat.regle, gravite=constat.gravite,
            nombre=constat.nombre, depuis=alerte.depuis, jour=jour,
        )  # fmt: skip
    finies = list[Alerte]()
    for ligne in connues.values() if complet else ():
        finies.append(Alerte(Constat(ligne.regle, ligne.gravite, ligne.code_caf, ligne.nombre), ligne.depuis))
        run_sql(
            entrepot, "suivi/close_alerte.sql",
            sujet=sujet, mois=mois, code_caf=ligne.code_caf, regle=ligne.regle,
        )  # fmt: skip
    return Changements(tuple(nouvelles), tuple(toujours), tuple(finies), bool(nouvelles or finies or rappel))


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
        """The French name of the DAG, its month, and the Caf of a run that is for one."""
        try:
            mois = f", {Mois.parse(self.mois).libelle}"
        except ErreurAllerVers:
            mois = ""
        return f"« {name_acteur(self.dag)} »" + mois + (f", Caf {self.code_caf}" if self.code_caf else "")

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
    encore = f" toujours, depuis le {write_instant(suite.toujours[0].depuis)}" if suite.toujours else ""
    tache = f" à la tâche {incident.tache}" if incident.tache else ""
    return queue_avis(
        entrepot,
        cle="/".join(
            filter(None, ("echec", incident.sujet, incident.mois, incident.tache, maintenant.isoformat()))
        ),
        destinataire=EQUIPE,
        objet=f"Proches aidants : {'échec répété' if encore else 'échec'} de {incident.libelle}",
        corps=f"L'exécution de {incident.libelle}, commencée {_write_debut(incident)}, "
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
        corps=f"L'exécution de {incident.libelle}, commencée {_write_debut(incident)}, a réussi ; "
        f"l'alerte durait depuis le {write_instant(min(a.depuis for a in suite.finies))}. {incident.lien}",
    )


def announce_retard(entrepot: Connection, incident: Incident, heures: float, maintenant: datetime) -> bool:
    """Put into the outbox, once a day, that a month has not succeeded so many hours after it was asked for."""
    duree = f"{write_nombre(heures, 0 if heures % 1 == 0 else 1)} {agree(heures, 'heure')}"
    return _follow(entrepot, incident, Constat("", _RETARD), maintenant).a_dire and queue_avis(
        entrepot,
        cle=f"retard/{incident.sujet}/{incident.mois}/{maintenant.isoformat()}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : mois en retard, {incident.libelle}",
        corps=f"{incident.libelle} : l'exécution n'a pas abouti {duree} après avoir été demandée "
        f"({_write_debut(incident)}). Voir où elle en est : {incident.lien}",
    )


def _follow(entrepot: Connection, incident: Incident, constat: Constat, maintenant: datetime) -> Changements:
    constat = Constat(f"{constat.gravite}/{constat.regle}", constat.gravite)
    return follow(entrepot, incident.sujet, incident.mois, (constat,), maintenant, complet=False)


def _write_debut(incident: Incident) -> str:
    return f"le {write_instant(incident.depuis)}" if incident.depuis else "à une date inconnue"
