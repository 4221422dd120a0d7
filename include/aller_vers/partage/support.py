"""What a share stands on: a disk, SFTP, SMB or S3; each speaks ``OSError``, and is imported when it is needed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

TEMPORAIRE = ".partiel-"
PROTOCOLES = ("file", "sftp", "smb", "s3")


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
    """Return what stands behind this address, whose protocol is one of ``PROTOCOLES``, connected.

    Raises:
        OSError: it cannot be reached, or refuses us.
    """
    if protocole == "sftp":
        from aller_vers.partage.sftp import Sftp

        return Sftp(adresse, options)
    if protocole == "smb":
        from aller_vers.partage.smb import Smb

        return Smb(adresse, options)
    if protocole == "s3":
        from aller_vers.partage.s3 import S3

        return S3(adresse, options)
    from aller_vers.partage.disque import Disque

    return Disque(adresse)


def fail(numero: int) -> OSError:
    """Return the system's error of this number."""
    return OSError(numero, os.strerror(numero))
