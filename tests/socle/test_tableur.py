"""Workbooks and CSV that we write: nothing is computed, no zero is lost, the same bytes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from aller_vers.socle import tableur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.feuille_de_rangees import FeuilleDeRangees


def test_a_csv_keeps_its_numbers_and_neutralises_its_formulas() -> None:
    octets = tableur.build_csv(("a", "b"), [("=1+1", Decimal("-3.500")), ("061", 1200), (None, "a;b")])
    assert octets.startswith(b"\xef\xbb\xbf")
    assert octets.decode("utf-8-sig") == 'a;b\r\n\'=1+1;-3,5\r\n061;1200\r\n;"a;b"\r\n'


def test_a_workbook_is_text_but_where_numbers_are_expected_and_the_same_each_time() -> None:
    def build() -> bytes:
        return tableur.build_classeur(
            "Essai", date(2025, 6, 1), "f", [("code", 9), ("valeur", 9)], [("061", None)], libres=("valeur",)
        )

    feuille = load_workbook(io.BytesIO(build()))["f"]
    assert (feuille["A2"].value, feuille["A2"].data_type, feuille["A2"].number_format) == ("061", "s", "@")
    assert [feuille.column_dimensions[c].number_format for c in "AB"] == ["@", "General"]
    assert build() == build()


def test_rows_written_at_once_are_those_that_the_library_writes_cell_by_cell() -> None:
    rares = ("<&\n>_x0041_ ", "_x0041_", *(f"{chr(rang)}é {chr(rang)}" for rang in range(400)))
    rangees = [(f"p{rang % 7}@example.org", "", rare) for rang, rare in enumerate(rares)]
    classeur, tampon = tableur.open_classeur("Essai", date(2025, 6, 1))
    del classeur._get_packager  # the library's own writes the texts that cells share
    texte = classeur.add_format({"num_format": "@"})
    entete = classeur.add_format({"num_format": "@", "bold": True})
    feuille = classeur.add_worksheet("f")
    for rang, nom in enumerate("abc"):
        feuille.set_column(rang, rang, 9, texte)
        feuille.write_string(0, rang, nom, entete)
    feuille.freeze_panes(1, 0)
    for numero, rangee in enumerate(rangees, start=1):
        for rang, valeur in enumerate(rangee):
            feuille.write_string(numero, rang, valeur, texte)
    classeur.close()
    colonnes = [(nom, 9) for nom in "abc"]
    assert tableur.build_classeur("Essai", date(2025, 6, 1), "f", colonnes, rangees) == tampon.getvalue()


def test_cells_written_at_once_are_those_that_the_library_writes_one_by_one() -> None:
    rangees = [
        (
            16 * (1 + rang % 3) + 0.4,
            [f"d'été n° {rang % 5}, « à % »", rang / 7, ""] if rang % 4 else ["<&>", -1e17, " é"],
        )
        for rang in range(40)
    ]

    def build(at_once: bool) -> bytes:
        classeur, tampon = tableur.open_classeur("Essai", date(2025, 6, 1))
        if not at_once:
            del classeur._get_packager
        # Numbered in the order in which they are first used: the library numbers them in that of their making.
        formes = [classeur.add_format({"num_format": motif}) for motif in ("@", "0.00", "#,##0")]
        feuille = classeur.add_worksheet("f", FeuilleDeRangees if at_once else None)
        feuille.write_string(0, 0, "Titre d'avant")
        feuille.add_table(2, 0, 42, 2, {"columns": [{"header": nom} for nom in "abc"]})
        if at_once:
            feuille.fill_cellules(3, 3, [(h, list(zip(ligne, formes, strict=True))) for h, ligne in rangees])
        else:
            for numero, (hauteur, ligne) in enumerate(rangees, start=3):
                feuille.set_row(numero, hauteur)
                for rang, (valeur, forme) in enumerate(zip(ligne, formes, strict=True)):
                    feuille.write_blank(numero, rang, None, forme) if valeur == "" else feuille.write(
                        numero, rang, valeur, forme
                    )
        classeur.close()
        return tampon.getvalue()

    assert build(at_once=True) == build(at_once=False)


def test_more_rows_than_a_workbook_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    check = FeuilleDeRangees._check_dimensions
    monkeypatch.setattr(FeuilleDeRangees, "_check_dimensions", lambda f, r, c, *x: check(f, r * 2**19, c, *x))
    tableur.build_classeur("Essai", date(2025, 6, 1), "f", [("a", 9)], [("x",)])
    with pytest.raises(ErreurAllerVers, match="2 lignes"):
        tableur.build_classeur("Essai", date(2025, 6, 1), "f", [("a", 9)], [("x",), ("x",)])
