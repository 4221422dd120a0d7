"""Received files that may hold somebody's data: closed to the Caf, looked at by a person, or gone after a day.

They stand in a folder of the share that only our account opens: ``<quarantaine>/<caf>/<instant>_<nom>``. A person
admits one, which is then read with this doubt lifted, or destroys it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.conservation import read_horodatage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import Reglages

ADMIS = "admis"


@dataclass(frozen=True)
class Quarantaine:
    """The folder, and how long a file stays in it."""

    dossier: str
    duree: timedelta

    @classmethod
    def of(cls, reglages: Reglages) -> Quarantaine:
        """Return what the settings say of it."""
        return cls(reglages.dossier_quarantaine, timedelta(hours=reglages.heures_quarantaine))


@dataclass(frozen=True)
class Ecarte:
    """A file that waits for a person's decision, and the instant when it goes."""

    code_caf: str
    nom: str
    jusqu_a: datetime

    @property
    def cle(self) -> str:
        """What a person types to name it."""
        return f"{self.code_caf}/{self.nom}"


def name_ecarte(depot: str) -> str:
    """Return the name, below the quarantine, of what comes from this folder: a Cpam's is two names deep."""
    return depot.replace("/", "-")


def list_ecartes(partage: Partage, quarantaine: Quarantaine) -> Iterator[Ecarte]:
    """Yield what waits, by Caf then age."""
    for dossier in partage.scan(quarantaine.dossier):
        if not dossier.dossier:
            continue
        for entree in partage.scan(f"{quarantaine.dossier}/{dossier.nom}"):
            if not entree.dossier and (depuis := read_horodatage(entree.nom)):
                yield Ecarte(dossier.nom, entree.nom, depuis + quarantaine.duree)


def purge_quarantaine(partage: Partage, quarantaine: Quarantaine, maintenant: datetime) -> int:
    """Destroy what nobody has decided on in time; return how many files went."""
    echus = [e for e in list_ecartes(partage, quarantaine) if e.jusqu_a <= maintenant]
    for ecarte in echus:
        partage.remove(f"{quarantaine.dossier}/{ecarte.cle}")
    return len(echus)


def admit(partage: Partage, quarantaine: Quarantaine, cle: str) -> None:
    """Have a file read again by the next reception, which then believes that it holds nobody's data.

    Raises:
        ErreurAllerVers: no such file waits.
    """
    ecarte = _find(partage, quarantaine, cle)
    source = f"{quarantaine.dossier}/{ecarte.cle}"
    partage.move(source, f"{quarantaine.dossier}/{ecarte.code_caf}/{ADMIS}/{ecarte.nom[16:]}")


def destroy(partage: Partage, quarantaine: Quarantaine, cle: str) -> None:
    """Destroy a file that does hold somebody's data.

    Raises:
        ErreurAllerVers: no such file waits.
    """
    partage.remove(f"{quarantaine.dossier}/{_find(partage, quarantaine, cle).cle}")


def _find(partage: Partage, quarantaine: Quarantaine, cle: str) -> Ecarte:
    trouve = next((e for e in list_ecartes(partage, quarantaine) if e.cle == cle), None)
    if trouve is None:
        raise ErreurAllerVers(
            "Aucun fichier de ce nom n'attend en quarantaine.",
            "recopier un des noms que donne « python -m aller_vers quarantaine » : il a pu être détruit, faute de "
            "décision.",
        )
    return trouve
