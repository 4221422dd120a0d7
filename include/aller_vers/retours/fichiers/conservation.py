"""How long a received file is kept once it was read: its name begins with the instant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from aller_vers.partage.partage import Partage
from aller_vers.socle.calendrier import PARIS

RETOURS, TRAITES, MODELES, REFUSES = "retours", "traites", "modeles", "refuses"
# Ends the name of a receipt, beside the file that was taken.
RECU = ".recu.txt"
_FORME = "%Y%m%d-%H%M%S"


def make_horodatage(instant: datetime) -> str:
    """Return an instant as the names of kept files begin with it, Paris time."""
    return f"{instant.astimezone(PARIS):{_FORME}}"


def read_horodatage(nom: str) -> datetime | None:
    """Return the instant when a file was kept under this name, in UTC; None where the name does not say.

    Of the two that an hour of October may be, the later one: nothing goes before its time.
    """
    try:
        return datetime.strptime(nom[:15], _FORME).replace(tzinfo=PARIS, fold=1).astimezone(UTC)
    except ValueError:
        return None


def purge_traites(partage: Partage, avant: datetime, depots: Iterable[str] = ()) -> int:
    """Remove the files that were taken before this instant, of every folder of the share; return how many.

    ``depots``: the folders that are not at the top of the share, those of the Cpam.
    """
    partis = 0
    for dossier in (*(e.nom for e in partage.scan("") if e.dossier), *depots):
        traites = f"{dossier}/{RETOURS}/{TRAITES}"
        if not any(e.nom == RETOURS and e.dossier for e in partage.scan(dossier)):
            continue
        for entree in partage.scan(traites):
            pris_le = read_horodatage(entree.nom) or entree.modifie_le
            if not entree.dossier and pris_le is not None and pris_le < avant:
                partage.remove(f"{traites}/{entree.nom}")
                partis += 1
    return partis
