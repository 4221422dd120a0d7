"""An attacker by bounds: everything published and everything that holds between counts, until nothing narrows.

It knows the method and not the key, and whatever one of the Caf or of the Cpam knows of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

Inconnue = tuple[object, ...]
Forme = Mapping[Inconnue, int]
SANS_FIN = 10**9


@dataclass
class Attaquant:
    """What is known: whole unknowns that are not negative, and the bounds of sums of them."""

    rang: dict[Inconnue, int] = field(default_factory=dict)
    faits: list[tuple[list[int], list[int], int, int]] = field(default_factory=list)

    def know(self, forme: Forme, mini: int = -SANS_FIN, maxi: int = SANS_FIN) -> None:
        """Learn that a sum is between two bounds."""
        rangs = [self.rang.setdefault(x, len(self.rang)) for x in forme]
        if rangs:
            self.faits.append((rangs, list(forme.values()), mini, maxi))

    def define(self, nom: Inconnue, forme: Forme) -> None:
        """Name a sum."""
        self.know({**forme, nom: -1}, 0, 0)

    def deduce(self, su: Mapping[Inconnue, int]) -> tuple[np.ndarray, np.ndarray]:
        """Return the bounds of each unknown for who also knows ``su``: each sum narrows each of its terms, again and again."""
        bas, haut = np.zeros(len(self.rang), np.int64), np.full(len(self.rang), SANS_FIN)
        for x, n in su.items():
            if x in self.rang:
                bas[self.rang[x]] = haut[self.rang[x]] = n
        debuts = np.cumsum([0, *(len(r) for r, *_ in self.faits)])[:-1]
        qui = np.concatenate([np.array(r) for r, *_ in self.faits])
        poids = np.concatenate([np.array(p) for _, p, *_ in self.faits])
        fait = np.repeat(np.arange(len(self.faits)), [len(r) for r, *_ in self.faits])
        mini, maxi = (np.array([f[k] for f in self.faits])[fait] for k in (2, 3))
        positif = poids > 0
        for _ in range(500):
            petits = poids * np.where(positif, bas[qui], haut[qui])
            grands = poids * np.where(positif, haut[qui], bas[qui])
            # What is left to each term once the others are as small, or as large, as they may be.
            au_plus = maxi - (np.add.reduceat(petits, debuts)[fait] - petits)
            au_moins = mini - (np.add.reduceat(grands, debuts)[fait] - grands)
            avant = bas.copy(), haut.copy()
            np.minimum.at(haut, qui, np.where(positif, au_plus, au_moins) // poids)
            np.maximum.at(bas, qui, -(-np.where(positif, au_moins, au_plus) // poids))
            if (bas == avant[0]).all() and (haut == avant[1]).all():
                break
        assert (bas <= haut).all(), "what the attacker believes contradicts itself"
        return bas, haut
