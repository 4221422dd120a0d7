"""The sending of the outbox: notices of one recipient leave together, what fails is kept and tried again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import conjugate, count, write_instant
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import EQUIPE
from aller_vers.suivi.messagerie import EchecEnvoiError, Message

COURRIEL, APPRISE = "courriel", "apprise"
_PREMIER_DELAI, _DELAI_MAXIMAL = timedelta(minutes=15), timedelta(hours=4)
_NOMS_CITES = 10
_ADRESSE_INCONNUE, _CANAL_ABSENT, _SALON_INCONNU = "adresse_inconnue", "canal_absent", "salon_inconnu"
_SERVEUR = "la connexion Airflow av_smtp"
# Code: what happened, what to do. {qui} is who waits.
_CAUSES = {
    "injoignable": (
        "le serveur de messagerie ne répond pas",
        f"vérifier l'hôte et le port de {_SERVEUR}, et que ce serveur est démarré",
    ),
    "interrompu": ("le serveur de messagerie a coupé la liaison", "vérifier l'état de ce serveur"),
    "chiffrement": (
        "la liaison chiffrée avec le serveur de messagerie ne s'établit pas",
        f"vérifier starttls ou ssl dans l'extra de {_SERVEUR}, et le certificat du serveur",
    ),
    "identification": (
        "le serveur de messagerie refuse l'identification",
        f"corriger l'utilisateur et le mot de passe de {_SERVEUR}",
    ),
    "expediteur_refuse": (
        "le serveur de messagerie refuse l'expéditeur",
        f"corriger from dans l'extra de {_SERVEUR}",
    ),
    "destinataire_refuse": (
        "le serveur de messagerie refuse une adresse de {qui}",
        "corriger adresses_equipe_nationale ou adresses_caf dans les réglages",
    ),
    "message_refuse": (
        "le serveur de messagerie refuse le message pour {qui}",
        "demander la raison de ce code à qui tient ce serveur",
    ),
    "message_impossible": ("le message pour {qui} ne peut pas être écrit", "lire cet avis dans suivi.avis"),
    _ADRESSE_INCONNUE: (
        "aucune adresse connue pour {qui}",
        "compléter adresses_equipe_nationale ou adresses_caf dans les réglages",
    ),
    _CANAL_ABSENT: (
        "aucune voie d'envoi pour {qui}",
        f"créer {_SERVEUR}",
    ),
    _SALON_INCONNU: ("{qui} n'est plus dans la connexion Airflow av_apprise", "l'y remettre"),
    "salon_refuse": (
        "{qui} ne prend pas le message",
        "vérifier que ce service répond, et son adresse dans la connexion Airflow av_apprise",
    ),
    "salon_invalide": (
        "l'adresse de {qui} n'est pas une adresse d'Apprise",
        "la corriger dans la connexion Airflow av_apprise",
    ),
}


@dataclass(frozen=True)
class Avis:
    """A notice of the outbox."""

    cle: str
    destinataire: str
    canal: str
    objet: str
    corps: str
    cree_le: datetime
    tentatives: int


@dataclass(frozen=True)
class AvisEnAttente:
    """Notices that did not leave, or left for some addresses only; ``erreur`` None: nobody has tried yet."""

    erreur: str | None
    canal: str
    destinataire: str
    avis: int
    depuis: datetime


@dataclass(frozen=True)
class BilanEnvoi:
    """What a sending did. ``arrets``: ways out that took nothing, so that the notices not tried wait for them."""

    messages: int
    avis: int
    attente: tuple[AvisEnAttente, ...]
    partiels: tuple[AvisEnAttente, ...]
    arrets: frozenset[str]

    @property
    def sans_voie(self) -> int:
        """Notices whose way out is not set up: nothing refused them, they leave once it is."""
        return sum(a.avis for a in self.attente if a.erreur == _CANAL_ABSENT)

    def require_sent(self) -> None:
        """Make sure that nothing is left behind by a way out that is set up.

        Raises:
            ErreurAllerVers: how many notices, since when, why, and what to do.
        """
        restes = tuple(
            a
            for a in self.attente
            if a.erreur != _CANAL_ABSENT and (a.erreur or name_voie(a.canal, a.destinataire) in self.arrets)
        )
        if not restes and not self.partiels:
            return
        causes, remedes = _explain((*restes, *self.partiels))
        if not restes:
            raise ErreurAllerVers(
                conjugate(sum(p.avis for p in self.partiels), "avis", "est parti", "sont partis")
                + f" en partie : {causes}.",
                f"{remedes}.",
            )
        nombre, depuis = sum(a.avis for a in restes), min(a.depuis for a in restes)
        raise ErreurAllerVers(
            f"{conjugate(nombre, 'avis', 'attend', 'attendent')} dans la boîte d'envoi depuis le "
            f"{write_instant(depuis)} : {causes}.",
            f"{remedes} ; rien n'est perdu, l'envoi est tenté de nouveau de lui-même.",
        )


class Canal(Protocol):
    """A way out: takes a message and says None, or the code of a partial refusal; raises ``EchecEnvoiError``."""

    def send(self, message: Message) -> str | None:
        """Send one message."""


def send_avis(
    open_entrepot: Callable[[], AbstractContextManager[Connection]],
    canaux: Mapping[str, Canal],
    adresses: Mapping[str, Sequence[str]],
    maintenant: datetime,
    salons: Collection[str] = (),
) -> BilanEnvoi:
    """Send what waits in the outbox; safe twice at once, and to interrupt anywhere.

    A message is marked as sent in the transaction that holds it, after its server accepted it. If that
    transaction is lost, the message leaves again under the same Message-ID: at least once, never not at all.

    Args:
        open_entrepot: opens one transaction on the warehouse, as ``av_etl``.
        canaux: ways out by name (``courriel``, ``apprise``).
        adresses: addresses by recipient (``equipe_nationale``, ``caf:831``, ``salon:tchap``).
        maintenant: what is due is due now.
        salons: names of the rooms that get what the national team gets by mail.
    """
    with open_entrepot() as entrepot:
        lock(entrepot, "suivi.avis", "envoi")
        for salon in salons:
            run_sql(entrepot, "suivi/copy_avis.sql", destinataire=name_salon(salon)).all()
        run_sql(entrepot, "suivi/group_avis.sql")
        tetes = run_sql(entrepot, "suivi/select_a_envoyer.sql", maintenant=maintenant).all()
    messages, avis, partiels, arrets = 0, 0, list[AvisEnAttente](), set[str]()
    for message in tetes:
        tete, canal, destinataire = message.cle, message.canal, message.destinataire
        if name_voie(canal, destinataire) in arrets:
            continue
        with open_entrepot() as entrepot:
            groupe = _take(entrepot, tete, maintenant)
            if not groupe:
                continue
            try:
                refus = _send(groupe, canaux, adresses)
            except EchecEnvoiError as echec:
                _mark_echec(entrepot, groupe, echec.code, maintenant)
                if echec.arret:
                    arrets.add(name_voie(canal, destinataire))
            else:
                run_sql(entrepot, "suivi/mark_envoye.sql", tete=tete, maintenant=maintenant, erreur=refus)
                messages, avis = messages + 1, avis + len(groupe)
                if refus:
                    partiels.append(AvisEnAttente(refus, canal, destinataire, len(groupe), groupe[0].cree_le))
    with open_entrepot() as entrepot:
        return BilanEnvoi(messages, avis, load_attente(entrepot), tuple(partiels), frozenset(arrets))


def name_salon(nom: str) -> str:
    """Return the recipient that a room is in the outbox."""
    return f"salon:{nom}"


def name_voie(canal: str, destinataire: str) -> str:
    """Return what stops as a whole when it takes nothing: the mail server, or one room."""
    return destinataire if canal == APPRISE else canal


def load_attente(entrepot: Connection) -> tuple[AvisEnAttente, ...]:
    """Return what is still in the outbox, by cause and recipient."""
    lignes = run_sql(entrepot, "suivi/select_en_attente.sql")
    return tuple(AvisEnAttente(**ligne._mapping) for ligne in lignes)


def compose(groupe: Sequence[Avis], adresses: Sequence[str]) -> Message:
    """Return the one message that tells these notices of one recipient, oldest first."""
    tete = groupe[0]
    if len(groupe) == 1:
        return Message(tete.cle, tuple(adresses), tete.objet, f"{tete.corps}\n")
    corps = "\n\n".join(f"{n}. {a.objet}\n{a.corps}" for n, a in enumerate(groupe, 1))
    return Message(
        tete.cle, tuple(adresses), f"{tete.objet} (et {count(len(groupe) - 1, 'autre')})", f"{corps}\n"
    )


def compute_prochain(tentatives: int, maintenant: datetime) -> datetime:
    """Return when to try again after so many failures: a quarter of an hour, doubled each time, up to four hours."""
    return maintenant + min(_PREMIER_DELAI * (1 << min(tentatives - 1, 10)), _DELAI_MAXIMAL)


def _take(entrepot: Connection, tete: str, maintenant: datetime) -> list[Avis]:
    prise = run_sql(entrepot, "suivi/lock_envoi.sql", tete=tete, maintenant=maintenant).first()
    if prise is None:
        return []
    return [Avis(**ligne._mapping) for ligne in run_sql(entrepot, "suivi/select_avis.sql", tete=tete)]


def _send(
    groupe: Sequence[Avis], canaux: Mapping[str, Canal], adresses: Mapping[str, Sequence[str]]
) -> str | None:
    canal, connues = canaux.get(groupe[0].canal), adresses.get(groupe[0].destinataire, ())
    if canal is None and groupe[0].canal == COURRIEL:
        raise EchecEnvoiError(_CANAL_ABSENT, arret=False)
    if canal is None or not connues:
        code = _SALON_INCONNU if groupe[0].canal == APPRISE else _ADRESSE_INCONNUE
        raise EchecEnvoiError(code, arret=False)
    return canal.send(compose(groupe, connues))


def _mark_echec(entrepot: Connection, groupe: Sequence[Avis], code: str, maintenant: datetime) -> None:
    # What a setting mends is no server's refusal: it leaves as soon as the setting is there.
    essaye = code not in {_ADRESSE_INCONNUE, _CANAL_ABSENT, _SALON_INCONNU}
    prochain = compute_prochain(groupe[0].tentatives + 1, maintenant) if essaye else None
    run_sql(
        entrepot, "suivi/mark_echec.sql",
        tete=groupe[0].cle, erreur=code, prochain=prochain, essai=int(essaye),
    )  # fmt: skip


def _explain(restes: Sequence[AvisEnAttente]) -> tuple[str, str]:
    par_code: dict[str, list[str]] = {}
    for reste in restes:
        if reste.erreur:
            par_code.setdefault(reste.erreur, []).append(reste.destinataire)
    causes, remedes = [], dict[str, None]()
    for code, qui in par_code.items():
        cause, remede = _CAUSES[code.partition(" ")[0]]
        causes.append(f"{cause.format(qui=_name(qui))} (code {code})")
        remedes[remede] = None
    return " ; ".join(causes), " ; ".join(remedes)


def _name(destinataires: Sequence[str]) -> str:
    noms = sorted(
        {
            "l'équipe nationale" if d == EQUIPE else d.replace("caf:", "Caf ").replace("salon:", "le salon ")
            for d in destinataires
        }
    )
    autres = len(noms) - _NOMS_CITES
    return ", ".join(noms[:_NOMS_CITES]) + (f" et {count(autres, 'autre')}" if autres > 0 else "")
