"""What a share stands on: one class a protocol, which registers itself; each speaks ``OSError``."""

from __future__ import annotations

import os
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

TEMPORAIRE = ".partiel-"
PROTOCOLES: dict[str, type[Support]] = {}


@dataclass(frozen=True)
class Entree:
    """What a folder holds under a name.

    ``lien``: a symbolic link, or anything else that is neither a file nor a folder; never to be opened.
    ``modifie_le`` is None where the share does not say (folders of S3).
    """

    nom: str
    octets: int
    dossier: bool
    lien: bool
    modifie_le: datetime | None


class SupportError(OSError):
    """What no number of the system says: what was found, what to do; ``passagere``: it may pass by itself."""

    def __init__(self, constat: str, remede: str, *, passagere: bool = False) -> None:
        super().__init__(constat)
        self.constat = constat
        self.remede = remede
        self.passagere = passagere


def refuse_identification() -> SupportError:
    """Return the error of a server that does not take our name, password or key."""
    return SupportError(
        "refuse l'identification",
        "vérifier l'utilisateur et le mot de passe (ou la clé) de la connexion av_partage",
    )


class Support(ABC):
    """A kind of share; paths are checked, relative to its root, with ``/`` (the root is an empty text).

    A kind is one class, ``class Ftp(Support, protocole="ftp")``, in the module of this room named after its protocol:
    the module is imported when an address asks for it. ``OPTIONS`` names what it takes from the connection
    ``av_partage``: ``username``, ``password``, and keys of the extra.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = ()
    # For how long the mark of the share, once seen, is not asked for again: it costs a server a round trip.
    MARQUE_VALABLE_S: ClassVar[float] = 1.0
    marque_vue_jusqua: float = 0.0

    def __init_subclass__(cls, *, protocole: str) -> None:
        super().__init_subclass__()
        PROTOCOLES[protocole] = cls

    @abstractmethod
    def __init__(self, adresse: str, options: Mapping[str, Any]) -> None:
        """Connect.

        Args:
            adresse: the share's URL.
            options: what the connection gives of ``OPTIONS``.

        Raises:
            OSError: it cannot be reached, or refuses us.
        """

    @classmethod
    def find_danger(cls, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return what is dangerous in these options and its remedy, without asking the server; None by default."""
        return None

    @abstractmethod
    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the root is not there: it is never made anew."""

    @abstractmethod
    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return a file's first ``limite`` bytes, all of them by default."""

    @abstractmethod
    def write(self, chemin: str, octets: bytes) -> None:
        """Make a file appear whole, over the former one; its folders are made."""

    def write_aside(self, chemin: str, octets: bytes) -> None:
        """Write a file under a name of the writer's own, that nobody reads before ``move``; its folders are made."""
        self.write(chemin, octets)

    @abstractmethod
    def scan(self, chemin: str) -> list[Entree]:
        """Return what a folder holds, in any order."""

    @abstractmethod
    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Rename a file, over the former one; folders are made.

        ``suivi``: another within the same folder follows, and is what makes this one last where the machine stops.
        """

    @abstractmethod
    def remove(self, chemin: str) -> None:
        """Remove a file."""

    @abstractmethod
    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds; links are removed, not followed."""


def make_temporaire() -> str:
    """Return a name of the writer's own: two of them, or one that wakes after the other, never share one."""
    return f"{TEMPORAIRE}{secrets.token_hex(8)}"


def fail(numero: int) -> OSError:
    """Return the system's error of this number."""
    return OSError(numero, os.strerror(numero))
