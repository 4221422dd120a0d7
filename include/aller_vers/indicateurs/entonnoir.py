"""Where a caisse stands beside the nation, once what chance alone explains is set aside.

Funnel limits: what a caisse of this size would count, at the nation's rate, 95 and 99.8 times in a hundred; exact
tails, binomial for a share and Poisson for a number by head (Spiegelhalter, Funnel plots for comparing institutional
performance, Statistics in Medicine, 2005). Small numbers are then neither praised nor blamed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from math import log10
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.mesures.echeances import load_fiches
from aller_vers.qualite.rarete import compute_rarete_part, compute_rarete_poisson

Situation = Literal["dans_la_moyenne", "au_dessus", "au_dessous", "trop_peu"]
Limite = Literal["95 %", "99,8 %"]
Termes = tuple[Decimal, Decimal]
_Rarete = Callable[[int], float]
_Loi = Callable[[int, float], tuple[_Rarete, _Rarete]]
# Each tail holds half of what lies outside the limits.
_95, _998 = -log10(0.025), -log10(0.001)
_COMPTES = frozenset({"euros"})


class Place(NamedTuple):
    """Where a caisse stands; ``limite``: the wider limit that it passes, None inside both."""

    situation: Situation
    limite: Limite | None = None


class Bornes(NamedTuple):
    """What a caisse of this size would count, 99.8 and 95 times in a hundred, at the nation's rate."""

    effectif: int
    bas_998: int
    bas_95: int
    haut_95: int
    haut_998: int


def place_caisses(indicateur: Indicateur, termes: Mapping[str, Termes]) -> dict[str, Place]:
    """Place each caisse beside the whole, from its final terms over twelve months.

    Returns:
        Nothing for what chance does not move in this way: a quantile, an evolution, an amount, a sum with weights.
    """
    loi = _find_loi(indicateur, termes)
    if loi is None:
        return {}
    taux, en_parts, build = loi
    return {
        code: _place(int(n), int(d), taux, *build(int(d), taux), en_parts) for code, (n, d) in termes.items()
    }


def list_bornes(
    indicateur: Indicateur, termes: Mapping[str, Termes], effectifs: Iterable[int]
) -> tuple[Bornes, ...]:
    """Return the limits of the funnel at these sizes; nothing where ``place_caisses`` places nobody."""
    loi = _find_loi(indicateur, termes)
    if loi is None:
        return ()
    taux, en_parts, build = loi
    bornes = []
    for effectif in effectifs:
        haut, bas = build(effectif, taux)
        plafond = effectif if en_parts else max(effectif, int(effectif * taux * 3) + 20)
        # Beyond these counts a caisse leaves the limits: each is the last that stays.
        bornes.append(
            Bornes(
                effectif,
                _find_dernier(bas, _998, range(plafond, -1, -1)),
                _find_dernier(bas, _95, range(plafond, -1, -1)),
                _find_dernier(haut, _95, range(plafond + 1)),
                _find_dernier(haut, _998, range(plafond + 1)),
            )
        )
    return tuple(bornes)


def _find_dernier(rarete: _Rarete, limite: float, nombres: range) -> int:
    """Return the last of these numbers, which grow rarer and rarer, that is not so rare."""
    return nombres[bisect_left(nombres, True, key=lambda n: rarete(n) >= limite) - 1]


def _find_loi(indicateur: Indicateur, termes: Mapping[str, Termes]) -> tuple[float, bool, _Loi] | None:
    if not _is_compte(indicateur) or any(n != int(n) or d != int(d) for n, d in termes.values()):
        return None
    numerateur = sum(int(n) for n, _ in termes.values())
    denominateur = sum(int(d) for _, d in termes.values())
    en_parts = indicateur.type == "ratio" and all(n <= d for n, d in termes.values())
    if denominateur <= 0 or not numerateur > 0 or (en_parts and numerateur == denominateur):
        return None
    return numerateur / denominateur, en_parts, _build_binomiale if en_parts else _build_poisson


def _is_compte(i: Indicateur) -> bool:
    composants = (*i.numerateur, *(i.denominateur or ()))
    fiches = load_fiches()
    return (
        i.type in ("ratio", "moyenne")
        and i.denominateur is not None
        and all(
            c.poids == 1 and c.mesure in fiches and fiches[c.mesure].compte not in _COMPTES
            for c in composants
        )
    )


def _build_binomiale(effectif: int, part: float) -> tuple[_Rarete, _Rarete]:
    return (
        lambda n: compute_rarete_part(n, effectif, part),
        lambda n: compute_rarete_part(effectif - n, effectif, 1 - part),
    )


def _build_poisson(effectif: int, taux: float) -> tuple[_Rarete, _Rarete]:
    return (
        lambda n: compute_rarete_poisson(n, effectif * taux, exces=True),
        lambda n: compute_rarete_poisson(n, effectif * taux, exces=False),
    )


def _place(nombre: int, effectif: int, taux: float, haut: _Rarete, bas: _Rarete, en_parts: bool) -> Place:
    # Nothing that so few could count would leave the limits: to say that they are in them says nothing.
    if effectif <= 0 or (bas(0) < _95 and (haut(effectif) < _95 if en_parts else effectif * taux < 1)):
        return Place("trop_peu")
    au_dessus, au_dessous = haut(nombre), bas(nombre)
    rarete = max(au_dessus, au_dessous)
    if rarete < _95:
        return Place("dans_la_moyenne")
    return Place(
        "au_dessus" if au_dessus > au_dessous else "au_dessous", "99,8 %" if rarete >= _998 else "95 %"
    )
