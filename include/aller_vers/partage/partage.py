"""The fileshare: files appear whole or not at all, and refusals say which share and what to do."""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import aller_vers.partage
from aller_vers.partage.disque import Disque
from aller_vers.partage.support import PROTOCOLES, TEMPORAIRE, Entree, Support, SupportError
from aller_vers.socle.erreurs import ErreurAllerVers

MARQUE = ".aller-vers.json"
_MARQUE_OCTETS = 10_000
_INJOIGNABLE = (
    "est injoignable",
    "vérifier l'adresse de la connexion av_partage, le réseau et que le serveur fonctionne",
)
_CAUSES = {
    errno.ENOSPC: ("est plein", "libérer de la place sur le partage"),
    errno.EDQUOT: ("a atteint son quota", "libérer de la place sur le partage ou relever le quota"),
    errno.EROFS: ("est en lecture seule", "remonter le partage en écriture"),
    errno.EACCES: ("refuse l'accès", "donner à l'utilisateur d'Airflow le droit d'y lire et d'y écrire"),
    errno.EPERM: ("refuse l'accès", "donner à l'utilisateur d'Airflow le droit d'y lire et d'y écrire"),
    errno.ENOENT: ("est introuvable", "vérifier l'adresse de la connexion av_partage et le montage"),
    errno.ENOTDIR: ("est introuvable", "vérifier l'adresse de la connexion av_partage et le montage"),
    errno.EBUSY: (
        "garde ouvert un fichier à remplacer ou à supprimer",
        "faire fermer ce fichier (souvent un tableur)",
    ),
    errno.EHOSTUNREACH: _INJOIGNABLE,
    errno.ENETUNREACH: _INJOIGNABLE,
    errno.ELOOP: (
        "contient un lien ou un fichier spécial, qui n'est pas suivi",
        "le remplacer sur le partage par le fichier ou le dossier lui-même",
    ),
}


class FichierOccupeError(ErreurAllerVers):
    """Somebody has the file open, and the share does not let it go meanwhile."""


