"""The mail server: one session for many messages, and refusals told by a code, never by the server's own text."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from types import TracebackType
from typing import Any, Literal, Self

Chiffrement = Literal["starttls", "ssl", "aucun"]


def read_chiffrement(extra: Mapping[str, Any]) -> Chiffrement:
    """Return how a connection's extra wants its server reached; in an address, ``false`` is a word."""

    def read(nom: str, defaut: bool) -> bool:
        return str(extra.get(nom, defaut)).lower() not in ("false", "0", "")

    if read("ssl", False):
        return "ssl"
    if read("starttls", True):
        return "starttls"
    return "aucun"


@dataclass(frozen=True)
class Serveur:
    """A mail server and who writes from it; ``delai`` is what it has to answer in, in seconds."""

    hote: str
    port: int
    expediteur: str
    chiffrement: Chiffrement = "starttls"
    utilisateur: str = ""
    mot_de_passe: str = field(default="", repr=False)
    delai: float = 20


@dataclass(frozen=True)
class Message:
    """What leaves: ``cle`` names it for ever, so that the same message twice is seen as one."""

    cle: str
    adresses: tuple[str, ...]
    objet: str
    corps: str


class EchecEnvoiError(Exception):
    """A message did not leave: a code and the server's number. ``arret``: no other one would either."""

    def __init__(self, code: str, *, arret: bool) -> None:
        super().__init__(code)
        self.code = code
        self.arret = arret


class Messagerie:
    """A session with a mail server, opened by the first message; to be used in a ``with``."""

    def __init__(self, serveur: Serveur, maintenant: datetime) -> None:
        self._serveur = serveur
        self._maintenant = maintenant
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def check(self) -> None:
        """Open the session and send nothing.

        Raises:
            EchecEnvoiError: the server does not answer, or refuses the encryption or the account.
        """
        self._open()

    def send(self, message: Message) -> str | None:
        """Give the message to the server, and return once it has accepted it.

        Returns:
            None, or the code of the refusal when the server took it for some of the addresses only.

        Raises:
            EchecEnvoiError: it did not leave.
        """
        try:
            courriel = build_courriel(message, self._serveur.expediteur, self._maintenant)
        except (ValueError, LookupError):
            raise EchecEnvoiError("message_impossible", arret=False) from None
        ancienne = self._session is not None
        try:
            return self._transmit(courriel)
        except EchecEnvoiError as echec:
            # Servers end a session after so many messages: that is no refusal.
            if not (ancienne and echec.code in {"interrompu", "interrompu 421"}):
                raise
        return self._transmit(courriel)

    def _transmit(self, courriel: EmailMessage) -> str | None:
        session = self._open()
        try:
            refusees = session.send_message(courriel)
        except smtplib.SMTPRecipientsRefused as refus:
            numero = min(code for code, _ in refus.recipients.values())
            raise self._fail("interrompu" if numero == 421 else "destinataire_refuse", numero) from None
        except smtplib.SMTPSenderRefused as refus:
            cause = "interrompu" if refus.smtp_code == 421 else "expediteur_refuse"
            raise self._fail(cause, refus.smtp_code) from None
        except smtplib.SMTPResponseException as refus:
            cause = "interrompu" if refus.smtp_code == 421 else "message_refuse"
            raise self._fail(cause, refus.smtp_code) from None
        except OSError:  # SMTPServerDisconnected is one
            raise self._fail("interrompu") from None
        return _code("destinataire_refuse", min(code for code, _ in refusees.values())) if refusees else None

    def _open(self) -> smtplib.SMTP:
        if self._session is not None:
            return self._session
        serveur = self._serveur
        contexte = ssl.create_default_context()
        try:
            if serveur.chiffrement == "ssl":
                self._session = smtplib.SMTP_SSL(
                    serveur.hote, serveur.port, timeout=serveur.delai, context=contexte
                )
            else:
                self._session = smtplib.SMTP(serveur.hote, serveur.port, timeout=serveur.delai)
            if serveur.chiffrement == "starttls":
                self._session.starttls(context=contexte)
            if serveur.utilisateur:
                self._session.login(serveur.utilisateur, serveur.mot_de_passe)
        except smtplib.SMTPAuthenticationError as refus:
            raise self._fail("identification", refus.smtp_code) from None
        except (ssl.SSLError, smtplib.SMTPNotSupportedError):
            cause = "chiffrement" if serveur.chiffrement != "aucun" else "identification"
            raise self._fail(cause) from None
        except smtplib.SMTPResponseException as refus:
            raise self._fail("injoignable", refus.smtp_code) from None
        except (OSError, ValueError):
            raise self._fail("injoignable") from None
        return self._session

    def _fail(self, cause: str, numero: int | None = None) -> EchecEnvoiError:
        arret = cause not in {"destinataire_refuse", "message_refuse"}
        if arret:
            self._close()
        return EchecEnvoiError(_code(cause, numero), arret=arret)

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            try:
                session.quit()
            except OSError:
                session.close()


def build_courriel(message: Message, expediteur: str, maintenant: datetime) -> EmailMessage:
    """Return the message as it is sent: plain text, French, never answered by a machine."""
    courriel = EmailMessage(policy=SMTP)
    courriel["From"] = expediteur
    courriel["To"] = ", ".join(message.adresses)
    courriel["Subject"] = " ".join(message.objet.split())
    courriel["Date"] = maintenant
    courriel["Message-ID"] = build_identifiant(message.cle, expediteur)
    courriel["Auto-Submitted"] = "auto-generated"
    courriel["Content-Language"] = "fr"
    courriel.set_content(message.corps, charset="utf-8", cte="quoted-printable")
    return courriel


def build_identifiant(cle: str, expediteur: str) -> str:
    """Return the Message-ID of a key: always the same, so that mail clients show a message sent twice as one."""
    domaine = expediteur.rpartition("@")[2].strip("> ")
    return f"<{hashlib.sha256(cle.encode()).hexdigest()[:32]}@{domaine}>"


def _code(cause: str, numero: int | None = None) -> str:
    return f"{cause} {numero}" if numero is not None and 200 <= numero <= 599 else cause
