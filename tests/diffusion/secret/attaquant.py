"""An attacker by linear programming: everything published, in every vintage, and one Caf's own figures.

What it looks for is each count of people and each distance of a numerator to its denominator, at every level. It is
told more than any reader is: which cells a later vintage left unchanged.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import block_diag, csr_array

# How many times more draws than in the suite: TIRAGES=50 make an evening of it.
TIRAGES = int(os.environ.get("TIRAGES", "1"))
Inconnue = tuple[str, ...]  # measure, Caf, period, rank of the value
INFINI = 10_000.0  # nobody believes more of a cell
Forme = dict[Inconnue, float]


@dataclass
class Attaquant:
    """What is known: equalities, and inequalities ``forme >= 0``."""

    rang: dict[Inconnue, int] = field(default_factory=dict)
    egalites: list[tuple[Forme, float]] = field(default_factory=list)
    positives: list[Forme] = field(default_factory=list)

    def meet(self, formes: Iterable[Forme]) -> None:
        for forme in formes:
            for inconnue in forme:
                self.rang.setdefault(inconnue, len(self.rang))

    def know(self, forme: Forme, valeur: float) -> None:
        self.meet([forme])
        self.egalites.append((forme, valeur))

    def compare(self, petit: Inconnue, grand: Inconnue) -> None:
        forme = {grand: 1.0, petit: -1.0}
        self.meet([forme])
        self.positives.append(forme)

    def _matrix(self, formes: list[Forme]) -> csr_array | None:
        if not formes:
            return None
        entrees = [(i, self.rang[n], v) for i, forme in enumerate(formes) for n, v in forme.items()]
        i, j, v = zip(*entrees, strict=True)
        return csr_array((v, (i, j)), shape=(len(formes), len(self.rang)))

    def bound(self, formes: list[Forme], initie: Mapping[Inconnue, float]) -> Iterator[tuple[float, float]]:
        """Give the range of each form, for somebody who also knows ``initie``: all programs in one, side by side."""
        if not formes:
            return
        n, nb = len(self.rang), 2 * len(formes)
        couts = np.zeros((nb, n))
        for k, forme in enumerate(formes):
            for inconnue, v in forme.items():
                couts[2 * k, self.rang[inconnue]] = v
                couts[2 * k + 1, self.rang[inconnue]] = -v
        egales, positives = self._matrix([f for f, _ in self.egalites]), self._matrix(self.positives)
        bornes = [(initie.get(nom, 0.0), initie.get(nom, INFINI)) for nom in self.rang]
        fini = linprog(
            couts.ravel(),
            A_eq=None if egales is None else block_diag([egales] * nb, format="csc"),
            b_eq=None if egales is None else np.tile([v for _, v in self.egalites], nb),
            A_ub=None if positives is None else block_diag([-positives] * nb, format="csc"),
            b_ub=None if positives is None else np.zeros(len(self.positives) * nb),
            bounds=np.tile(bornes, (nb, 1)),
        )
        assert fini.status == 0, fini.message
        optimum = (couts * fini.x.reshape(nb, n)).sum(axis=1)
        yield from ((float(optimum[2 * k]), float(-optimum[2 * k + 1])) for k in range(len(formes)))
