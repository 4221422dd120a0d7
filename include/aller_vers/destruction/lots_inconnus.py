"""Month folders of the share that the ledger does not know: dropped after the backup that was restored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from aller_vers.destruction.lieux import list_caf
from aller_vers.lots.depot import SUSPENDU
from aller_vers.lots.etat import VERSION, read_manifeste
from aller_vers.lots.manifeste import NOM, Manifeste, ManifesteIllisibleError
from aller_vers.partage.partage import Partage
from aller_vers.partage.support import TEMPORAIRE, Entree
from aller_vers.socle.calendrier import add_mois
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class Inconnu:
    """A folder; ``entier``: there is nothing in it but whole versions of a lot, each as its manifest says."""

    mois: str
    code_caf: str
    manifestes: tuple[Manifeste, ...]
    entier: bool

    def is_due(self, jour: date, reglages: Reglages) -> bool:
        """Tell whether it has to go: on the day that its manifest gives, else by the end of its month."""
        fin = add_mois(Mois.parse(self.mois).fin, reglages.mois_avant_purge)
        return min((m.purge_le for m in self.manifestes), default=fin) <= jour


def scan_mois(partage: Partage) -> list[tuple[Entree, str]]:
    """Return what has the name of a month in the folder of a Caf, and the Caf."""
    return [
        (entree, code_caf)
        for code_caf in list_caf(partage)
        for entree in partage.scan(code_caf)
        if _is_mois(entree.nom)
    ]


def list_connus(entrepot: Connection, mois: set[str]) -> set[tuple[str, str]]:
    """Return the lots (month, Caf) of these months that the ledger or the purge knows.

    Months that are certified destroyed are there as (month, ``NATION``).
    """
    lignes = run_sql(entrepot, "destruction/select_connus.sql", mois=sorted(mois), nation=NATION)
    return {(c.mois, c.code_caf) for c in lignes}


def find_inconnus(
    partage: Partage, entrees: list[tuple[Entree, str]], connus: set[tuple[str, str]]
) -> Iterator[Inconnu]:
    """Yield those of these that are folders, hold something and are of no lot that is known.

    Those of a month that is certified destroyed are for the proof to tell.
    """
    for entree, code_caf in entrees:
        if entree.dossier and not {(entree.nom, NATION), (entree.nom, code_caf)} & connus:
            inconnu = _look(partage, entree.nom, code_caf)
            if inconnu is not None:
                yield inconnu


def _look(partage: Partage, mois: str, code_caf: str) -> Inconnu | None:
    dossier, manifestes, entier = f"{code_caf}/{mois}", [], True
    entrees = partage.scan(dossier)
    for entree in entrees:
        manifeste = None
        if entree.dossier and VERSION.fullmatch(entree.nom):
            manifeste = _read(partage, f"{dossier}/{entree.nom}", mois, code_caf)
        if manifeste is None:
            entier = entier and not entree.dossier and not entree.lien and _is_ours(entree.nom, {SUSPENDU})
            continue
        manifestes.append(manifeste)
        siens = {NOM, *(fichier.nom for fichier in manifeste.fichiers)}
        entier = entier and all(
            not e.dossier and not e.lien and _is_ours(e.nom, siens)
            for e in partage.scan(f"{dossier}/{entree.nom}")
        )
    tries = tuple(sorted(manifestes, key=lambda m: m.version))
    return Inconnu(mois, code_caf, tries, entier and bool(tries)) if entrees else None


def _read(partage: Partage, dossier: str, mois: str, code_caf: str) -> Manifeste | None:
    octets = partage.read(f"{dossier}/{NOM}")
    try:
        manifeste = read_manifeste(octets or b"", NOM)
    except ManifesteIllisibleError:
        return None
    attendu = f"{code_caf}/{mois}/v{manifeste.version}"
    return (
        manifeste if (str(manifeste.mois), manifeste.code_caf, dossier) == (mois, code_caf, attendu) else None
    )


def _is_ours(nom: str, siens: set[str]) -> bool:
    return nom in siens or nom.startswith(TEMPORAIRE)


def _is_mois(nom: str) -> bool:
    try:
        Mois.parse(nom)
    except ErreurAllerVers:
        return False
    return True
