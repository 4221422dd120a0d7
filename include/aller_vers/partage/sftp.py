"""A share over SFTP: the server's key is known beforehand, what is written is flushed, then renamed.

The connection is fsspec's (sshfs); operations speak to its channel, because those of sshfs follow links, and copy
and delete where a server cannot rename over a file.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh import sftp
from asyncssh.constants import FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_REGULAR, FXE_STATVFS_ST_RDONLY
from fsspec.asyn import sync
from sshfs import SSHFileSystem

from aller_vers.partage.support import (
    Entree,
    Support,
    SupportError,
    fail,
    make_temporaire,
    refuse_identification,
)

logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it tells every connection and every channel
T = TypeVar("T")
_NUMEROS: tuple[tuple[type[sftp.SFTPError], int], ...] = (
    (sftp.SFTPNoSuchFile, errno.ENOENT),
    (sftp.SFTPNoSuchPath, errno.ENOENT),
    (sftp.SFTPPermissionDenied, errno.EACCES),
    (sftp.SFTPNoSpaceOnFilesystem, errno.ENOSPC),
    (sftp.SFTPQuotaExceeded, errno.EDQUOT),
    (sftp.SFTPWriteProtect, errno.EROFS),
    (sftp.SFTPNotADirectory, errno.ENOTDIR),
    (sftp.SFTPLinkLoop, errno.ELOOP),
    (sftp.SFTPConnectionLost, errno.ECONNRESET),
    (sftp.SFTPNoConnection, errno.ECONNRESET),
)


class Sftp(Support, protocole="sftp"):
    """A folder of an SFTP server.

    Options: ``username``; ``password`` or ``private_key`` (its text, with ``private_key_passphrase`` if it has one);
    ``known_hosts``: the server's line(s) of such a file, or the file's path.
    """

    OPTIONS = ("username", "password", "known_hosts", "private_key", "private_key_passphrase")

    def __init__(self, adresse: str, options: Mapping[str, Any]) -> None:
        lue = urlsplit(adresse)
        self._racine = unquote(lue.path).rstrip("/")
        try:
            self._fs = SSHFileSystem(
                lue.hostname, port=lue.port or 22, skip_instance_cache=True, **_read_options(options)
            )
            self._canal: asyncssh.SFTPClient = sync(
                self._fs.loop, self._fs.client.start_sftp_client, path_errors="surrogateescape"
            )
            self._reelle = self._run(self._canal.realpath(self._racine))
        except asyncssh.HostKeyNotVerifiable:
            raise SupportError(
                "n'a pas la clé attendue : ce n'est peut-être pas le bon serveur",
                "faire vérifier la clé du serveur, puis la donner en known_hosts à la connexion av_partage",
            ) from None
        except (asyncssh.PermissionDenied, PermissionError):
            raise refuse_identification() from None
        except asyncssh.Error:
            raise fail(errno.ECONNREFUSED) from None

    @classmethod
    def find_danger(cls, options: Mapping[str, Any]) -> tuple[str, str] | None:
        """Return that the server's key is not known beforehand."""
        if options.get("known_hosts"):
            return None
        return (
            "L'identité du serveur sftp n'est pas vérifiée : un autre peut recevoir les lots.",
            "donner known_hosts en extra de la connexion av_partage.",
        )

    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the root is not a folder."""
        self._run(self._require_racine())

    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return a file's first ``limite`` bytes."""
        return self._run(self._read(chemin, limite))

    def write(self, chemin: str, octets: bytes) -> None:
        """Write under a temporary name, flush where the server can, rename."""
        self._run(self._write(chemin, octets))

    def scan(self, chemin: str) -> list[Entree]:
        """Return what a folder holds."""
        return self._run(self._scan(chemin))

    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Rename a file."""
        self._run(self._move(source, cible))

    def remove(self, chemin: str) -> None:
        """Remove a file."""
        self._run(self._remove(chemin))

    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds."""
        self._run(self._remove_dossier(chemin))

    async def _require_racine(self) -> None:
        if (await self._canal.stat(self._racine)).type != FILEXFER_TYPE_DIRECTORY:
            raise fail(errno.ENOENT)

    async def _read(self, chemin: str, limite: int | None) -> bytes:
        await self._check_dossier(_parent(chemin))
        # A pipe that is opened waits for somebody to write into it.
        if (await self._canal.lstat(self._path(chemin))).type != FILEXFER_TYPE_REGULAR:
            raise fail(errno.ELOOP)
        async with self._canal.open(self._path(chemin), "rb") as flux:
            octets = await flux.read(-1 if limite is None else limite)
        return octets if isinstance(octets, bytes) else octets.encode()

    async def _write(self, chemin: str, octets: bytes) -> None:
        cible = self._path(chemin)
        temporaire = f"{cible.rpartition('/')[0]}/{make_temporaire()}"
        try:
            await self._make_dossier(_parent(chemin))
            async with self._canal.open(temporaire, "xb") as flux:
                await flux.write(octets)
                with suppress(sftp.SFTPOpUnsupported):
                    await flux.fsync()
            await self._rename(temporaire, cible)
        except sftp.SFTPFailure:
            cause = await self._explain()
            await self._try_remove(temporaire)
            if cause:
                raise cause from None
            raise
        except (sftp.SFTPError, OSError):
            await self._try_remove(temporaire)
            raise

    async def _scan(self, chemin: str) -> list[Entree]:
        await self._check_dossier(chemin)
        return [
            Entree(
                str(lue.filename),
                lue.attrs.size or 0,
                dossier=lue.attrs.type == FILEXFER_TYPE_DIRECTORY,
                lien=lue.attrs.type not in (FILEXFER_TYPE_DIRECTORY, FILEXFER_TYPE_REGULAR),
                modifie_le=None if lue.attrs.mtime is None else datetime.fromtimestamp(lue.attrs.mtime, UTC),
            )
            for lue in await self._canal.readdir(self._path(chemin))
            if lue.filename not in (".", "..")
        ]

    async def _move(self, source: str, cible: str) -> None:
        await self._check_dossier(_parent(source))
        await self._make_dossier(_parent(cible))
        await self._rename(self._path(source), self._path(cible))

    async def _remove(self, chemin: str) -> None:
        await self._check_dossier(_parent(chemin))
        await self._canal.remove(self._path(chemin))

    async def _remove_dossier(self, chemin: str) -> None:
        await self._check_dossier(chemin)
        await self._canal.rmtree(self._path(chemin))

    async def _rename(self, source: str, cible: str) -> None:
        try:
            await self._canal.posix_rename(source, cible)
        except sftp.SFTPOpUnsupported:
            raise SupportError(
                "ne sait pas remplacer un fichier d'un seul geste",
                "employer un serveur SFTP qui connaît posix-rename@openssh.com, comme OpenSSH",
            ) from None

    async def _make_dossier(self, chemin: str) -> None:
        try:
            await self._check_dossier(chemin)
        except sftp.SFTPNoSuchFile:
            await self._require_racine()
            await self._canal.makedirs(self._path(chemin), exist_ok=True)
            await self._check_dossier(chemin)

    async def _check_dossier(self, chemin: str) -> None:
        """Refuse a folder that a link leads to: it would lead out of the share."""
        attendu = f"{self._reelle}/{chemin}".rstrip("/")
        if await self._canal.realpath(self._path(chemin)) != attendu:
            raise fail(errno.ELOOP)
        await self._canal.stat(self._path(chemin))  # the real path of what is not there is given all the same

    def _path(self, chemin: str) -> str:
        return f"{self._racine}/{chemin}".rstrip("/")

    async def _try_remove(self, chemin: str) -> None:
        with suppress(asyncssh.Error, OSError):
            await self._canal.remove(chemin)

    async def _explain(self) -> OSError | None:
        """Return what the protocol has no number for: a disk that is full, or read only."""
        with suppress(asyncssh.Error):
            etat = await self._canal.statvfs(self._racine)
            if etat.flags & FXE_STATVFS_ST_RDONLY:
                return fail(errno.EROFS)
            if etat.bavail == 0:
                return fail(errno.ENOSPC)
        return None

    def _run(self, operation: Coroutine[Any, Any, T]) -> T:
        async def wait() -> T:
            return await operation

        try:
            resultat: T = sync(self._fs.loop, wait)
        except sftp.SFTPError as erreur:
            numero = next((n for genre, n in _NUMEROS if isinstance(erreur, genre)), errno.EIO)
            raise fail(numero) from None
        except asyncssh.Error:
            raise fail(errno.ECONNRESET) from None
        return resultat


