"""A person file read back as the Caf's own tools would: its rows, and what in it is not as it has to be."""

from __future__ import annotations

import csv
import io
import warnings
from dataclasses import dataclass, field
from typing import Literal

from aller_vers.lots.contenu import COLONNES, Ligne
from aller_vers.lots.presentation import FORMULE


@dataclass(frozen=True)
class FichierLu:
    """What a person file holds; values never show in ``repr``.

    ``lignes`` is None where the columns are not those of the contract: nothing can then be compared.
    ``cellules_evaluables``: cells that a spreadsheet would compute, or take for a number or a date.
    """

    lignes: tuple[Ligne, ...] | None = field(repr=False)
    cellules_evaluables: int


def read_personnes(octets: bytes, format_: Literal["xlsx", "csv"]) -> FichierLu | None:
    """Read a plain person file; None if it is not one at all."""
    return _read_classeur(octets) if format_ == "xlsx" else _read_csv(octets)


def _read_classeur(octets: bytes) -> FichierLu | None:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):  # they quote the cell, and Airflow logs them
            feuilles = load_workbook(io.BytesIO(octets), read_only=True).worksheets
            rangees = [list(rangee) for feuille in feuilles for rangee in feuille.iter_rows()]
    except Exception:  # noqa: BLE001 - whatever the library makes of it, no Caf would read it either
        return None
    evaluables = sum(
        cellule.value is not None and cellule.data_type != "s" for rangee in rangees for cellule in rangee
    )
    textes = [["" if c.value is None else str(c.value) for c in rangee] for rangee in rangees]
    return FichierLu(_read_lignes(textes) if len(feuilles) == 1 else None, evaluables)


def _read_csv(octets: bytes) -> FichierLu | None:
    try:
        texte = octets.decode("utf-8-sig")
        rangees = list(csv.reader(io.StringIO(texte, newline=""), delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    if not octets.startswith(b"\xef\xbb\xbf"):
        return None
    evaluables = sum(cellule.startswith(FORMULE) for rangee in rangees for cellule in rangee)
    nues = [
        [c[1:] if c[:1] == "'" and c[1:].startswith(FORMULE) else c for c in rangee] for rangee in rangees
    ]
    return FichierLu(_read_lignes(nues), evaluables)


def _read_lignes(rangees: list[list[str]]) -> tuple[Ligne, ...] | None:
    if not rangees or tuple(rangees[0]) != COLONNES or any(len(r) > len(COLONNES) for r in rangees):
        return None
    return tuple(Ligne(*rangee, *[""] * (len(COLONNES) - len(rangee))) for rangee in rangees[1:])
