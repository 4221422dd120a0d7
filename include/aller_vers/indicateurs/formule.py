"""The formula: from the sums of a territory to its value, its status and its attainment.

The warehouse applies the same in SQL (``indicateurs/compute_valeurs.sql``); tests compare the two on random
networks, and the gate of the marts compares them every month.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal

from aller_vers.indicateurs.dictionnaire import Atteinte, Indicateur

_CONTEXTE = Context(prec=60, rounding=ROUND_HALF_UP)
_INTERMEDIAIRE, _DECIMALES = Decimal("1e-20"), Decimal("1e-12")
SCORE: dict[Atteinte, Decimal] = {
    "atteinte": Decimal(1),
    "quasi_atteinte": Decimal("0.5"),
    "non_atteinte": Decimal(0),
}


def divide(numerateur: Decimal, denominateur: Decimal) -> Decimal:
    """Return the quotient with 12 decimals, half away from zero, as the warehouse rounds it."""
    quotient = _CONTEXTE.divide(numerateur, denominateur).quantize(_INTERMEDIAIRE, context=_CONTEXTE)
    return quotient.quantize(_DECIMALES, context=_CONTEXTE)


def find_quantile(histogramme: Mapping[int, Decimal], ordre: Decimal) -> Decimal:
    """Return the quantile of a histogram that counts at least one.

    Of n values in order, it is the mean of the values of rank ⌈n·p⌉ and ⌊n·p⌋+1: the same one unless n·p is whole.
    Hence the usual median, and for the ninth decile the smallest value that at least nine tenths do not exceed
    (definition 2 of Hyndman and Fan, 1996).
    """
    total = sum(histogramme.values(), Decimal(0))
    rangs = (math.ceil(total * ordre), math.floor(total * ordre) + 1)
    cumul = Decimal(0)
    bornes: list[int] = []
    for classe in sorted(histogramme):
        cumul += histogramme[classe]
        while len(bornes) < 2 and cumul >= rangs[len(bornes)]:
            bornes.append(classe)
    return divide(Decimal(sum(bornes)), Decimal(2))


def find_moyenne_au_dela(histogramme: Mapping[int, Decimal], ordre: Decimal) -> Decimal:
    """Return the mean of those beyond a quantile, of a histogram that counts at least one.

    Of n values in order, they are the last n·(1-p); where that is not whole, the first of them counts for its part. Of
    delays and 0.9: the mean of the slowest tenth, which the ninth decile only bounds (IGAS 2013-164R, §95).
    """
    total = sum(histogramme.values(), Decimal(0))
    somme = cumul = Decimal(0)
    for classe in sorted(histogramme):
        avant, cumul = cumul, cumul + histogramme[classe]
        somme += classe * max(cumul - max(avant, total * ordre), Decimal(0))
    return divide(somme, total * (1 - ordre))


def find_quantile_liste(valeurs: Sequence[Decimal], ordre: Decimal) -> Decimal:
    """Return the quantile of a list that is not empty, by the same definition."""
    triees, total = sorted(valeurs), len(valeurs)
    rangs = (math.ceil(total * ordre), math.floor(total * ordre) + 1)
    return divide(triees[rangs[0] - 1] + triees[rangs[1] - 1], Decimal(2))


def find_moyenne(histogramme: Mapping[int, Decimal]) -> tuple[Decimal, Decimal]:
    """Return the two terms of the mean of a histogram: the sum of the values, and their number."""
    somme = sum((classe * nombre for classe, nombre in histogramme.items()), Decimal(0))
    return somme, sum(histogramme.values(), Decimal(0))


def judge_atteinte(indicateur: Indicateur, valeur: Decimal, cible: Decimal) -> Atteinte:
    """Tell whether a value reaches its target, in the direction that is better for this indicator."""
    manque = cible - valeur if indicateur.sens == "plus" else valeur - cible
    if manque <= 0:
        return "atteinte"
    bande = indicateur.bande_quasi_atteint
    return "quasi_atteinte" if bande is not None and manque <= bande else "non_atteinte"
