"""Workbooks and CSV that we write: nothing is computed, no zero is lost, the same bytes."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

from openpyxl import load_workbook

from aller_vers.socle import tableur


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
