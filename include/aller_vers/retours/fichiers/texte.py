"""A received csv: whatever its encoding, separator and ends of lines, or the reason why it is unreadable."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Sequence

from aller_vers.retours.fichiers.refus import FichierRefuseError
from aller_vers.socle.reglages_reception import Limites

Rangees = list[tuple[int, Sequence[str]]]

_SIGNATURES = (
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"%PDF",
    b"MZ",
    b"\x7fELF",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
)
_SEPARATEURS = ";\t,|"
_COMMANDES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufffe\uffff]")
_DECLARATION = re.compile(r"sep=([;\t,|])\n", flags=re.IGNORECASE)


def read_texte(octets: bytes, limites: Limites) -> Rangees:
    """Return the rows of a csv, each with its number in the file.

    Raises:
        FichierRefuseError: it is not text, a line or a cell has no end, or there are too many.
    """
    if octets.startswith(_SIGNATURES):
        raise FichierRefuseError(
            "Le contenu n'est pas celui d'un fichier .csv : c'est un autre type de fichier, renommé.",
            "ouvrir le fichier d'origine dans Excel et l'enregistrer comme « CSV UTF-8 » ou « Classeur Excel ».",
        )
    texte = _decode(octets).replace("\r\n", "\n").replace("\r", "\n")
    declare = _DECLARATION.match(texte)
    texte = texte[declare.end() :] if declare else texte
    premiere = 2 if declare else 1
    lignes = texte.split("\n")
    # Cells over several lines and blank ones have their place, twice as many as rows.
    if len(lignes) > 2 * limites.lignes + 100:
        raise FichierRefuseError(
            f"Le fichier dépasse {limites.lignes} lignes.",
            "reprendre le modèle et n'y mettre que les lignes demandées.",
        )
    if max(map(len, lignes)) > limites.colonnes * (limites.caracteres + 3):
        raise FichierRefuseError(
            "Une ligne du fichier est trop longue pour un tableau.",
            "l'enregistrer de nouveau depuis Excel comme « CSV UTF-8 », une ligne par ligne du modèle.",
        )
    separateur = declare[1] if declare else _find_separateur(texte)
    rangees = _parse(texte, separateur, premiere)
    remplies = [(numero, cellules) for numero, cellules in rangees if any(c.strip() for c in cellules)]
    if remplies and all(len(cellules) == 1 for _, cellules in remplies) and not declare:
        # Whole lines in one cell: the table was opened with another separator, then saved.
        dedans = _find_separateur(remplies[0][1][0])
        return [rangee for n, cellules in remplies for rangee in _parse(cellules[0], dedans, n)]
    return rangees


def _decode(octets: bytes) -> str:
    candidats = ["utf-8-sig", "cp1252"]
    if octets.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidats = ["utf-16"]
    elif b"\x00" in octets[:200]:
        # UTF-16 without its mark: one byte in two of a title is null.
        candidats = ["utf-16-be" if octets[:1] == b"\x00" else "utf-16-le"]
    for encodage in candidats:
        try:
            texte = octets.decode(encodage)
        except UnicodeDecodeError:
            continue
        if not _COMMANDES.search(texte):
            return texte
    raise FichierRefuseError(
        "Le fichier n'est pas un texte lisible.",
        "l'enregistrer de nouveau depuis Excel comme « CSV UTF-8 », ou le rendre en .xlsx.",
    )


def _find_separateur(texte: str) -> str:
    """Return what separates the titles: the commonest of the four in the first line that is not empty."""
    titre = next((ligne for ligne in texte.split("\n") if ligne.strip(_SEPARATEURS + ' "')), "")
    return max(_SEPARATEURS, key=re.sub(r'"[^"]*"', "", titre).count)


def _parse(texte: str, separateur: str, premiere: int) -> Rangees:
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
    rangees: Rangees = []
    debut = premiere
    try:
        for cellules in lecteur:
            rangees.append((debut, cellules))
            debut = premiere + lecteur.line_num
    except csv.Error:
        raise FichierRefuseError(
            f"Les guillemets de la ligne {debut} ne se ferment pas comme il faut.",
            "retirer les guillemets de cette ligne, ou rendre le fichier en .xlsx.",
        ) from None
    return rangees
