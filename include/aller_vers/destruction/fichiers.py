"""Files that are kept a number of days: what was refused, backups, task logs."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from aller_vers.destruction.lieux import REFUSES, RETOURS, list_caf
from aller_vers.partage.partage import Partage
from aller_vers.partage.support import TEMPORAIRE
from aller_vers.socle.erreurs import ErreurAllerVers


def purge_refuses(partage: Partage, avant: datetime, depots: Iterable[str] = ()) -> int:
    """Remove the refused files that are older than this instant; return how many.

    ``depots``: the folders besides those of the Caf.
    """
    partis = 0
    for code in (*list_caf(partage), *depots):
        for entree in partage.scan(f"{code}/{REFUSES}"):
            if entree.modifie_le is None or entree.modifie_le >= avant:
                continue
            chemin = f"{code}/{REFUSES}/{entree.nom}"
            if entree.dossier:
                partage.remove_dossier(chemin)
            else:
                partage.remove(chemin)
            partis += 1
    return partis


def purge_partiels(partage: Partage, avant: datetime, dossier: str = "") -> int:
    """Remove, in every folder of the share, what a writing that was cut before this instant left; return how many.

    The mailboxes themselves are the Caf's: nothing is written there.
    """
    partis = 0
    for entree in partage.scan(dossier):
        chemin = f"{dossier}/{entree.nom}".removeprefix("/")
        if entree.dossier:
            partis += purge_partiels(partage, avant, chemin)
        elif (
            entree.nom.startswith(TEMPORAIRE)
            and not dossier.endswith(f"/{RETOURS}")
            and (entree.modifie_le is None or entree.modifie_le < avant)
        ):
            partage.remove(chemin)
            partis += 1
    return partis


def purge_dossier(dossier: Path, avant: datetime) -> int:
    """Remove the files below a folder that are older than this instant, and the old folders that are then empty.

    Links are removed, never followed. A recent folder stays, even empty: a task may be about to write in it.

    Returns:
        How many files and links went.

    Raises:
        ErreurAllerVers: the folder is not there, or refuses.
    """
    if not dossier.is_dir():
        raise ErreurAllerVers(f"Le dossier {dossier} est introuvable.", "corriger le réglage qui le nomme.")
    limite, partis = avant.timestamp(), 0
    try:
        # Before anything goes: what goes makes the folder that held it look recent.
        vus = [(Path(racine), d, f, Path(racine).stat().st_mtime) for racine, d, f in os.walk(dossier)]
        for ici, dossiers, fichiers, modifie in reversed(vus):
            liens = [nom for nom in dossiers if (ici / nom).is_symlink()]
            for nom in (*fichiers, *liens):
                if (ici / nom).lstat().st_mtime < limite:
                    (ici / nom).unlink(missing_ok=True)
                    partis += 1
            if modifie < limite and ici != dossier and not any(ici.iterdir()):
                ici.rmdir()
    except OSError as erreur:
        raise ErreurAllerVers(
            f"Le dossier {dossier} refuse une suppression ({erreur.strerror}).",
            "donner à l'utilisateur d'Airflow le droit d'y supprimer, puis relancer.",
        ) from None
    return partis