def _parent(chemin: str) -> str:
    return chemin.rpartition("/")[0]


def _read_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return asyncssh's options: nothing from this account's own configuration, no server without its key."""
    connus = str(options.get("known_hosts") or "").strip()
    if not connus:
        raise SupportError(
            "n'est pas identifié : la clé de son serveur n'est pas donnée",
            "donner en extra à la connexion av_partage known_hosts, la ligne de ssh-keyscan une fois vérifiée",
        )
    try:
        cles = [
            asyncssh.import_private_key(options["private_key"], options.get("private_key_passphrase"))
            for _ in range(bool(options.get("private_key")))
        ]
        hotes = Path(connus).read_bytes() if " " not in connus else connus.encode()
    except (asyncssh.KeyImportError, OSError):
        raise SupportError(
            "ne s'ouvre pas : sa clé privée, ou le fichier de known_hosts, ne se lit pas",
            "corriger l'extra de la connexion av_partage (private_key, private_key_passphrase, known_hosts)",
        ) from None
    return {
        "username": options.get("username"),
        "password": options.get("password") or None,
        "client_keys": cles or None,
        "known_hosts": hotes,
        "agent_path": None,
        "config": None,
        "connect_timeout": 20,
        "login_timeout": 20,
        "keepalive_interval": 15,
    }
