"""A share on a disk or a mounted folder: what is written is flushed, then renamed; links are never followed.

Who reads what is said by the folders that its operator made, never by the umask of the process that writes.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aller_vers.partage.support import Entree, Support, fail, make_temporaire
from aller_vers.socle.erreurs import ErreurAllerVers


class Disque(Support, protocole="file"):
    """A folder of this machine.

    ``mode``: that of the files, in octal (``"0640"``), and with it who enters the folders that are made; without it,
    what is made has the rights of the folder that it is made in. ``sans_attendre``, which no connection gives: nothing
    waits for the disk.
    """

    OPTIONS = ("mode",)
    MARQUE_VALABLE_S = 0.0

    def __init__(self, adresse: str, options: Mapping[str, Any]) -> None:
        self.options = options
        _, url, chemin = adresse.partition("://")
        self.racine = Path(unquote(chemin) if url else adresse)
        self._mode = _read_mode(options.get("mode"))

    def require_racine(self) -> None:
        """Raise ``FileNotFoundError`` when the root is not there: a share that is not mounted is not made anew."""
        if not self.racine.is_dir():
            raise fail(errno.ENOENT)

    def read(self, chemin: str, limite: int | None) -> bytes:
        """Return a file's first ``limite`` bytes; a link, a pipe or a device is refused, not opened."""
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
        descripteur = os.open(self._find(chemin), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descripteur, "rb") as flux:
            if not stat.S_ISREG(os.fstat(descripteur).st_mode):
                raise fail(errno.ELOOP)
            return flux.read(-1 if limite is None else limite)

    def write(self, chemin: str, octets: bytes) -> None:
        """Write under a temporary name, flush to the disk, rename, flush the folder."""
        dossier = chemin.rpartition("/")[0]
        temporaire = f"{dossier}/{make_temporaire()}" if dossier else make_temporaire()
        self.write_aside(temporaire, octets)
        source, cible = self._find(temporaire), self._find(chemin)
        try:
            source.replace(cible)
        except OSError:
            source.unlink(missing_ok=True)
            raise
        self._sync(cible.parent)

    def write_aside(self, chemin: str, octets: bytes) -> None:
        """Write and flush to the disk; the folder is when the file is moved."""
        self.require_racine()
        cible = self._find(chemin)
        self._make_dossiers(cible.parent)
        try:
            with cible.open("xb") as flux:
                self._give_rights(cible, dossier=False)
                flux.write(octets)
                if not self.options.get("sans_attendre"):
                    flux.flush()
                    os.fsync(flux.fileno())
        except OSError:
            cible.unlink(missing_ok=True)
            raise

    def scan(self, chemin: str) -> list[Entree]:
        """Return what a folder holds."""
        entrees = []
        with os.scandir(self._find(f"{chemin}/") if chemin else self.racine) as lues:
            for lue in lues:
                try:
                    etat = lue.stat(follow_symlinks=False)
                except FileNotFoundError:  # gone since the folder was read
                    continue
                dossier = stat.S_ISDIR(etat.st_mode)
                entrees.append(
                    Entree(
                        lue.name,
                        etat.st_size,
                        dossier,
                        lien=not dossier and not stat.S_ISREG(etat.st_mode),
                        modifie_le=datetime.fromtimestamp(etat.st_mtime, UTC),
                    )
                )
        return entrees

    def move(self, source: str, cible: str, *, suivi: bool = False) -> None:
        """Rename a file and flush both folders, unless another move does."""
        depart, arrivee = self._find(source), self._find(cible)
        self._make_dossiers(arrivee.parent)
        depart.replace(arrivee)
        if suivi:
            return
        # In this order, each once: a machine that stops between the two has the file twice, never nowhere.
        for dossier in dict.fromkeys((arrivee.parent, depart.parent)):
            self._sync(dossier)

    def remove(self, chemin: str) -> None:
        """Remove a file, or a link itself."""
        self._find(chemin).unlink()

    def remove_dossier(self, chemin: str) -> None:
        """Remove a folder and all that it holds."""
        shutil.rmtree(self._find(chemin))

    def _find(self, chemin: str) -> Path:
        """Return the path, none of whose folders is a link: it would lead out of the share."""
        trouve = self.racine
        *dossiers, nom = chemin.split("/")
        for dossier in dossiers:
            trouve = trouve / dossier
            if trouve.is_symlink():
                raise fail(errno.ELOOP)
        return trouve / nom

    def _make_dossiers(self, dossier: Path) -> None:
        if dossier.is_dir():
            return
        self._make_dossiers(dossier.parent)
        with suppress(FileExistsError):  # another one has just made it
            dossier.mkdir()
            self._give_rights(dossier, dossier=True)

    def _give_rights(self, fait: Path, *, dossier: bool) -> None:
        herite = stat.S_IMODE(fait.parent.stat().st_mode)
        mode = (
            herite if self._mode is None else self._mode | (self._mode & 0o444) >> 2 | herite & stat.S_ISGID
        )
        with suppress(PermissionError, NotImplementedError):  # a mount whose rights are those of the mount
            fait.chmod(mode if dossier else mode & 0o666)

    def _sync(self, dossier: Path) -> None:
        if self.options.get("sans_attendre"):
            return
        descripteur = os.open(dossier, os.O_RDONLY)
        try:
            os.fsync(descripteur)
        finally:
            os.close(descripteur)


def _read_mode(texte: object) -> int | None:
    if texte is None:
        return None
    if not re.fullmatch(r"0?[0-7]{3}", str(texte)):
        raise ErreurAllerVers(
            "La connexion av_partage donne des droits illisibles.",
            'lui donner en extra, par exemple, {"mode": "0640"}.',
        )
    return int(str(texte), 8)
