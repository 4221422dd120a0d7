"""An indicator between Caf: classes of the map, bars of the distribution, points and limits of the funnel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from aller_vers.indicateurs import Indicateur
from aller_vers.indicateurs.entonnoir import Place, Termes, list_bornes

_CLASSES, _BARRES, _PAS = 5, 12, 24


@dataclass(frozen=True)
class Barre:
    """How many Caf have a value from ``debut`` to ``fin``."""

    debut: Decimal
    fin: Decimal
    nombre: int


@dataclass(frozen=True)
class Repere:
    """A Caf in the funnel: its count over its size, as ``valeur``; ``place``: what chance allows to say of it."""

    code_caf: str
    effectif: int
    nombre: int
    place: Place

    @property
    def valeur(self) -> float:
        """The share, or the number by head."""
        return self.nombre / self.effectif


@dataclass(frozen=True)
class Entonnoir:
    """The funnel: the nation's rate, each Caf, and the limits at some sizes, as rates, from the lowest up."""

    taux: float
    reperes: tuple[Repere, ...]
    limites: tuple[tuple[int, float, float, float, float], ...]


def find_classes(valeurs: Mapping[str, Decimal]) -> dict[str, int]:
    """Return the class of each Caf, 1 (lowest fifth) to 5; equal values are of one class."""
    rangs = sorted(valeurs.values())
    return {
        code: min(_CLASSES, 1 + rangs.index(valeur) * _CLASSES // len(rangs))
        for code, valeur in valeurs.items()
    }


def build_barres(valeurs: Sequence[Decimal]) -> tuple[Barre, ...]:
    """Return bars of equal width from the lowest to the highest value; nothing where all are equal."""
    if len(set(valeurs)) < 2:
        return ()
    bas, haut = min(valeurs), max(valeurs)
    pas = (haut - bas) / _BARRES
    comptes = Counter(min(_BARRES - 1, int((valeur - bas) / pas)) for valeur in valeurs)
    return tuple(Barre(bas + n * pas, bas + (n + 1) * pas, comptes[n]) for n in range(_BARRES))


def build_entonnoir(
    definition: Indicateur, termes: Mapping[str, Termes], places: Mapping[str, Place]
) -> Entonnoir | None:
    """Return the funnel of twelve months; None for what chance does not move in this way."""
    reperes = tuple(
        Repere(code, int(d), int(n), places[code])
        for code, (n, d) in sorted(termes.items())
        if code in places and d > 0
    )
    if len(reperes) < 2:
        return None
    plus_grand = max(r.effectif for r in reperes)
    tailles = sorted({max(1, round(plus_grand * 1.05 * (n / _PAS) ** 2)) for n in range(1, _PAS + 1)})
    return Entonnoir(
        sum(r.nombre for r in reperes) / sum(r.effectif for r in reperes),
        reperes,
        tuple(
            (b.effectif, *(n / b.effectif for n in b[1:]))  # type: ignore[misc]
            for b in list_bornes(definition, termes, tailles)
        ),
    )