@dataclass(frozen=True)
class Partage:
    """A share, by its URL, with what its server asks for (``options``: it never shows).

    Paths are relative to it, with ``/``; the root is an empty text. Names come as the share gives them: somebody
    else may have chosen them. ``identite``: what the mark at its root has to say, looked for before each act; None
    for who marks it.
    """

    adresse: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    identite: str | None = None

    def __post_init__(self) -> None:
        self.find_genre()
        if "://" in self.adresse and "@" in urlsplit(self.adresse).netloc:
            raise ErreurAllerVers(
                "L'adresse du partage contient un utilisateur ou un mot de passe.",
                "les retirer de l'adresse et les donner à la connexion av_partage (Login, Password).",
            )

    @property
    def nom(self) -> str:
        """The address as people read it, without its escapes."""
        return unquote(self.adresse) if "://" in self.adresse else self.adresse

    @classmethod
    def from_connexion(
        cls, utilisateur: str | None, mot_de_passe: str | None, extra: Mapping[str, Any]
    ) -> Self:
        """Return the share of the connection ``av_partage``: its URL and its kind's options are in the extra.

        Raises:
            ErreurAllerVers: it gives no URL, or one of no kind that is known.
        """
        adresse = extra.get("url")
        if not adresse:
            raise ErreurAllerVers(
                "La connexion av_partage ne dit pas où est le partage.",
                f'lui donner en extra {{"url": "..."}}, une adresse {_enumerate_protocoles()}.',
            )
        donnees = {**extra, "username": utilisateur, "password": mot_de_passe}
        options = cls(adresse).find_genre().OPTIONS
        return cls(adresse, {nom: donnees[nom] for nom in options if donnees.get(nom) is not None})

    def find_genre(self) -> type[Support]:
        """Return the class of this share's protocol.

        Raises:
            ErreurAllerVers: no class has registered itself for it.
        """
        if "://" not in self.adresse:
            return Disque
        protocole = self.adresse.partition("://")[0]
        if protocole not in PROTOCOLES and protocole in _list_modules():
            _import(protocole)
        if protocole not in PROTOCOLES:
            raise ErreurAllerVers(  # without the address: it may hold a password
                f"Le partage emploie le protocole {protocole}://, qui n'est pas pris en charge.",
                f"donner à la connexion av_partage une adresse {_enumerate_protocoles()}.",
            )
        return PROTOCOLES[protocole]

    def check(self) -> None:
        """Make sure that the share is there and can be written to.

        Raises:
            ErreurAllerVers: it is not; with the reason and the remedy.
        """
        with self._refusals():
            self._support.require_racine()
            essai = f"{TEMPORAIRE}essai-{os.getpid()}"
            try:
                self._support.write(essai, b"essai")
            finally:
                self._remove(essai)

    def write(self, chemin: str, octets: bytes) -> None:
        """Write a file: it appears whole, over the former one; its folders are made, never the share's root."""
        with self._refusals():
            self._support.write(_check_chemin(chemin), octets)

    def write_aside(self, chemin: str, octets: bytes) -> None:
        """Write a file under a name of the writer's own (``make_temporaire``), for ``move`` to give it its own."""
        with self._refusals():
            self._support.write_aside(_check_chemin(chemin), octets)

    def read(self, chemin: str, limite: int | None = None) -> bytes | None:
        """Return the bytes of a file, or None if there is none.

        Args:
            chemin: of the file; a link is refused, wherever it leads.
            limite: read no more than so many bytes; ask for one more than is accepted to see that there are more.
        """
        with self._refusals():
            try:
                return self._support.read(_check_chemin(chemin), limite)
            except FileNotFoundError:
                self._support.require_racine()
                return None

    def list(self, chemin: str) -> tuple[str, ...]:
        """Return the sorted names in a folder, temporary ones included; none if there is no folder."""
        return tuple(entree.nom for entree in self.scan(chemin))

    def scan(self, chemin: str) -> tuple[Entree, ...]:
        """Return what a folder holds, sorted by name, temporary files included; nothing if there is no folder."""
        with self._refusals():
            try:
                return tuple(sorted(self._support.scan(_check_chemin(chemin)), key=lambda e: e.nom))
            except FileNotFoundError:
                self._support.require_racine()
                return ()

    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Give a file another name, over any former one of that name; its folders are made.

        ``suivi``: another move within the same folder follows, and makes both last.
        """
        with self._refusals():
            self._support.move(_check_chemin(source), _check_chemin(cible), suivi=suivi)

    def remove(self, chemin: str) -> None:
        """Remove a file, if it is there."""
        with self._refusals():
            self._remove(_check_chemin(chemin))

    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds, if it is there; links are removed, not followed."""
        if not chemin:
            raise ValueError("the root of the share is not for us to remove")
        with self._refusals():
            try:
                self._support.remove_dossier(_check_chemin(chemin))
            except FileNotFoundError:
                self._support.require_racine()

    def remove_leftovers(self, dossier: str) -> None:
        """Remove what an interrupted writing left behind in a folder."""
        for nom in self.list(dossier):
            if nom.startswith(TEMPORAIRE):
                self.remove(f"{dossier}/{nom}")

    def read_marque(self) -> str | None:
        """Return the identity that the mark at the root gives, None without a mark.

        Raises:
            ErreurAllerVers: the mark cannot be read.
        """
        with self._refusals():
            return self._read_marque()

    def _read_marque(self) -> str | None:
        try:
            return str(json.loads(self._support.read(MARQUE, _MARQUE_OCTETS))["identite"])
        except FileNotFoundError:
            self._support.require_racine()
            return None
        except (ValueError, KeyError, TypeError):
            raise ErreurAllerVers(
                f"La marque du partage {self.nom} ({MARQUE}) est illisible.",
                "la remettre d'une sauvegarde du partage, ou la supprimer et lancer preparer --nouveau-partage.",
            ) from None

    def _require_marque(self) -> None:
        """Make sure that what stands at the address is the share, and no mount point without its mount."""
        if self.identite is None or time.monotonic() < self._support.marque_vue_jusqua:
            return
        if self._read_marque() != self.identite:
            raise ErreurAllerVers(
                f"Le partage {self.nom} ne porte pas sa marque : rien n'y est lu, écrit, détruit ni attesté.",
                "vérifier que le partage est monté (un dossier vide est peut-être à sa place) ; s'il a été remplacé, "
                "lancer python -m aller_vers preparer --nouveau-partage.",
                passagere=True,
            )
        self._support.marque_vue_jusqua = time.monotonic() + self._support.MARQUE_VALABLE_S

    @cached_property
    def _support(self) -> Support:
        return self.find_genre()(self.adresse, self.options)

    def _remove(self, chemin: str) -> None:
        try:
            self._support.remove(chemin)
        except FileNotFoundError:
            self._support.require_racine()

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            self._require_marque()
            yield
        except OSError as erreur:
            constat, remede, passagere = _describe(erreur)
            genre = FichierOccupeError if erreur.errno == errno.EBUSY else ErreurAllerVers
            raise genre(
                f"Le partage {self.nom} {constat}.",
                f"{remede}, puis relancer la tâche : les lots complets restent, les autres seront repris.",
                passagere=passagere,
            ) from None


def _describe(erreur: OSError) -> tuple[str, str, bool]:
    if isinstance(erreur, SupportError):
        return erreur.constat, erreur.remede, erreur.passagere
    if isinstance(erreur, ConnectionError | TimeoutError | socket.gaierror):
        return (*_INJOIGNABLE, True)
    inconnue = f"a refusé une opération ({erreur.strerror or type(erreur).__name__})", "vérifier le partage"
    numero = erreur.errno or (errno.ENOENT if isinstance(erreur, FileNotFoundError) else 0)
    return (*_CAUSES.get(numero, inconnue), True)


def _check_chemin(chemin: str) -> str:
    """Return the path, which leads nowhere else than below the share's root."""
    parties = chemin.split("/") if chemin else []
    if any(partie in ("", ".", "..") or "\0" in partie for partie in parties):
        raise ErreurAllerVers(
            "Un nom de fichier du partage n'est pas un nom (« .. », vide ou interdit).",
            "le renommer sur le partage, puis relancer la tâche.",
        )
    return chemin


def list_protocoles() -> tuple[str, ...]:
    """Return every protocol that is known, that of a disk first."""
    for module in _list_modules():
        _import(module)
    return tuple(sorted(PROTOCOLES, key=lambda protocole: (protocole != "file", protocole)))


def _import(module: str) -> None:
    import_module(f"{aller_vers.partage.__name__}.{module}")


def _list_modules() -> list[str]:
    return sorted(module.name for module in iter_modules(aller_vers.partage.__path__))


def _enumerate_protocoles() -> str:
    *premiers, dernier = (f"{protocole}://" for protocole in list_protocoles())
    return f"{', '.join(premiers)} ou {dernier}"
