"""A share over SMB: signed and encrypted, what is written is flushed, then put in place of the former file.

``smbclient`` is spoken to directly: fsspec's file system does not replace a file, and shares its sessions with
whoever opened one in the process, whatever password is given.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC
from typing import Any
from urllib.parse import unquote, urlsplit

import smbclient
import smbclient.shutil
from smbprotocol.exceptions import LogonFailure, SMBAuthenticationError, SMBException, SMBOSError
from smbprotocol.file_info import FileAttributes
from smbprotocol.header import NtStatus

from aller_vers.partage.support import Entree, Support, fail, make_temporaire, refuse_identification

for _bavard in ("smbclient", "smbprotocol", "spnego"):
    logging.getLogger(_bavard).setLevel(logging.WARNING)  # they tell every request
_NUMEROS = {
    NtStatus.STATUS_ACCESS_DENIED: errno.EACCES,
    NtStatus.STATUS_SHARING_VIOLATION: errno.EBUSY,
    NtStatus.STATUS_DELETE_PENDING: errno.EBUSY,
    NtStatus.STATUS_DISK_FULL: errno.ENOSPC,
    NtStatus.STATUS_BAD_NETWORK_NAME: errno.ENOENT,
    NtStatus.STATUS_STOPPED_ON_SYMLINK: errno.ELOOP,
    NtStatus.STATUS_NETWORK_NAME_DELETED: errno.ECONNRESET,
    0xC00000A2: errno.EROFS,  # STATUS_MEDIA_WRITE_PROTECTED
    0xC0000044: errno.EDQUOT,  # STATUS_QUOTA_EXCEEDED
}
_ESSAIS = 8
_ATTENTE_S = 0.25


class Smb(Support, protocole="smb"):
    """A folder of an SMB share, ``smb://server/share/folder``.

    Options: ``username``, ``password``, ``encrypt`` (true unless it says otherwise).
    """

    OPTIONS = ("username", "password", "encrypt")

    def __init__(self, adresse: str, options: Mapping[str, Any]) -> None:
        lue = urlsplit(adresse)
        self._racine = rf"\\{lue.hostname}" + unquote(lue.path).rstrip("/").replace("/", "\\")
        self._session: dict[str, Any] = {
            "username": options.get("username"),
            "password": options.get("password"),
            "port": lue.port or 445,
            "encrypt": bool(options.get("encrypt", True)),
            "connection_cache": {},
        }
        self._verifies: set[str] = set()
        try:
            smbclient.register_session(str(lue.hostname), connection_timeout=20, **self._session)
        except (LogonFailure, SMBAuthenticationError):
            raise refuse_identification() from None
        except (SMBException, ValueError):  # ValueError: nobody answers at that address
            raise fail(errno.ECONNREFUSED) from None

    @classmethod
    def find_danger(cls, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return that nothing is encrypted."""
        if options.get("encrypt", True):
            return None
        return (
            "Le partage SMB est joint sans chiffrement.",
            "retirer encrypt de l'extra de la connexion av_partage.",
        )

    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the root is not there."""
        with _translate():
            smbclient.stat(self._racine, **self._session)

    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return a file's first ``limite`` bytes, in nobody's way."""
        with _translate():
            self._check(chemin)
            with smbclient.open_file(self._unc(chemin), "rb", share_access="rwd", **self._session) as flux:
                return bytes(flux.read(-1 if limite is None else limite))

    def write(self, chemin: str, octets: bytes) -> None:
        """Write under a temporary name, flush, replace: again while somebody reads the former file."""
        with _translate():
            self._make_then(_parent(chemin), lambda: self._write(chemin, octets))

    def _write(self, chemin: str, octets: bytes) -> None:
        temporaire = rf"{self._unc(_parent(chemin))}\{make_temporaire()}"
        try:
            with smbclient.open_file(temporaire, "xb", **self._session) as flux:
                flux.write(octets)
                flux.flush()
                flux.raw.flush()
            self._replace(temporaire, self._unc(chemin))
        except OSError:
            with suppress(SMBException, OSError):
                smbclient.remove(temporaire, **self._session)
            raise

    def scan(self, chemin: str) -> list[Entree]:
        """Return what a folder holds."""
        entrees = []
        with _translate():
            self._check(f"{chemin}/")
            with smbclient.scandir(self._unc(chemin), **self._session) as lues:
                for lue in lues:
                    info = lue.smb_info
                    lien = bool(info.file_attributes & FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT)
                    entrees.append(
                        Entree(
                            lue.name,
                            info.end_of_file,
                            dossier=not lien
                            and bool(info.file_attributes & FileAttributes.FILE_ATTRIBUTE_DIRECTORY),
                            lien=lien,
                            modifie_le=info.last_write_time.astimezone(UTC),
                        )
                    )
        return entrees

    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Rename a file."""
        with _translate():
            self._check(source)
            self._make_then(_parent(cible), lambda: self._replace(self._unc(source), self._unc(cible)))

    def remove(self, chemin: str) -> None:
        """Remove a file."""
        with _translate():
            self._check(_parent(chemin) + "/")
            smbclient.remove(self._unc(chemin), **self._session)

    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds."""
        with _translate():
            self._check(f"{chemin}/")
            smbclient.shutil.rmtree(self._unc(chemin), **self._session)

    def _make_then(self, dossier: str, faire: Callable[[], None]) -> None:
        """Make a folder and do it there; once more when one that was seen before is there no longer."""
        self._make_dossier(dossier)
        try:
            faire()
        except SMBOSError as erreur:
            if erreur.errno != errno.ENOENT:
                raise
            self._verifies.clear()
            self._make_dossier(dossier)
            faire()

    def _make_dossier(self, chemin: str) -> None:
        try:
            self._check(f"{chemin}/")
        except SMBOSError as erreur:
            if erreur.errno != errno.ENOENT:
                raise
            self.require_racine()
            smbclient.makedirs(self._unc(chemin), exist_ok=True, **self._session)

    def _check(self, chemin: str) -> None:
        """Refuse a path that a link or a junction is part of; folders that were seen to be none are not asked again."""
        vu = ""
        for partie in chemin.rstrip("/").split("/") if chemin.rstrip("/") else []:
            vu = f"{vu}/{partie}" if vu else partie
            dossier = vu != chemin
            if vu in self._verifies:
                continue
            etat = smbclient.stat(self._unc(vu), follow_symlinks=False, **self._session)
            if etat.st_file_attributes & FileAttributes.FILE_ATTRIBUTE_REPARSE_POINT:
                raise fail(errno.ELOOP)
            if dossier:
                self._verifies.add(vu)

    def _replace(self, source: str, cible: str) -> None:
        for essai in range(_ESSAIS):
            try:
                smbclient.replace(source, cible, **self._session)
            except SMBOSError as erreur:
                occupe = erreur.ntstatus in (
                    NtStatus.STATUS_ACCESS_DENIED,
                    NtStatus.STATUS_SHARING_VIOLATION,
                )
                if not occupe or essai == _ESSAIS - 1:
                    raise
                time.sleep(_ATTENTE_S)
            else:
                return

    def _unc(self, chemin: str) -> str:
        # On such a server these lead elsewhere: a colon to a hidden stream, a backslash to a folder.
        if any(signe in chemin for signe in '\\:*?"<>|'):
            raise fail(errno.EINVAL)
        return f"{self._racine}\\{chemin}".replace("/", "\\").rstrip("\\")


def _parent(chemin: str) -> str:
    return chemin.rpartition("/")[0]


@contextmanager
def _translate() -> Iterator[None]:
    try:
        yield
    except SMBOSError as erreur:
        raise fail(_NUMEROS.get(erreur.ntstatus) or erreur.errno or errno.EIO) from None
    except (SMBException, ValueError):  # ValueError: nobody answers at that address any more
        raise fail(errno.ECONNRESET) from None
    except OSError as erreur:
        if erreur.errno != errno.EBADF:
            raise
        # The thread that reads the connection has seen its end, and closed it, while something was being sent.
        raise fail(errno.ECONNRESET) from None
