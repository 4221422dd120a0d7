"""Rarities are the exact tails that scipy's incomplete beta gives, over all that a month may count."""

from __future__ import annotations

from math import inf, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import betainc

from aller_vers.qualite.rarete import (
    compute_forme,
    compute_rarete_exces,
    compute_rarete_manque,
    compute_rarete_part,
)

comptes = st.integers(0, 3000)
attendus = st.floats(0.01, 3000)
formes = st.builds(compute_forme, st.integers(0, 40_000), st.floats(0.01, 0.9))
# Beyond 1e-300 a probability is no longer a float; scipy's own tails lose digits well before.
LIMITE = 250


def is_same(rarete: float, probabilite: float) -> bool:
    attendue = max(0.0, -log(probabilite) / log(10)) if probabilite else inf
    return attendue > LIMITE < rarete or rarete == pytest.approx(attendue, rel=1e-6, abs=1e-8)


@settings(max_examples=150, deadline=None)
@given(comptes, comptes, st.floats(0.001, 0.999))
def test_a_share_s_rarity_is_the_upper_tail_of_the_binomial(a: int, b: int, part: float) -> None:
    nombre, effectif = min(a, b), max(a, b)
    rarete = compute_rarete_part(nombre, effectif, part)
    if nombre <= effectif * part:
        assert rarete == 0
    else:
        assert is_same(rarete, betainc(nombre, effectif - nombre + 1, part))


@settings(max_examples=150, deadline=None)
@given(comptes, attendus, formes)
def test_an_excess_is_the_upper_tail_of_the_negative_binomial(
    nombre: int, attendu: float, forme: float
) -> None:
    rarete = compute_rarete_exces(nombre, attendu, forme)
    if nombre <= attendu:
        assert rarete == 0
    else:
        assert is_same(rarete, betainc(nombre, forme, attendu / (forme + attendu)))


@settings(max_examples=150, deadline=None)
@given(comptes, attendus, formes)
def test_a_lack_is_the_lower_tail_of_the_negative_binomial(nombre: int, attendu: float, forme: float) -> None:
    rarete = compute_rarete_manque(nombre, attendu, forme)
    if nombre >= attendu:
        assert rarete == 0
    else:
        assert is_same(rarete, betainc(forme, nombre + 1, forme / (forme + attendu)))
