"""Reading a received table, csv or workbook: tolerant of what Excel does to one, hostile files refused unread."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aller_vers.retours.fichiers.classeur import read_classeur
from aller_vers.retours.fichiers.personnel import require_impersonal, require_no_trace
from aller_vers.retours.fichiers.refus import (
    DonneeDouteuseError,
    DonneePersonnelleError,
    FichierRefuseError,
    name_cellule,
)
from aller_vers.retours.fichiers.texte import read_texte
from aller_vers.socle.francais import count
from aller_vers.socle.reglages_reception import Limites

__all__ = [
    "DonneeDouteuseError",
    "DonneePersonnelleError",
    "FichierRefuseError",
    "Tableau",
    "normalise_titre",
    "read_tableau",
]

_TITRE = re.compile(r"[^a-z0-9]+")
# Excel would run these; a sign before a number is a number.
_FORMULE = re.compile(r"[=@]|[+-](?![\d\s.,]*$)")
# How people write « nothing »: dashes, a word between dashes.
_RIEN = re.compile(r"[-+ ]+(?:[^\W\d_]+[-. ]+)?")
_INVISIBLES = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_LECTEURS = {
    "csv": read_texte,
    "txt": read_texte,
    "xlsx": read_classeur,
    "xls": read_classeur,
    "ods": read_classeur,
}


@dataclass(frozen=True)
class Tableau:
    """A received table: normalised titles (``date_arrete``), cells as trimmed texts, '' where empty.

    ``numeros``: the row of each line in the file, as its author sees it.
    """

    colonnes: tuple[str, ...]
    lignes: tuple[tuple[str, ...], ...]
    numeros: tuple[int, ...]

    def require_colonnes(self, attendues: Sequence[str], facultatives: Sequence[str] = ()) -> None:
        """Make sure that the table has these columns, in any order, and no other.

        Raises:
            FichierRefuseError: some are missing or unknown; a missing one is named, an unknown one is counted.
        """
        absentes = [nom for nom in attendues if nom not in self.colonnes]
        inconnues = set(self.colonnes) - set(attendues) - set(facultatives)
        if absentes or inconnues:
            fautes = [f"il manque {', '.join(absentes)}"] if absentes else []
            fautes += [f"{count(len(inconnues), 'colonne', feminin=True)} en trop"] if inconnues else []
            raise FichierRefuseError(
                f"Les colonnes ne sont pas celles attendues : {' ; '.join(fautes)}.",
                f"reprendre le modèle, dont la première ligne est : {';'.join((*attendues, *facultatives))}",
            )

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each row: its number in the file, its cells by title."""
        for numero, ligne in zip(self.numeros, self.lignes, strict=True):
            yield numero, dict(zip(self.colonnes, ligne, strict=True))


def read_tableau(octets: bytes, nom: str, limites: Limites, admis: bool = False) -> Tableau:
    """Read a received file.

    Encodings (UTF-8, cp1252, UTF-16), separators, quotes, ends of lines, empty rows and columns, accents and
    capitals of titles are forgiven. Anything that could run, reach out, or cost more than ``limites`` is not.

    Args:
        octets: the file, read from the share up to one byte more than the limit.
        nom: its name, without folder; its extension alone counts.
        limites: see there.
        admis: a person has looked: what may be somebody's data is not.

    Raises:
        DonneePersonnelleError: it holds somebody's data; to be destroyed.
        DonneeDouteuseError: it may hold some; for a person to decide.
        FichierRefuseError: it cannot be taken; ``motif`` says why, and what to do.
    """
    try:
        tableau = _read(octets, nom, limites, admis=admis)
    except (DonneePersonnelleError, DonneeDouteuseError):
        raise
    except FichierRefuseError as refus:
        require_no_trace(octets, limites, admis=admis, refus=refus)
        raise
    if not nom.lower().endswith((".csv", ".txt")):
        require_no_trace(octets, limites, admis=admis)
    return tableau


def normalise_titre(texte: str) -> str:
    """Return a title without accents, capitals or punctuation: ``Date d'arrêté`` gives ``date_d_arrete``."""
    sans_accent = unicodedata.normalize("NFKD", texte).encode("ascii", "ignore").decode()
    return _TITRE.sub("_", sans_accent.lower()).strip("_")


