"""Cells: what a spreadsheet does to codes, dates, months and numbers is undone where it leaves no doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from aller_vers.retours.fichiers.valeurs import (
    ValeurRefuseeError,
    read_code,
    read_compte,
    read_jour,
    read_mois,
    read_periode,
    read_reference,
    read_valeur,
)

CODES = {"011", "831", "2A1"}


@pytest.mark.parametrize(
    ("lis", "texte", "valeur"),
    [
        (lambda t: read_code(t, CODES, "Caf"), "011", "011"),
        (lambda t: read_code(t, CODES, "Caf"), "11", "011"),
        (lambda t: read_code(t, CODES, "Caf"), "2A1", "2A1"),
        (read_jour, "04/07/2025", date(2025, 7, 4)),
        (read_jour, "4/7/2025", date(2025, 7, 4)),
        (read_jour, "04/07/25", date(2025, 7, 4)),
        (read_jour, "04-07-2025", date(2025, 7, 4)),
        (read_jour, "04.07.2025", date(2025, 7, 4)),
        (read_jour, "2025-07-04", date(2025, 7, 4)),
        (read_jour, "2025-07-04 10:30:00", date(2025, 7, 4)),
        *((lambda t: str(read_mois(t)), t, "2025-06") for t in (
            "2025-06", "2025-6", "2025/06", "202506", "06/2025", "6/2025", "juin-25", "juin 2025", "JUIN-2025",
            "2025-06-01", "01/06/2025", "jun-25")),
        (lambda t: str(read_mois(t)), "août-25", "2025-08"),
        (lambda t: str(read_mois(t)), "févr.-25", "2025-02"),
        *((lambda t: read_periode(t, "semestre").texte, t, "2025-S1") for t in (
            "2025-S1", "2025S1", "S1 2025", "1er semestre 2025", "semestre 1 2025", "2025 semestre 1", "2025-1")),
        (lambda t: str(read_periode(t, "semestre").dernier_mois), "2025-S2", "2025-12"),
        (lambda t: read_periode(t, "trimestre").texte, "T2 2025", "2025-T2"),
        (lambda t: str(read_periode(t, "trimestre").dernier_mois), "2025-T2", "2025-06"),
        (lambda t: str(read_periode(t, "annee").dernier_mois), "2025", "2025-12"),
        (lambda t: read_periode(t, "mois").texte, "juin-25", "2025-06"),
        *((read_compte, t, 1234) for t in ("1234", "1 234", "1234,0", "1234.00", "+1234", "1 234,0")),
        (read_compte, "0", 0),
        (read_valeur, "1 234,56", Decimal("1234.56")),
        (read_valeur, "0,125", Decimal("0.125")),
    ],
)  # fmt: skip
def test_a_cell_is_read_whatever_was_done_to_it(
    lis: Callable[[str], Any], texte: str, valeur: object
) -> None:
    assert lis(texte) == valeur


@pytest.mark.parametrize(
    ("lis", "textes", "attendu"),
    [
        (lambda t: read_code(t, CODES, "Caf"), ["1", "0831", "83", "8310", "x", "٠١١"], "un code de Caf connu"),
        (read_jour, ["31/06/2025", "2025-13-01", "07/25", "04/07/1925", "demain", "45842"], "une date écrite"),
        (read_mois, ["2025-13", "2025-00", "juin", "13/2025", "02/06/2025", "20256", "x-y", "2024"], "un mois écrit"),
        (lambda t: read_periode(t, "semestre"), ["2025-S3", "2025-S0", "2024", "S3 2025", "2025-T1"], "un semestre écrit"),
        (lambda t: read_periode(t, "trimestre"), ["2025-T5", "2025-S1"], "un trimestre écrit"),
        (lambda t: read_periode(t, "annee"), ["25", "2025-06", "1999"], "une année"),
        (read_compte, ["1,5", "4.000", "4,000", "1.234.567", "-1", "1e3", "NC", "-", "12 34", "123456789", "٣"], "un nombre"),
        (read_valeur, ["1.234", "12,345", "-0,5", "1,2,3", "inf", "nan", "9" * 20], "un nombre"),
    ],
)  # fmt: skip
def test_a_cell_that_leaves_a_doubt_is_refused_and_never_quoted(
    lis: Callable[[str], Any], textes: list[str], attendu: str
) -> None:
    for texte in textes:
        with pytest.raises(ValeurRefuseeError, match=attendu) as refus:
            lis(texte)
        assert len(texte) < 4 or texte not in str(refus.value)


@pytest.mark.parametrize(
    "texte",
    ["31/07/2025 00:00:00", "31/07/2025 10h30", "31/7/2025 à 9 h", "2025-07-31T00:00:00", "31/07/25 0:00"],
)
def test_the_hour_that_a_day_carries_says_nothing_of_it(texte: str) -> None:
    assert read_jour(texte) == date(2025, 7, 31)
    assert str(read_mois(texte.replace("31", "01", 1).replace("07-31", "07-01"))) == "2025-07"


@pytest.mark.parametrize(
    "texte", ["1/7/2025 - 31/7/2025", "31/07/2025 25:00", "31/07/2025 merci", "néant", "NC", "--"]
)
def test_what_is_no_day_is_refused(texte: str) -> None:
    with pytest.raises(ValeurRefuseeError, match="une date écrite"):
        read_jour(texte)


@pytest.mark.parametrize(
    "texte", ["2,02507E+11", "2.02507E+11", "#####", "#NOM?", "12-mars", "mars-25", "04/07/2025", "VRAI"]
)
def test_a_reference_that_a_spreadsheet_has_destroyed_is_refused(texte: str) -> None:
    with pytest.raises(ValeurRefuseeError, match="un tableur l'a changée") as refus:
        read_reference(texte)
    assert texte not in str(refus.value)
    for reference in ("BF 831 202506 0001", "202507E", "BF-17", "2025070401234"):
        assert read_reference(reference) == reference
