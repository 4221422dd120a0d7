"""Files that people edit: read whole, or refused with the file, the line, the column and what to do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from aller_vers.socle.erreurs import ErreurAllerVers

_COMMANDES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UTF8 = "l'enregistrer de nouveau en UTF-8 (dans Excel : « CSV UTF-8 »)."


class Colonne(NamedTuple):
    """What a column holds: the form of its cells, said in French."""

    forme: re.Pattern[str]
    attendu: str


CODE = Colonne(re.compile(r"[0-9]{3}"), "un code de trois chiffres")
JOUR = Colonne(re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"), "une date écrite AAAA-MM-JJ")
TEXTE = Colonne(re.compile(r"[^\n]*[^\s][^\n]*"), "un texte")


class FichierEditeError(ErreurAllerVers):
    """A file that a person edits cannot be read; ``constat`` says where, never what stands there."""


def read_texte(fichier: Path) -> str:
    """Return the text of a file in UTF-8, with its mark or without, its ends of lines made one.

    Raises:
        FichierEditeError: it is absent, or written otherwise; the first byte that is no UTF-8 is placed.
    """
    try:
        octets = fichier.read_bytes()
    except OSError as erreur:
        raise FichierEditeError(
            f"Le fichier {fichier} est introuvable, ou ne s'ouvre pas ({type(erreur).__name__}).",
            "le remettre à sa place, ou corriger le réglage qui le nomme.",
        ) from None
    if octets.startswith(_UTF16):
        raise refuse(fichier, "il est écrit en UTF-16", _UTF8)
    try:
        texte = octets.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        avant = octets[: erreur.start]
        ligne, colonne = avant.count(b"\n") + 1, len(avant) - avant.rfind(b"\n")
        ou = f"ligne {ligne}, colonne {colonne}"
        raise refuse(
            fichier, f"{ou} : un caractère y est écrit en cp1252 (Windows), non en UTF-8", _UTF8
        ) from None
    texte = texte.replace("\r\n", "\n").replace("\r", "\n")
    if trouve := _COMMANDES.search(texte):
        ligne = texte.count("\n", 0, trouve.start()) + 1
        raise refuse(fichier, f"ligne {ligne} : un caractère invisible n'y a pas sa place", "le retirer.")
    return texte


def read_csv(
    fichier: Path, colonnes: Mapping[str, Colonne], cle: int = 1
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the cells of these columns, row by row, each with its number in the file.

    Args:
        fichier: a csv with « ; » and a line of titles; its other columns are left.
        colonnes: by title, in the order of the answer.
        cle: how many of the first of them no two rows have alike.

    Raises:
        FichierEditeError: it is no such file, a column is absent or written twice, a row is short or long, stands
            twice, or has a cell whose form is not that of its column.
    """
    lecteur = csv.reader(io.StringIO(read_texte(fichier), newline=""), delimiter=";", strict=True)
    try:
        titres = next(lecteur, [])
        rangs = _find_rangs(fichier, titres, colonnes)
        rangees, vus = list[tuple[int, tuple[str, ...]]](), dict[tuple[str, ...], int]()
        debut = lecteur.line_num + 1
        for cellules in lecteur:
            numero, debut = debut, lecteur.line_num + 1
            if not any(cellules):
                continue
            if len(cellules) != len(titres):
                quoi = f"ligne {numero} : ses cellules sont {len(cellules)} au lieu de {len(titres)}"
                raise refuse(fichier, quoi, "rétablir cette ligne, un « ; » entre deux cellules.")
            lues = tuple(cellules[rang] for rang in rangs)
            _check_formes(fichier, numero, lues, colonnes)
            if premiere := vus.get(lues[:cle]):
                quoi = f"ligne {numero} : elle redit la ligne {premiere} ({', '.join(list(colonnes)[:cle])})"
                raise refuse(fichier, quoi, "n'en garder qu'une.")
            vus[lues[:cle]] = numero
            rangees.append((numero, lues))
    except csv.Error:
        quoi = f"ligne {lecteur.line_num} : ses guillemets ne se ferment pas"
        raise refuse(fichier, quoi, "les retirer, ou les fermer.") from None
    if not rangees:
        raise refuse(fichier, "il n'a aucune ligne", "le rétablir tel qu'il était.")
    return rangees


def refuse(fichier: Path, quoi: str, remede: str) -> FichierEditeError:
    """Make the refusal of a file, ready to be raised."""
    return FichierEditeError(f"Le fichier {fichier} est refusé : {quoi}.", remede)


def read_jour(fichier: Path, numero: int, colonne: str, texte: str) -> date:
    """Return the day that a cell names.

    Raises:
        FichierEditeError: there is no such day.
    """
    try:
        return date.fromisoformat(texte)
    except ValueError:
        quoi = f"ligne {numero}, colonne {colonne} : ce jour n'existe pas"
        raise refuse(fichier, quoi, "corriger cette cellule.") from None


def require_known(
    fichier: Path, cellules: Iterable[tuple[int, str]], colonne: str, connus: Container[str]
) -> None:
    """Make sure that the codes of a column, each with its line, exist.

    Raises:
        FichierEditeError: one does not.
    """
    for numero, code in cellules:
        if code not in connus:
            quoi = f"ligne {numero}, colonne {colonne} : le code {code} n'existe pas dans la référence"
            raise refuse(
                fichier, quoi, "corriger ce code, ou l'ajouter d'abord au fichier qui en donne la liste."
            )


def _find_rangs(fichier: Path, titres: list[str], colonnes: Mapping[str, Colonne]) -> list[int]:
    if absentes := [colonne for colonne in colonnes if colonne not in titres]:
        faute = f"ligne 1, colonnes absentes : {', '.join(absentes)}"
        remede = "rétablir la première ligne, écrite avec des « ; » (include/reference/README.md)."
        raise refuse(fichier, faute, remede)
    if doubles := [colonne for colonne in colonnes if titres.count(colonne) > 1]:
        raise refuse(fichier, f"ligne 1, colonnes en double : {', '.join(doubles)}", "n'en garder qu'une.")
    return [titres.index(colonne) for colonne in colonnes]


def _check_formes(
    fichier: Path, numero: int, cellules: tuple[str, ...], colonnes: Mapping[str, Colonne]
) -> None:
    for (nom, colonne), cellule in zip(colonnes.items(), cellules, strict=True):
        if colonne.forme.fullmatch(cellule):
            continue
        remede = "corriger cette cellule."
        if cellule.isdecimal() and any(colonne.forme.fullmatch(cellule.zfill(n)) for n in (2, 3, 5, 9)):
            remede = (
                "un tableur a retiré les zéros de tête : reprendre le fichier d'origine, et l'ouvrir dans un éditeur "
                "de texte, ou dans Excel par « Données », « Fichier texte », avec des colonnes en « Texte »."
            )
        raise refuse(fichier, f"ligne {numero}, colonne {nom} : {colonne.attendu} y est attendu", remede)