def _read(octets: bytes, nom: str, limites: Limites, *, admis: bool) -> Tableau:
    extension = nom.rpartition(".")[2].lower()
    if extension not in _LECTEURS:
        raise FichierRefuseError(
            "Ce type de fichier n'est pas accepté.",
            "dans Excel, « Enregistrer sous », choisir « Classeur Excel (.xlsx) » (sans macros) ou "
            "« CSV UTF-8 », puis déposer ce fichier-là.",
        )
    if len(octets) > limites.octets:
        raise FichierRefuseError(
            f"Le fichier dépasse {limites.octets // 1000} ko, trop pour un tableau de comptes.",
            "reprendre le modèle et n'y mettre que les lignes demandées.",
        )
    if not octets.strip():
        raise FichierRefuseError("Le fichier est vide.", "le déposer de nouveau, enregistré et complet.")
    brutes = _LECTEURS[extension](octets, limites)
    for numero, cellules in brutes:  # before anything transforms one
        for rang, cellule in enumerate(cellules, start=1):
            if len(cellule) > limites.caracteres and len(cellule.strip()) > limites.caracteres:
                raise _too_long(numero, rang, limites)
    rangees = [(numero, tuple(_clean(c) for c in cellules)) for numero, cellules in brutes]
    return _build([r for r in rangees if any(r[1])], limites, admis=admis)


def _too_long(numero: int, rang: int, limites: Limites) -> FichierRefuseError:
    return FichierRefuseError(
        f"La cellule {name_cellule(numero, rang)} dépasse {limites.caracteres} caractères.",
        "la raccourcir : ce fichier n'attend que des codes, des dates et des nombres.",
    )


def _clean(cellule: str) -> str:
    if not cellule.isascii():
        cellule = unicodedata.normalize("NFC", cellule).translate(_INVISIBLES)
    return " ".join(cellule.split())


def _build(rangees: list[tuple[int, tuple[str, ...]]], limites: Limites, *, admis: bool) -> Tableau:
    if not rangees:
        raise FichierRefuseError(
            "Le fichier ne contient aucune donnée.", "le déposer de nouveau, enregistré et complet."
        )
    largeur = max(_width(cellules) for _, cellules in rangees)
    egales = [(n, (*cellules, *("",) * largeur)[:largeur]) for n, cellules in rangees]
    titres = tuple(normalise_titre(t) or t for t in egales[0][1])
    # First: a list of people must be known as one even where its shape is refused.
    require_impersonal(titres, egales, admis=admis)
    if len(egales) - 1 > limites.lignes or largeur > limites.colonnes:
        raise FichierRefuseError(
            f"Le tableau dépasse {limites.lignes} lignes ou {limites.colonnes} colonnes.",
            "reprendre le modèle et n'y mettre que les lignes demandées.",
        )
    for numero, cellules in egales:
        _check_cellules(numero, cellules, limites)
    _check_titres(titres)
    return Tableau(
        colonnes=titres,
        lignes=tuple(cellules for _, cellules in egales[1:]),
        numeros=tuple(numero for numero, _ in egales[1:]),
    )


def _width(cellules: tuple[str, ...]) -> int:
    return max((rang for rang, cellule in enumerate(cellules, start=1) if cellule), default=0)


def _check_titres(titres: tuple[str, ...]) -> None:
    if "" in titres:
        raise FichierRefuseError(
            f"La colonne {titres.index('') + 1} est remplie et n'a pas de titre en première ligne.",
            "vider cette colonne, ou reprendre la première ligne du modèle.",
        )
    doubles = sorted({titre for titre in titres if titres.count(titre) > 1})
    if doubles:
        raise FichierRefuseError(
            f"La colonne {titres.index(doubles[0]) + 1} a le même titre qu'une autre.",
            "ne garder qu'une colonne de chaque titre, comme dans le modèle.",
        )


def _check_cellules(numero: int, cellules: tuple[str, ...], limites: Limites) -> None:
    for rang, cellule in enumerate(cellules, start=1):
        if len(cellule) > limites.caracteres:
            raise _too_long(numero, rang, limites)
        if len(cellule) > 1 and _FORMULE.match(cellule) and not _RIEN.fullmatch(cellule):
            raise FichierRefuseError(
                f"La cellule {name_cellule(numero, rang)} est une formule.",
                "remplacer la formule par sa valeur (copier, puis « Collage spécial », « Valeurs »).",
            )
