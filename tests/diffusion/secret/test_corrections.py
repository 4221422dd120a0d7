"""Which corrections of a month are published, and which wait; none of them gives anything back to the attacker."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from test_attaque_diffusion import APPELS, COUPLES, JANVIER, MODALITES, Journal, attack

Retours = Mapping[tuple[str, str], tuple[int, int, int]]
GRANDS: Retours = dict.fromkeys(COUPLES, (50, 25, 8))
TOUT = {(i.code, i.version) for i in APPELS}


def publish_deux(avant: Retours, apres: Retours) -> Journal:
    journal = Journal(APPELS)
    for retours in (avant, apres):
        journal.publish(
            JANVIER,
            {
                ("retour_mensuel", modalite, caf, cpam, None): n
                for (caf, cpam), nombres in retours.items()
                for modalite, n in zip(MODALITES, nombres, strict=True)
            },
        )
    assert [attack(journal, qui) for qui in ("", "a1", "a2", "C", "E")] == [[]] * 5
    return journal


@pytest.mark.parametrize(
    ("avant", "apres"),
    [
        # Of four people nobody is left: two totals of the nation would differ by them.
        ({("C", "c"): (4, 3, 3), ("B", "a2"): (2, 2, 2), ("D", "d"): (6, 1, 1)}, {("C", "c"): (0, 0, 0)}),
        ({}, {("C", "c"): (53, 25, 8)}),
        ({("C", "c"): (50, 25, 3)}, {("C", "c"): (60, 25, 3)}),
        # The sum of the Caf stays, and three people go from one of its Cpam to the other.
        ({}, {("A", "a1"): (53, 25, 8), ("A", "a2"): (47, 25, 8)}),
        ({("A", "a1"): (20, 8, 3)}, {("A", "a1"): (30, 8, 3), ("A", "a2"): (40, 25, 8)}),
    ],
    ids=["hidden", "by three", "one term small", "three between two Cpam", "a small part"],
)
def test_a_correction_that_touches_a_small_number_waits(avant: Retours, apres: Retours) -> None:
    premiere, seconde = publish_deux({**GRANDS, **avant}, {**GRANDS, **avant, **apres}).grilles[JANVIER]
    assert seconde.retenues == TOUT
    assert seconde.cases == premiere.cases


@pytest.mark.parametrize(
    "apres",
    [
        {("A", "a1"): (60, 31, 14)},
        {("A", "a1"): (60, 25, 8), ("A", "a2"): (40, 25, 8)},
        {("D", "d"): (60, 30, 14), ("F", "f"): (45, 20, 13)},
    ],
    ids=["one Cpam", "between two Cpam", "two Caf"],
)
def test_a_large_correction_of_shown_cells_is_published(apres: Retours) -> None:
    premiere, seconde = publish_deux(GRANDS, {**GRANDS, **apres}).grilles[JANVIER]
    assert not seconde.retenues
    sommes = {("A", "personnes_appelees"), ("FR", "rendez_vous_honores")}
    vues = [
        {c.valeur.numerateur for c in g.cases if (c.valeur.territoire, c.valeur.code) in sommes}
        for g in (premiere, seconde)
    ]
    attendue = {
        sum(n[2] for n in {**GRANDS, **apres}.values()),
        sum(n[0] for p, n in {**GRANDS, **apres}.items() if p[0] == "A"),
    }
    assert vues == [{56, 100}, attendue]
