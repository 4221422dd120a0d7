"""Each guarantee of random rounding, over every count and every offset."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from decimal import Decimal
from functools import cache

import pytest

from aller_vers.diffusion.arrondi import Arrondi, round_compte

BASES = pytest.mark.parametrize("base", [5, 11])
CLE = b"une clef pour les tests, longue de 32 octets et plus"


@cache
def list_possibles(montre: int, base: int) -> set[int]:
    """Return the counts that may have given this figure, as a reader finds them: by trying."""
    return {
        n
        for n in range(max(0, montre - 2 * base), montre + 2 * base)
        if any(round_compte(n, d, base) == montre for d in range(base))
    }


@BASES
def test_a_figure_leaves_2b_minus_1_counts_and_b_where_it_is_zero(base: int) -> None:
    assert list_possibles(0, base) == set(range(base))
    for montre in range(base, 20 * base, base):
        assert list_possibles(montre, base) == set(range(montre - base + 1, montre + base))


@BASES
def test_two_figures_of_one_count_and_counts_within_each_other_leave_b_minus_1(base: int) -> None:
    decalages = list(itertools.product(range(base), repeat=2))
    for n, (un, deux) in itertools.product(range(6 * base), decalages):
        possibles = [list_possibles(round_compte(n, d, base), base) for d in (un, deux)]
        assert n in possibles[0] & possibles[1]
        assert len(possibles[0] & possibles[1]) >= base - 1
    for petit, grand in itertools.combinations_with_replacement(range(2 * base + 3), 2):
        for un, deux in decalages:
            petits, grands = (
                list_possibles(round_compte(n, d, base), base) for n, d in ((petit, un), (grand, deux))
            )
            assert sum(p <= max(grands) for p in petits) >= base - 1
            assert sum(g >= min(petits) for g in grands) >= base - 1


@BASES
def test_editions_leave_b_counts_even_to_who_knows_every_correction(base: int) -> None:
    corrections = range(-base, 3 * base)
    for n, decalage in itertools.product(range(base, 3 * base), range(base)):
        vues = {c: round_compte(n + c, decalage, base) for c in corrections}
        possibles = {
            autre
            for autre, d in itertools.product(range(6 * base), range(base))
            if all(round_compte(autre + c, d, base) == vue for c, vue in vues.items() if autre + c >= 0)
        }
        assert n in possibles
        assert len(possibles) == base


@BASES
def test_the_mean_over_all_offsets_is_the_count(base: int) -> None:
    for n in range(6 * base):
        assert sum(round_compte(n, d, base) for d in range(base)) == base * n


def test_the_offset_is_of_what_is_counted_where_and_when_and_of_the_key() -> None:
    def read(noms: Iterable[tuple[str, str, str]], cle: bytes = CLE) -> list[int]:
        arrondi = Arrondi(cle, 5, 20)
        # What the offset is: how far below the next multiple a count is already shown as it.
        return [sum(arrondi.round(5 + r, *nom) == 10 for r in range(5)) for nom in noms]

    noms = [(f"q{i}", "FR", "2025-06") for i in range(300)]
    assert read(noms) == read(noms)
    for autres, cle in (
        ([(q, "93", m) for q, _, m in noms], CLE),
        ([(q, o, "2025-07") for q, o, _ in noms], CLE),
        (noms, CLE[::-1]),
    ):
        memes = sum(a == b for a, b in zip(read(noms), read(autres, cle), strict=True))
        assert 30 < memes < 90  # one in five
    assert all(30 < read(noms).count(d) < 90 for d in range(5))


def test_large_counts_of_a_place_and_period_share_their_offset_and_small_ones_do_not() -> None:
    arrondi = Arrondi(CLE, 5, 20)
    for nombre, partage in ((77, True), (72, False)):
        montres = {arrondi.round(nombre, f"q{i}", "FR", "2025-06") for i in range(100)}
        assert (len(montres) == 1) == partage


def test_a_rate_over_more_than_500_people_is_within_1_point() -> None:
    arrondi = Arrondi(CLE, 5, 20)
    for denominateur in (501, 504, 506):
        for numerateur in range(denominateur + 1):
            ensemble = numerateur >= 75
            for un, deux in [(d, d) for d in range(5)] if ensemble else itertools.product(range(5), repeat=2):
                taux = arrondi.divide(round_compte(numerateur, un, 5), round_compte(denominateur, deux, 5))
                assert taux is not None
                assert abs(float(taux) - numerateur / denominateur) <= 0.01


def test_a_rate_has_the_digits_that_its_terms_allow_and_none_over_too_few() -> None:
    arrondi = Arrondi(CLE, 5, 20)
    assert arrondi.divide(5, 15) is None
    assert [str(arrondi.divide(d // 3, d)) for d in (20, 50, 500, 5000)] == ["0.3", "0.32", "0.332", "0.3332"]


def test_a_quantile_has_enough_people_on_each_side() -> None:
    arrondi = Arrondi(CLE, 5, 20)
    histogramme = {1: 20, 4: 15, 30: 5}
    assert arrondi.find_quantile(histogramme, Decimal("0.5")) == Decimal("2.5")
    assert arrondi.find_quantile(histogramme, Decimal("0.9")) is None  # four people above
    assert arrondi.find_quantile({1: 25, 30: 25}, Decimal("0.9")) == 30
    assert arrondi.find_quantile({1: 10, 30: 5}, Decimal("0.5")) is None
