"""Workbooks, CSV and texts that people open in a spreadsheet or an editor: the same content gives the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

# Rows under those prefilled whose cells say and refuse the same: an agent adds some.
_LIGNES_LIBRES = 50
# What makes a spreadsheet compute a cell of a CSV.
FORMULE = ("=", "+", "-", "@", "\t", "\r")


class Controle(NamedTuple):
    """What the cells of a column say when one is chosen, and what they take: a list, or what a formula of ``{c}`` says.

    A cell of a text is judged as such: a whole number is asked of its value, since no text is one.
    """

    aide: str
    liste: tuple[str, ...] = ()
    formule: str = ""


def open_classeur(titre: str, cree_le: date) -> tuple[Any, io.BytesIO]:
    """Return a workbook to write and close, and the buffer that its bytes are then in.

    Args:
        titre: of its properties.
        cree_le: its day of making: that of the content and not of the clock.
    """
    import xlsxwriter  # heavy, and reading the DAGs writes no workbook

    from aller_vers.socle.feuille_de_rangees import EmpaqueteurDeTextes

    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(
        tampon,
        {
            # Never the library's « constant memory »: it writes the rows, people in clear, in a file of the worker.
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    classeur._get_packager = EmpaqueteurDeTextes
    classeur.set_properties({"title": titre, "created": datetime(cree_le.year, cree_le.month, cree_le.day)})
    return classeur, tampon


def build_classeur(
    titre: str, cree_le: date, feuille: str, colonnes: Iterable[tuple[str, int]],
    rangees: Iterable[Sequence[str | None]], libres: Container[str] = (),
    controles: Mapping[str, Controle] | None = None,
) -> bytes:  # fmt: skip
    """Return a workbook of one sheet, every cell a text: no spreadsheet evaluates it, or takes the zero off 061.

    Args:
        titre: of its properties.
        cree_le: its day of making.
        feuille: name of its sheet.
        colonnes: name and width of each column.
        rangees: the cells of each row, in the order of the columns; None leaves a cell as its column is.
        libres: columns whose empty cells take numbers too.
        controles: what the cells of a column say and take, by its name.
    """
    from aller_vers.socle.feuille_de_rangees import FeuilleDeRangees

    classeur, tampon = open_classeur(titre, cree_le)
    texte = classeur.add_format({"num_format": "@"})
    entete = classeur.add_format({"num_format": "@", "bold": True})
    ecrite = classeur.add_worksheet(feuille, FeuilleDeRangees)
    noms = []
    for rang, (nom, largeur) in enumerate(colonnes):
        noms.append(nom)
        ecrite.set_column(rang, rang, largeur, None if nom in libres else texte)
        ecrite.write_string(0, rang, nom, entete)
    ecrite.freeze_panes(1, 0)
    derniere = ecrite.fill(len(noms), rangees, texte)
    if controles:
        ecrite.set_landscape()
        ecrite.fit_to_pages(1, 0)
    for rang, nom in enumerate(noms):
        if controle := (controles or {}).get(nom):
            _write_controle(ecrite, rang, nom, controle, derniere + _LIGNES_LIBRES)
    classeur.close()
    return tampon.getvalue()


def _write_controle(feuille: Any, rang: int, nom: str, controle: Controle, derniere: int) -> None:
    dit = {"input_title": nom[:32], "input_message": controle.aide}
    feuille.data_validation(0, rang, 0, rang, {"validate": "any", **dit})
    if controle.liste:
        regle: dict[str, Any] = {"validate": "list", "source": list(controle.liste)}
    elif controle.formule:
        cellule = f"{chr(ord('A') + rang)}2"
        regle = {"validate": "custom", "value": f"={controle.formule.format(c=cellule)}"}
    else:
        regle = {"validate": "any"}
    refus = {"error_title": "À corriger", "error_message": controle.aide}
    feuille.data_validation(1, rang, derniere, rang, {**regle, **dit, **refus})


def build_csv(colonnes: Sequence[str], rangees: Iterable[Iterable[object]]) -> bytes:
    """Return a CSV that a French Excel opens: ``;``, UTF-8 with BOM, CRLF; it computes no text."""
    tampon = io.StringIO(newline="")
    ecrit = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrit.writerow(colonnes)
    ecrit.writerows([_write_cellule(valeur) for valeur in rangee] for rangee in rangees)
    return encode(tampon.getvalue())


def encode(texte: str) -> bytes:
    """Return the bytes of a text for Windows: UTF-8 with BOM, CRLF."""
    return texte.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8-sig")


def _write_cellule(valeur: object) -> str:
    if isinstance(valeur, int | Decimal):  # a number is no formula: a French spreadsheet reads its comma
        return f"{Decimal(valeur).normalize():f}".replace(".", ",")
    texte = "" if valeur is None else str(valeur)
    return f"'{texte}" if texte.startswith(FORMULE) else texte
