"""Files that a person asks a command for: each is whole, or is not there."""

from __future__ import annotations

import os
import time
from pathlib import Path

from aller_vers.socle.erreurs import ErreurAllerVers

_PARTIEL, _UN_JOUR_S = ".partiel-", 86_400


def write_sortie(fichier: Path, octets: bytes, *, secrete: bool = False) -> None:
    """Write a file beside its place, then put it there; its folder is made where it lacks.

    ``secrete``: its owner alone reads it, from its first byte on.

    What is no ordinary file (``/dev/stdout``) is written as it is.

    Raises:
        ErreurAllerVers: the file cannot be written; the former one stands.
    """
    try:
        if fichier.exists() and not fichier.is_file():
            fichier.write_bytes(octets)
            return
        fichier.parent.mkdir(parents=True, exist_ok=True)
        provisoire = fichier.with_name(f"{_PARTIEL}{os.getpid()}")
        for reste in fichier.parent.glob(f"{_PARTIEL}*"):
            if reste.stat().st_mtime < time.time() - _UN_JOUR_S:  # of a command that was killed
                reste.unlink(missing_ok=True)
        try:
            if secrete:
                provisoire.touch(mode=0o600)
            provisoire.write_bytes(octets)
            provisoire.replace(fichier)
        finally:
            provisoire.unlink(missing_ok=True)
    except OSError as erreur:
        raise ErreurAllerVers(
            f"Le fichier {fichier} ne s'écrit pas ({erreur.strerror}).", "en donner un autre avec --sortie."
        ) from None
