"""Funnel limits: exact tails, against sums of fractions that anyone can check."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import comb, exp, factorial

import pytest
from exemples import define
from hypothesis import given, settings
from hypothesis import strategies as st

from aller_vers.indicateurs.entonnoir import Place, list_bornes, place_caisses
from aller_vers.qualite.rarete import compute_rarete_poisson

TAUX = define("taux", "ratio", "transmissions:transmises", "transmissions:attendues")
MOYENNE = define("par_tete", "moyenne", "contacts_entrants:premiers", "demandeurs:tous")
MONTANT = define("montant", "moyenne", "montant_recalculs_separation_eur:a", "demandeurs:tous")
RESTE = "999"


def place(nombre: int, effectif: int, reste: tuple[int, int], indicateur: object = TAUX) -> Place | None:
    termes = {"831": (Decimal(nombre), Decimal(effectif)), RESTE: (Decimal(reste[0]), Decimal(reste[1]))}
    return place_caisses(indicateur, termes).get("831")  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(effectif=st.integers(1, 60), part=st.integers(1, 99), data=st.data())
def test_a_share_is_outside_when_its_exact_tail_says_so(
    effectif: int, part: int, data: st.DataObject
) -> None:
    nombre = data.draw(st.integers(0, effectif))
    reste = (part * 1_000_000, 100 * 1_000_000)
    p = Fraction(nombre + reste[0], effectif + reste[1])

    def sum_queue(rangs: range) -> Fraction:
        return sum((comb(effectif, k) * p**k * (1 - p) ** (effectif - k) for k in rangs), Fraction(0))

    haut, bas = sum_queue(range(nombre, effectif + 1)), sum_queue(range(nombre + 1))
    trouve = place(nombre, effectif, reste)
    assert trouve is not None
    if p**effectif > Fraction(25, 1000) and (1 - p) ** effectif > Fraction(25, 1000):
        assert trouve == Place("trop_peu")
    elif min(haut, bas) > Fraction(25, 1000):
        assert trouve == Place("dans_la_moyenne")
    else:
        assert trouve.situation == ("au_dessus" if haut < bas else "au_dessous")
        assert trouve.limite == ("99,8 %" if min(haut, bas) <= Fraction(1, 1000) else "95 %")


@pytest.mark.parametrize(
    ("nombre", "attendu"), [(0, 4.0), (1, 4.0), (9, 4.0), (14, 4.0), (25, 30.5), (60, 30.5)]
)
def test_a_poisson_tail_is_the_sum_of_its_terms(nombre: int, attendu: float) -> None:
    exces = nombre > attendu
    rangs = range(nombre, 300) if exces else range(nombre + 1)
    somme = sum(Fraction(exp(-attendu)) * Fraction(attendu) ** k / factorial(k) for k in rangs)
    assert 10 ** -compute_rarete_poisson(nombre, attendu, exces=exces) == pytest.approx(
        float(somme), rel=1e-9
    )


def test_twelve_people_are_neither_praised_nor_blamed() -> None:
    """At 70 % in the nation, 12 of 12 is chance; 1,200 of 1,200 is not; one person says nothing at all."""
    nation = (700_000, 1_000_000)
    assert place(12, 12, nation) == Place("au_dessus", "95 %")
    assert place(11, 12, nation) == Place("dans_la_moyenne")
    assert place(1200, 1200, nation) == Place("au_dessus", "99,8 %")
    assert place(780, 1200, nation) == Place("au_dessous", "99,8 %")
    assert place(1, 1, nation) == Place("trop_peu")


def test_a_number_by_head_is_placed_and_an_amount_is_not() -> None:
    assert place(70, 20, (2_000_000, 1_000_000), MOYENNE) == Place("au_dessus", "99,8 %")
    assert place(40, 20, (2_000_000, 1_000_000), MOYENNE) == Place("dans_la_moyenne")
    assert place(40, 20, (2_000_000, 1_000_000), MONTANT) is None


@settings(max_examples=100, deadline=None)
@given(
    effectif=st.integers(1, 200),
    part=st.integers(2, 98),
    indicateur=st.sampled_from([TAUX, MOYENNE]),
    data=st.data(),
)
def test_the_drawn_limits_are_those_that_place(
    effectif: int, part: int, indicateur: object, data: st.DataObject
) -> None:
    nombre = data.draw(st.integers(0, effectif))
    termes = {"831": (Decimal(nombre), Decimal(effectif)), RESTE: (Decimal(part * 1000), Decimal(100_000))}
    [bornes] = list_bornes(indicateur, termes, [effectif])  # type: ignore[arg-type]
    trouvee = place_caisses(indicateur, termes)["831"]  # type: ignore[arg-type]
    if trouvee.situation == "trop_peu":
        return
    attendue = Place("dans_la_moyenne")
    if not bornes.bas_95 <= nombre <= bornes.haut_95:
        large = bornes.bas_998 <= nombre <= bornes.haut_998
        attendue = Place(
            "au_dessous" if nombre < bornes.bas_95 else "au_dessus", "95 %" if large else "99,8 %"
        )
    assert trouvee == attendue
