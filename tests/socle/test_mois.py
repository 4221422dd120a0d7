"""The reference month: read, written, shifted, compared."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

# Far enough from 2000 and 2999 for a shift of a thousand months to stay inside.
MOIS = st.builds(Mois, st.integers(2100, 2900), st.integers(1, 12))
DECALAGES = st.integers(-1000, 1000)


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [("2025-06", Mois(2025, 6)), ("2000-01", Mois(2000, 1)), ("2999-12", Mois(2999, 12))],
)
def test_a_month_is_read_as_year_and_number(texte: str, attendu: Mois) -> None:
    assert Mois.parse(texte) == attendu


@pytest.mark.parametrize(
    "texte",
    [
        "", "juin", "juin 2025", "2025-13", "2025-00", "2025-6", "25-06", "2025-06-01", "2025/06", "202506",
        " 2025-06", "2025-06 ", "2025-06\n", "-2025-06", "1999-12", "3000-01", "２０２５-０６", "٢٠٢٥-٠٦",
    ],
)  # fmt: skip
def test_what_is_not_a_month_is_refused_and_the_message_shows_how_to_write_it(texte: str) -> None:
    with pytest.raises(ErreurAllerVers) as capture:
        Mois.parse(texte)
    assert capture.value.constat == f"« {texte} » n'est pas un mois."
    assert capture.value.remede == "l'écrire AAAA-MM, par exemple 2025-06 pour juin 2025."
    assert capture.value.__cause__ is None


def test_a_long_text_in_place_of_a_month_is_cut_in_the_message() -> None:
    with pytest.raises(ErreurAllerVers) as capture:
        Mois.parse("un texte collé par erreur : marie@example.org")
    assert "example.org" not in str(capture.value)


@pytest.mark.parametrize(("annee", "numero"), [(2025, 0), (2025, 13), (1999, 6), (3000, 1)])
def test_a_month_out_of_bounds_cannot_be_made(annee: int, numero: int) -> None:
    with pytest.raises(ErreurAllerVers, match="n'est pas un mois"):
        Mois(annee, numero)


@given(MOIS)
def test_a_month_survives_being_written_and_read(mois: Mois) -> None:
    assert Mois.parse(str(mois)) == mois
    assert Mois.of(mois.debut) == mois
    assert Mois.parse(f"{mois.compact[:4]}-{mois.compact[4:]}") == mois


@given(MOIS, DECALAGES, DECALAGES)
def test_shifts_add_up_and_undo_each_other(mois: Mois, a: int, b: int) -> None:
    assert mois.shift(0) == mois
    assert mois.shift(a).shift(-a) == mois
    if abs(a + b) <= 1000:
        assert mois.shift(a + b) == mois.shift(a).shift(b)
    assert (mois.shift(a) > mois) == (a > 0)
    assert mois.shift(12) == Mois(mois.annee + 1, mois.numero)


@given(MOIS, MOIS)
def test_months_are_ordered_as_their_first_days_and_as_their_keys(un: Mois, autre: Mois) -> None:
    assert (un < autre) == (un.debut < autre.debut) == (str(un) < str(autre))


@given(MOIS)
def test_a_month_ends_where_the_next_begins(mois: Mois) -> None:
    assert mois.fin == mois.shift(1).debut
    assert Mois.of(mois.fin - timedelta(days=1)) == mois


@pytest.mark.parametrize(
    ("depart", "nombre", "arrivee"),
    [
        ("2025-12", 1, "2026-01"), ("2025-01", -1, "2024-12"), ("2025-06", 25, "2027-07"),
        ("2025-06", -30, "2022-12"), ("2025-11", 1, "2025-12"), ("2025-12", 12, "2026-12"),
    ],
)  # fmt: skip
def test_a_shift_crosses_years(depart: str, nombre: int, arrivee: str) -> None:
    assert str(Mois.parse(depart).shift(nombre)) == arrivee


@pytest.mark.parametrize(
    ("jour", "attendu"),
    [
        (date(2025, 7, 1), "2025-06"), (date(2025, 6, 30), "2025-05"),
        (date(2026, 1, 1), "2025-12"), (date(2024, 3, 29), "2024-02"),
    ],
)  # fmt: skip
def test_the_last_complete_month_is_the_one_before_the_day(jour: date, attendu: str) -> None:
    assert str(Mois.last_complete(jour)) == attendu


def test_a_month_that_has_ended_is_returned() -> None:
    juin = Mois(2025, 6)
    assert juin.require_ended(date(2025, 7, 1)) is juin
    assert juin.require_ended(date(2031, 1, 1)) is juin


@pytest.mark.parametrize("mois", ["2025-06", "2025-07", "2026-01"])
def test_a_month_under_way_or_to_come_is_refused_and_the_last_complete_one_is_named(mois: str) -> None:
    with pytest.raises(ErreurAllerVers) as capture:
        Mois.parse(mois).require_ended(date(2025, 6, 30))
    assert capture.value.constat == f"Le mois {mois} n'est pas terminé à la date du 30/06/2025."
    assert capture.value.remede == "demander au plus tard 2025-05, le dernier mois complet."


@pytest.mark.parametrize(
    ("mois", "cle", "compact", "libelle"),
    [
        (Mois(2025, 6), "2025-06", "202506", "juin 2025"),
        (Mois(2024, 2), "2024-02", "202402", "février 2024"),
        (Mois(2031, 8), "2031-08", "203108", "août 2031"),
        (Mois(2025, 12), "2025-12", "202512", "décembre 2025"),
        (Mois(2026, 1), "2026-01", "202601", "janvier 2026"),
    ],
)
def test_a_month_is_written_as_key_file_name_and_label(
    mois: Mois, cle: str, compact: str, libelle: str
) -> None:
    assert (str(mois), mois.compact, mois.libelle) == (cle, compact, libelle)
