"""The mailbox of a Caf, ``<caf>/retours/``: each file is taken, refused with its reason, destroyed, or left alone."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aller_vers.partage.partage import Partage
from aller_vers.partage.support import TEMPORAIRE, Entree
from aller_vers.retours.fichiers.formes import Forme, Nom, find_forme, rename_synonymes
from aller_vers.retours.fichiers.limites import Limites
from aller_vers.retours.fichiers.personnel import looks_personal
from aller_vers.retours.fichiers.tableau import (
    DonneePersonnelleError,
    FichierRefuseError,
    Tableau,
    read_tableau,
)
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.partitions import lock

RETOURS, TRAITES, MODELES, REFUSES = "retours", "traites", "modeles", "refuses"
# What systems leave in a folder by themselves.
_PARASITES = re.compile(r"\.(?!\.)|~\$|thumbs\.db$|desktop\.ini$", flags=re.IGNORECASE)
_NOM = re.compile(r"[^\w .()-]+")
Take = Callable[[Connection, str, Forme, Tableau], object]
OpenEntrepot = Callable[[], AbstractContextManager[Connection]]


@dataclass(frozen=True)
class Bilan:
    """What became of the files: counts, and the Caf of which one could not be handled at all."""

    pris: int = 0
    refuses: int = 0
    detruits: int = 0
    bloques: tuple[str, ...] = ()

    def __add__(self, autre: Bilan) -> Bilan:
        return Bilan(
            self.pris + autre.pris,
            self.refuses + autre.refuses,
            self.detruits + autre.detruits,
            tuple(sorted({*self.bloques, *autre.bloques})),
        )

    def require_all(self) -> None:
        """Make sure that no file is stuck.

        Raises:
            ErreurAllerVers: some are; the Caf are named, every other file has been handled.
        """
        if self.bloques:
            raise ErreurAllerVers(
                f"Des fichiers de retours/ n'ont pu être ni pris ni refusés (Caf {', '.join(self.bloques)}).",
                "lire le journal, vérifier les droits sur ces dossiers, puis relancer : les autres sont traités.",
            )


@dataclass(frozen=True)
class Boite:
    """How files are received: where, within which limits, when, and which shapes are taken by whom."""

    open_entrepot: OpenEntrepot
    partage: Partage
    limites: Limites
    maintenant: datetime
    repos: timedelta
    formes: Collection[Nom]
    take: Take


def collect(boite: Boite, codes_caf: Iterable[str], note: Callable[[str], None]) -> Bilan:
    """Handle every file of these Caf; safe to interrupt between any two acts, and to run twice at once.

    A file is taken in one transaction, then moved to ``retours/traites/``: a crash between the two makes it be
    taken again, which changes nothing. A refused one goes to ``refuses/``, its reason first. What looks like
    somebody's data is destroyed; only the reason stays. A file whose shape is another's is left to that other.

    Args:
        boite: see there.
        codes_caf: whose folders are read.
        note: told, without any value or name, of what could not be handled.
    """
    total = Bilan()
    for code_caf in codes_caf:
        entrees = boite.partage.scan(f"{code_caf}/{RETOURS}")
        if not any(_is_recu(entree, boite) for entree in entrees):
            continue
        with boite.open_entrepot() as verrou:  # held until the Caf is done: a second run waits here
            lock(verrou, "retours", code_caf)
            for entree in boite.partage.scan(f"{code_caf}/{RETOURS}"):
                if not _is_recu(entree, boite):
                    continue
                try:
                    total += _handle(boite, code_caf, entree)
                except Exception as erreur:  # noqa: BLE001 - one file stops no other; the run says so at its end
                    texte = str(erreur) if isinstance(erreur, ErreurAllerVers) else type(erreur).__name__
                    note(f"Caf {code_caf} : un fichier n'a pu être ni pris ni refusé ({texte}).")
                    total += Bilan(bloques=(code_caf,))
    return total


def _is_recu(entree: Entree, boite: Boite) -> bool:
    if entree.dossier and entree.nom in (TRAITES, MODELES):
        return False
    if entree.nom.startswith(TEMPORAIRE) or _PARASITES.match(entree.nom):
        return False
    age = boite.maintenant - entree.modifie_le if entree.modifie_le else boite.repos
    # A file may still be being copied; one of the future has a wrong clock, not a fresh hand.
    return not timedelta(0) <= age < boite.repos


def _handle(boite: Boite, code_caf: str, entree: Entree) -> Bilan:
    chemin = f"{code_caf}/{RETOURS}/{entree.nom}"
    try:
        if entree.lien or entree.dossier:
            raise FichierRefuseError(
                "Un lien ou un dossier a été déposé ici ; seuls des fichiers sont lus.",
                "déposer le fichier lui-même, directement dans retours/.",
            )
        octets = boite.partage.read(chemin, limite=boite.limites.octets + 1)
        if octets is None:  # another run, or its author, has just taken it away
            return Bilan()
        tableau = rename_synonymes(read_tableau(octets, entree.nom, boite.limites))
        forme = find_forme(tableau)
        if forme.nom not in boite.formes:
            return Bilan()
        with boite.open_entrepot() as entrepot:
            boite.take(entrepot, code_caf, forme, tableau)
    except FichierRefuseError as refus:
        return _refuse(boite, code_caf, entree, refus)
    horodatage = f"{boite.maintenant.astimezone(PARIS):%Y%m%d-%H%M%S}"
    boite.partage.move(chemin, f"{code_caf}/{RETOURS}/{TRAITES}/{horodatage}_{_safe(entree.nom)}")
    return Bilan(pris=1)


def _refuse(boite: Boite, code_caf: str, entree: Entree, refus: FichierRefuseError) -> Bilan:
    chemin, nom = f"{code_caf}/{RETOURS}/{entree.nom}", _safe(entree.nom)
    texte = f"Fichier : {nom}\r\nRefusé le {boite.maintenant.astimezone(PARIS):%d/%m/%Y}\r\n\r\n"
    texte += refus.motif.replace("\n", "\r\n") + "\r\n"
    motif = f"{code_caf}/{REFUSES}/{nom}.motif.txt"
    if entree.dossier and boite.partage.read(motif) is not None:
        return Bilan()  # said once: a folder is not ours to move
    boite.partage.write(motif, texte.encode("utf-8-sig"))
    if entree.dossier:
        return Bilan(refuses=1)
    if isinstance(refus, DonneePersonnelleError) or entree.lien:
        boite.partage.remove(chemin)
        return Bilan(detruits=1) if not entree.lien else Bilan(refuses=1)
    boite.partage.move(chemin, f"{code_caf}/{REFUSES}/{nom}")
    return Bilan(refuses=1)


def _safe(nom: str) -> str:
    """Return a name that any share and screen takes; distinct names stay distinct; a person's is not repeated."""
    if looks_personal(nom.rpartition(".")[0] or nom):
        return f"fichier_{secrets.token_hex(4)}"
    marque = hashlib.sha256(nom.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    propre = _NOM.sub("_", nom).strip(" .")[:100]
    return nom if propre == nom else f"{propre}_{marque}"
