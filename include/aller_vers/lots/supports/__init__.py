"""What a share stands on: a disk, SFTP, SMB or S3; each speaks ``OSError``, and is imported when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

TEMPORAIRE = ".partiel-"
PROTOCOLES = ("file",)


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


class Support(Protocol):
    """A share's operations; paths are checked, relative to its root, with ``/`` (the root is an empty text)."""

    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the root is not there: it is never made anew."""

    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return a file's first ``limite`` bytes, all of them by default."""

    def write(self, chemin: str, octets: bytes) -> None:
        """Make a file appear whole, over the former one; its folders are made."""

    def scan(self, chemin: str) -> list[Entree]:
        """Return what a folder holds, in any order."""

    def move(self, source: str, cible: str) -> None:
        """Rename a file, over the former one; folders are made."""

    def remove(self, chemin: str) -> None:
        """Remove a file."""

    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds; links are removed, not followed."""


def open_support(protocole: str, adresse: str, options: Mapping[str, Any]) -> Support:
    """Return what stands behind this address, whose protocol is one of ``PROTOCOLES``."""
    from aller_vers.lots.supports.local import Disque

    return Disque(adresse)
