"""The program of least loss against brute force: it meets every condition, and nothing that does costs less."""

from __future__ import annotations

import random
from collections.abc import Collection
from itertools import chain, combinations

from aller_vers.diffusion.secret.programme import Exigence, Programme, Reserve


def draw_programme(tirage: random.Random) -> Programme:
    """Draw reserves of a few cells, of which somebody knows two; a region, or the nation, makes up for them."""
    programme = Programme(
        {c: 1 + tirage.random() for c in "abcdefg"} | {"r": 5.0, "n": 30.0},
        set(tirage.sample("abcdefg", tirage.randint(2, 6))),
        {"ar": ("a", "r"), "br": ("b", "r")},
    )
    for _ in range(3):
        apports = {c: float(tirage.randint(1, 3)) for c in tirage.sample([*"abcdefg", "ar", "br"], 5)}
        reserve = Reserve(apports, [tirage.sample(sorted(apports), 2)])
        programme.require(Exigence(reserve, frozenset(), {"n": 10.0}, float(tirage.randint(1, 4))))
        # Where the region is hidden, the reserve has to give more.
        programme.require(Exigence(reserve, frozenset(), {"r": -3.0, "n": 10.0}, 0.0))
    return programme


def is_tenue(programme: Programme, cachees: Collection[str]) -> bool:
    toutes = {*cachees, *(nom for nom, deux in programme.ensemble.items() if set(deux) <= set(cachees))}
    for reserve, exigences in programme.exigences.items():
        donnes = {c: v for c, v in reserve.apports.items() if c in toutes}
        corps = [[c] for c in donnes] + [list(c) for c in reserve.corps]
        reste = sum(donnes.values()) - max(
            (sum(donnes.get(c, 0) for c in connus) for connus in corps), default=0
        )
        if any(reste + sum(v for c, v in e.souplesse.items() if c in toutes) < e.minimum for e in exigences):
            return False
    return True


def test_nothing_that_meets_every_condition_costs_less() -> None:
    tirage, deja = random.Random(3), 0
    for _ in range(60):
        programme = draw_programme(tirage)
        trouvees = programme.solve()
        assert trouvees >= programme.imposees
        assert is_tenue(programme, trouvees)
        libres = sorted(programme.couts.keys() - programme.imposees)
        choix = chain.from_iterable(combinations(libres, n) for n in range(len(libres) + 1))
        possibles = (programme.imposees | set(c) for c in choix)
        moindre = min(sum(programme.couts[c] for c in p) for p in possibles if is_tenue(programme, p))
        assert sum(programme.couts[c] for c in trouvees) <= moindre + 1e-6
        deja += trouvees == programme.imposees
    assert 0 < deja < 50, "what had to be hidden was always enough, or never"
