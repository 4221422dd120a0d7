"""A mail server that speaks enough of RFC 5321 for the real smtplib, and refuses when told to."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import Connection

Ouvrir = Callable[[], AbstractContextManager[Connection]]


@dataclass
class Recu:
    """A message that the server accepted, and its envelope."""

    expediteur: str
    destinataires: list[str]
    message: EmailMessage
    chiffre: bool
    utilisateur: str | None


@dataclass
class ServeurSmtp:
    """What the server accepted, and what it answers instead of yes: ``refus["RCPT"]`` is used up in order."""

    port: int = 0
    recus: list[Recu] = field(default_factory=list)
    refus: dict[str, list[str]] = field(default_factory=dict)
    sessions: int = 0
    par_session: int | None = None
    comptes: dict[str, str] = field(default_factory=dict)
    contexte: ssl.SSLContext | None = None
    d_emblee: bool = False
    avant_accord: Callable[[], None] = lambda: None
    verrou: threading.Lock = field(default_factory=threading.Lock)

    def pop_refus(self, commande: str) -> str | None:
        with self.verrou:
            restants = self.refus.get(commande)
            return restants.pop(0) if restants else None


class _Session(socketserver.StreamRequestHandler):
    server: _Ecoute

    def handle(self) -> None:
        serveur = self.server.serveur
        with serveur.verrou:
            serveur.sessions += 1
        self.chiffre, self.utilisateur, acceptes = False, None, 0
        if serveur.contexte and serveur.d_emblee and not self._encrypt():
            return
        if not self._say(serveur.pop_refus("ACCUEIL") or "220 essai ESMTP"):
            return
        expediteur, destinataires = "", list[str]()
        while ligne := self.rfile.readline():
            texte = ligne.decode().strip()
            commande = texte.partition(" ")[0].partition(":")[0].upper()
            adresse = texte.partition(":")[2].strip().partition(" ")[0].strip("<>")
            if refus := serveur.pop_refus(commande):
                if refus == "COUPER" or not self._say(refus):
                    return
            elif commande == "EHLO":
                self._say("250-essai")
                if serveur.contexte and not self.chiffre:
                    self._say("250-STARTTLS")
                if serveur.comptes:
                    self._say("250-AUTH PLAIN")
                self._say("250 8BITMIME")
            elif commande == "STARTTLS":
                self._say("220 oui")
                if not self._encrypt():
                    return
            elif commande == "AUTH":
                _, nom, secret = base64.b64decode(texte.split()[2]).decode().split("\0")
                bon = serveur.comptes.get(nom) == secret
                self.utilisateur = nom if bon else None
                self._say("235 oui" if bon else "535 5.7.8 mauvais mot de passe de " + nom)
            elif commande == "MAIL":
                if serveur.comptes and not self.utilisateur:
                    self._say("530 5.7.0 identification")
                    continue
                expediteur, destinataires = adresse, []
                self._say("250 oui")
            elif commande == "RCPT":
                destinataires.append(adresse)
                self._say("250 oui")
            elif commande == "DATA":
                self._say("354 allez")
                brut = b""
                while (ligne := self.rfile.readline()) not in (b".\r\n", b""):
                    brut += ligne[1:] if ligne.startswith(b"..") else ligne
                if refus := serveur.pop_refus("MESSAGE"):
                    self._say(refus)
                    continue
                message = message_from_bytes(brut, policy=policy.default)
                assert isinstance(message, EmailMessage)
                recu = Recu(expediteur, destinataires, message, self.chiffre, self.utilisateur)
                with serveur.verrou:
                    serveur.recus.append(recu)
                serveur.avant_accord()
                self._say("250 accepté")
                acceptes += 1
                if acceptes == serveur.par_session:
                    return
            elif commande == "QUIT":
                self._say("221 au revoir")
                return
            else:
                self._say("250 oui")

    def _encrypt(self) -> bool:
        contexte = self.server.serveur.contexte
        assert contexte
        try:
            self.request = contexte.wrap_socket(self.request, server_side=True)
        except OSError:
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
        self.chiffre = True
        return True

    def _say(self, texte: str) -> bool:
        self.wfile.write(texte.encode() + b"\r\n")
        return not texte.startswith("421")


class _Ecoute(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, serveur: ServeurSmtp) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.serveur = serveur

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests."""


@contextmanager
def running_serveur() -> Iterator[ServeurSmtp]:
    serveur = ServeurSmtp()
    with _Ecoute(serveur) as ecoute:
        serveur.port = ecoute.server_address[1]
        fil = threading.Thread(target=ecoute.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        fil.start()
        try:
            yield serveur
        finally:
            ecoute.shutdown()
            fil.join()


def make_certificat(dossier: Path) -> tuple[Path, ssl.SSLContext]:
    """Return a self-signed certificate of 127.0.0.1, and the server's context that shows it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    cle = ec.generate_private_key(ec.SECP256R1())
    nom = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    maintenant = dt.datetime.now(dt.UTC)
    certificat = (
        x509.CertificateBuilder()
        .subject_name(nom)
        .issuer_name(nom)
        .public_key(cle.public_key())
        .serial_number(1)
        .not_valid_before(maintenant - dt.timedelta(days=1))
        .not_valid_after(maintenant + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(cle, hashes.SHA256())
    )
    public, prive = dossier / "certificat.pem", dossier / "cle.pem"
    public.write_bytes(certificat.public_bytes(serialization.Encoding.PEM))
    prive.write_bytes(
        cle.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    contexte = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    contexte.load_cert_chain(public, prive)
    return public, contexte
