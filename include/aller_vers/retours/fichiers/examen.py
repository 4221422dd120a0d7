"""Received files are read in a process of their own: one that lasts or grows too much is ended, the next is read."""

from __future__ import annotations

import pickle
import resource
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from aller_vers.retours.fichiers.refus import DonneeDouteuseError, DonneePersonnelleError, FichierRefuseError
from aller_vers.retours.fichiers.tableau import Tableau, read_tableau
from aller_vers.socle.reglages_reception import Limites

_MEMOIRE = 2_000_000_000
_DEMARRAGE = 60
_REFUS = {
    genre.__name__: genre for genre in (FichierRefuseError, DonneePersonnelleError, DonneeDouteuseError)
}


class Examinateur:
    """Reads files as ``read_tableau`` does, each within ``limites.secondes``."""

    def __init__(self) -> None:
        self._processus: subprocess.Popen[bytes] | None = None

    def read(self, octets: bytes, nom: str, limites: Limites, admis: bool = False) -> Tableau:
        """Return the table of a file.

        Raises:
            FichierRefuseError: as ``read_tableau``; also a file that takes too long or too much memory, which nobody
                could look at: doubtful, unless a person has looked.
        """
        entree, sortie = self._start()
        try:
            pickle.dump((octets, nom, limites, admis), entree)
            entree.flush()
            reponse = _receive(sortie, limites.secondes)
        except (OSError, EOFError, pickle.UnpicklingError):
            self.stop()
            genre = FichierRefuseError if admis else DonneeDouteuseError
            raise genre(
                "Le fichier demande trop de temps ou de mémoire pour être lu. Il est mis à l'écart.",
                "recopier les seules valeurs demandées dans le modèle, et déposer ce fichier-là.",
            ) from None
        match reponse:
            case Tableau():
                return reponse
            case (str(nom_refus), str(constat), str(remede)):
                raise _REFUS[nom_refus](constat, remede)
        raise RuntimeError(str(reponse))

    def stop(self) -> None:
        """End the process, if there is one."""
        if self._processus is not None:
            self._processus.kill()
            self._processus.communicate()
            self._processus = None

    def _start(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._processus is None:
            self._processus = subprocess.Popen(
                [sys.executable, "-m", "aller_vers.retours.fichiers.examen"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            with suppress(OSError, EOFError):
                _receive(self._processus.stdout, _DEMARRAGE)
        assert self._processus.stdin is not None
        assert self._processus.stdout is not None
        return self._processus.stdin, self._processus.stdout


@contextmanager
def open_examinateur() -> Iterator[Examinateur]:
    """Give an examiner; its process ends with the block."""
    examinateur = Examinateur()
    try:
        yield examinateur
    finally:
        examinateur.stop()


def _receive(sortie: IO[bytes] | None, secondes: float) -> Any:
    if sortie is None or not select.select([sortie], [], [], secondes)[0]:
        raise EOFError
    return pickle.load(sortie)  # noqa: S301 - our own process wrote it


def _serve(entree: IO[bytes], sortie: IO[bytes]) -> None:
    """Answer each request until there is none: the table, the refusal's class and words, or what went wrong."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMOIRE, _MEMOIRE))
    reponse: object = None
    while True:
        pickle.dump(reponse, sortie)
        sortie.flush()
        try:
            octets, nom, limites, admis = pickle.load(entree)  # noqa: S301 - our own process wrote it
        except EOFError:
            return
        try:
            reponse = read_tableau(octets, nom, limites, admis)
        except FichierRefuseError as refus:
            reponse = (type(refus).__name__, refus.constat, refus.remede)
        except MemoryError:
            return
        except Exception as erreur:  # noqa: BLE001 - its text may quote the file
            reponse = type(erreur).__name__


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
