"""How people read French: one way to write each thing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from aller_vers.socle import francais


@pytest.mark.parametrize(
    ("valeur", "decimales", "texte"),
    [
        (None, 0, "—"), (0, 0, "0"), (1645, 0, "1\u202f645"), (-1645, 0, "−1\u202f645"), (-0.4, 0, "0"), (2.5, 0, "3"),
        (Decimal("-3.55"), 1, "−3,6"), (Decimal("12345.675"), 2, "12\u202f345,68"), (7, 1, "7,0"),
    ],
)  # fmt: skip
def test_a_number(valeur: Decimal | None, decimales: int, texte: str) -> None:
    assert francais.write_nombre(valeur, decimales) == texte


def test_a_share_and_a_difference() -> None:
    assert francais.write_part(Decimal("0.066666666667")) == "6,7\u202f%"
    assert [francais.write_ecart(n) for n in (12, -3, 0, None)] == ["+12", "−3", "=", "—"]
    assert francais.write_ecart(Decimal("-0.04"), 1) == "="


def test_a_day_and_a_moment_are_those_of_paris() -> None:
    minuit = datetime(2025, 8, 31, 22, 30, tzinfo=UTC)
    assert francais.write_jour(date(2025, 7, 4)) == "04/07/2025"
    assert francais.write_jour(minuit) == "01/09/2025"
    assert francais.write_instant(minuit) == "01/09/2025 à 00:30"
    assert francais.write_mois(date(2025, 8, 1)) == "août 2025"


@pytest.mark.parametrize(
    ("nombre", "texte"), [(0, "aucun lot retenu"), (1, "1 lot retenu"), (2, "2 lots retenus")]
)
def test_a_noun_agrees_with_its_number(nombre: int, texte: str) -> None:
    assert francais.count(nombre, "lot retenu") == texte


def test_the_words_around_a_noun() -> None:
    assert francais.agree(2, "Caf") == "Caf"
    assert francais.agree(2, "avis") == "avis"
    assert francais.count(0, "personne", feminin=True) == "aucune personne"
    assert [francais.write_duree(n, "mois") for n in (1, 3, 36)] == ["un mois", "trois mois", "36 mois"]
    assert francais.write_duree(5, "jour ouvré") == "cinq jours ouvrés"
    assert [francais.write_de(nom) for nom in ("août 2025", "juin 2025", "octobre 2025")] == [
        "d'août 2025", "de juin 2025", "d'octobre 2025",
    ]  # fmt: skip
    assert francais.enumerate_mots(["a", "b", "c"]) == "a, b et c"
    assert francais.enumerate_mots(["a"]) == "a"
