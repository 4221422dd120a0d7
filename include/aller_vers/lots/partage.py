"""The fileshare: files appear whole or not at all, and refusals say which share and what to do."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from upath import UPath

from aller_vers.erreurs import ErreurAllerVers

_TEMPORAIRE = ".partiel-"
_CAUSES = {
    errno.ENOSPC: ("est plein", "libérer de la place sur le partage"),
    errno.EDQUOT: ("a atteint son quota", "libérer de la place sur le partage ou relever le quota"),
    errno.EROFS: ("est en lecture seule", "remonter le partage en écriture"),
    errno.EACCES: ("refuse l'accès", "donner à l'utilisateur d'Airflow le droit d'y lire et d'y écrire"),
    errno.EPERM: ("refuse l'accès", "donner à l'utilisateur d'Airflow le droit d'y lire et d'y écrire"),
    errno.ENOENT: ("est introuvable", "vérifier l'adresse de la connexion av_partage et le montage"),
    errno.ENOTDIR: ("est introuvable", "vérifier l'adresse de la connexion av_partage et le montage"),
}


@dataclass(frozen=True)
class Partage:
    """A share, by its URL; paths are relative to it, with ``/``."""

    adresse: str

    def __post_init__(self) -> None:
        protocole = self.adresse.partition("://")[0] if "://" in self.adresse else ""
        if protocole not in ("", "file"):
            raise ErreurAllerVers(  # without the address: it may hold a password
                f"Le partage emploie le protocole {protocole}://, qui n'est pas pris en charge.",
                "donner à la connexion av_partage une adresse file://.",
            )

    def check(self) -> None:
        """Make sure that the share is there and can be written to.

        Raises:
            ErreurAllerVers: it is not; with the reason and the remedy.
        """
        with self._refusals():
            self._require_racine()
            essai = self._path(f"{_TEMPORAIRE}essai-{os.getpid()}")
            try:
                essai.write_bytes(b"essai")
            finally:
                essai.unlink(missing_ok=True)

    def write(self, chemin: str, octets: bytes) -> None:
        """Write a file: under a temporary name, flushed to the disk, then renamed over the former one."""
        with self._refusals():
            self._require_racine()
            cible = self._path(chemin)
            cible.parent.mkdir(parents=True, exist_ok=True)
            temporaire = cible.with_name(f"{_TEMPORAIRE}{cible.name}")
            try:
                with temporaire.open("wb") as flux:
                    flux.write(octets)
                    flux.flush()
                    os.fsync(flux.fileno())
                temporaire.replace(cible)
            except OSError:
                temporaire.unlink(missing_ok=True)
                raise
            _sync(cible.parent)

    def read(self, chemin: str) -> bytes | None:
        """Return the bytes of a file, or None if there is none."""
        with self._refusals():
            try:
                return self._path(chemin).read_bytes()
            except FileNotFoundError:
                self._require_racine()
                return None

    def list(self, chemin: str) -> tuple[str, ...]:
        """Return the sorted names in a folder, temporary ones included; none if there is no folder."""
        with self._refusals():
            try:
                return tuple(sorted(entree.name for entree in self._path(chemin).iterdir()))
            except FileNotFoundError:
                self._require_racine()
                return ()

    def remove(self, chemin: str) -> None:
        """Remove a file, if it is there."""
        with self._refusals():
            self._path(chemin).unlink(missing_ok=True)

    def remove_leftovers(self, dossier: str) -> None:
        """Remove what an interrupted writing left behind in a folder."""
        for nom in self.list(dossier):
            if nom.startswith(_TEMPORAIRE):
                self.remove(f"{dossier}/{nom}")

    def _require_racine(self) -> None:
        # A share that is not mounted holds no lot, and must not be made anew on the local disk.
        if not self._path("").is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))

    def _path(self, chemin: str) -> Path:
        return Path(UPath(self.adresse).path) / chemin

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as erreur:
            constat, remede = _CAUSES.get(
                erreur.errno or 0, (f"a refusé une opération ({erreur.strerror})", "vérifier le partage")
            )
            raise ErreurAllerVers(
                f"Le partage {self.adresse} {constat}.",
                f"{remede}, puis relancer la tâche : les lots complets restent, les autres seront repris.",
                passagere=True,
            ) from None


def _sync(dossier: Path) -> None:
    descripteur = os.open(dossier, os.O_RDONLY)
    try:
        os.fsync(descripteur)
    finally:
        os.close(descripteur)
