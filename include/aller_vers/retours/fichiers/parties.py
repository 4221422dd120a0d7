"""The XML of a workbook's parts, read once as a stream: what its cells would cost, and every text that it holds."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

# Elements inside a text: what they cut is one text for whoever reads it.
_DANS_UN_TEXTE = frozenset(
    {"r", "rPr", "t", "rPh", "phoneticPr", "span", "a", "s", "b", "i", "u", "tab", "br", "pPr", "hyperlink"}
)
_ATTRIBUTS = frozenset(
    {"v", "name", "target", "title", "descr", "prompt", "promptTitle", "error", "errorTitle", "display", "tooltip",
     "caption", "altText", "string-value", "value", "author", "content", "href", "alt", "text", "Target"}
)  # fmt: skip
_FILTRES = frozenset({"filter", "customFilter"})
_ADRESSE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MISE_EN_PAGE = re.compile(r'&"[^"]*"|&[A-Z]|&[0-9]+')


@dataclass
class Etendue:
    """Of a sheet: its last filled row and column, its first cell that no value fills (row, column, what)."""

    lignes: int = 0
    colonnes: int = 0
    faute: tuple[int, int, str] | None = None


@dataclass
class Partie:
    """What a part's XML holds: its texts, those that only name its author, its sheets."""

    textes: list[str] = field(default_factory=list)
    auteurs: list[str] = field(default_factory=list)
    feuilles: list[Etendue] = field(default_factory=list)


def read_partie(octets: bytes) -> Partie:
    """Return what an XML part holds.

    Raises:
        expat.ExpatError: it is no XML, or it declares something.
    """
    lecteur = _Lecteur()
    analyseur = expat.ParserCreate()
    analyseur.buffer_text = True
    analyseur.StartElementHandler = lecteur.start
    analyseur.EndElementHandler = lecteur.end
    analyseur.CharacterDataHandler = lecteur.textes.append
    analyseur.StartDoctypeDeclHandler = _refuse_declaration
    analyseur.Parse(octets, True)
    lecteur.flush("")
    return lecteur.partie


def _refuse_declaration(*_: Any) -> None:
    raise expat.ExpatError("a declaration")


class _Lecteur:
    def __init__(self) -> None:
        self.partie = Partie()
        self.textes: list[str] = []
        self.ligne = self.colonne = self.repetition = 0
        self.cellule = ""

    def start(self, nom: str, attributs: dict[str, str]) -> None:
        local = nom.rpartition(":")[2]
        if local not in _DANS_UN_TEXTE:
            self.flush("")
        if attributs:
            for cle, valeur in attributs.items():
                court = cle.rpartition(":")[2]
                if "@" in valeur or (len(valeur) > 7 and (court in _ATTRIBUTS or local in _FILTRES)):
                    self.partie.textes.append(valeur)
        match local:
            case "sheetData" | "table":
                self.partie.feuilles.append(Etendue())
                self.ligne = self.colonne = 0
            case "row":
                self.ligne = _number(attributs.get("r"), self.ligne + 1)
                self.colonne = 0
            case "table-row":
                self.ligne += 1
                self.colonne, self.repetition = 0, _number(_get(attributs, "number-rows-repeated"), 1)
            case "c" if self.partie.feuilles:
                lue = _ADRESSE.fullmatch(attributs.get("r", ""))
                self.colonne = _column(lue[1]) if lue else self.colonne + 1
                self.ligne = int(lue[2]) if lue else self.ligne
                self.cellule = attributs.get("t", "n")
            case "v" | "is" | "f" if self.cellule:
                self._fill(0)
                if local == "f" or self.cellule == "e":
                    self._note("une formule" if local == "f" else "une erreur d'Excel")
            case "table-cell" | "covered-table-cell" if self.partie.feuilles:
                nombre = _number(_get(attributs, "number-columns-repeated"), 1)
                self.colonne += nombre
                if _get(attributs, "value-type"):
                    self._fill(self.repetition - 1)
                if _get(attributs, "formula"):
                    self._note("une formule")

    def end(self, nom: str) -> None:
        local = nom.rpartition(":")[2]
        if local not in _DANS_UN_TEXTE:
            self.flush(local)
        if local == "c":
            self.cellule = ""
        elif local == "table-row":
            self.ligne += self.repetition - 1

    def _fill(self, encore: int) -> None:
        feuille = self.partie.feuilles[-1]
        feuille.lignes = max(feuille.lignes, self.ligne + encore)
        feuille.colonnes = max(feuille.colonnes, self.colonne)

    def _note(self, quoi: str) -> None:
        feuille = self.partie.feuilles[-1]
        feuille.faute = feuille.faute or (self.ligne, self.colonne, quoi)

    def flush(self, local: str) -> None:
        """Keep the text that ends here, as what its element makes of it."""
        if not self.textes:
            return
        texte = "".join(self.textes)
        self.textes.clear()
        if len(texte) < 5:
            return
        if local in ("creator", "lastModifiedBy", "author", "initial-creator"):
            self.partie.auteurs.append(texte)
        elif local.startswith(("odd", "even", "first")):
            self.partie.textes.append(_MISE_EN_PAGE.sub(" ", texte))
        else:
            self.partie.textes.append(texte)


def _number(texte: str | None, defaut: int) -> int:
    return int(texte) if texte and texte.isdecimal() and len(texte) < 10 else defaut


def _column(lettres: str) -> int:
    rang = 0
    for lettre in lettres:
        rang = rang * 26 + ord(lettre) - 64
    return rang


def _get(attributs: dict[str, str], court: str) -> str | None:
    return next((valeur for cle, valeur in attributs.items() if cle.rpartition(":")[2] == court), None)
