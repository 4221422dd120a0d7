"""The hidden set of least loss: an integer program whose conditions are met one after the other (HiGHS).

It starts from what has to be hidden anyway. While a condition is not met, those of its reserve enter the program, and
it is solved again: what meets all of them then costs no more than any other choice that does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

_PRECISION = 1e-6
Ligne = dict[str, float]


@dataclass(frozen=True, eq=False)
class Reserve:
    """What the cells of a place can give once hidden; somebody knows one of them, or one of these bodies of cells."""

    apports: Mapping[str, float]
    corps: Collection[Collection[str]] = ()

    def list_connus(self) -> list[Collection[str]]:
        """Return what one attacker may know."""
        return [*([c] for c in self.apports), *self.corps]


@dataclass(frozen=True, eq=False)
class Exigence:
    """What a reserve has to give without ``sauf`` and what one attacker knows; ``souplesse``: if these are hidden."""

    reserve: Reserve
    sauf: frozenset[str]
    souplesse: Mapping[str, float]
    minimum: float


@dataclass
class Programme:
    """Cells that may be hidden, by name: their cost, and whether they have to be; ``ensemble``: if both others are."""

    couts: dict[str, float] = field(default_factory=dict)
    imposees: set[str] = field(default_factory=set)
    ensemble: dict[str, tuple[str, str]] = field(default_factory=dict)
    exigences: dict[Reserve, list[Exigence]] = field(default_factory=dict)

    def require(self, exigence: Exigence) -> None:
        """Add a condition."""
        self.exigences.setdefault(exigence.reserve, []).append(exigence)

    def solve(self) -> set[str]:
        """Return the cells to hide."""
        cachees, entrees = set(self.imposees), set[Reserve]()
        while True:
            cachees |= {nom for nom, deux in self.ensemble.items() if cachees.issuperset(deux)}
            manquees = {r for r in self.exigences if r not in entrees and not self._is_tenue(r, cachees)}
            if not manquees:
                return cachees & self.couts.keys()
            entrees |= manquees
            cachees = self._optimise([r for r in self.exigences if r in entrees])

    def _is_tenue(self, reserve: Reserve, cachees: Collection[str]) -> bool:
        donnes = {c: v for c, v in reserve.apports.items() if c in cachees}
        total, ordre = sum(donnes.values()), sorted(donnes, key=lambda c: -donnes[c])
        corps = [[c for c in connus if c in donnes] for connus in reserve.corps]
        for e in self.exigences[reserve]:
            seul = next((donnes[c] for c in ordre if c not in e.sauf), 0.0)
            connu = max([seul, *(sum(donnes[c] for c in connus if c not in e.sauf) for connus in corps)])
            reste = total - sum(donnes.get(c, 0) for c in e.sauf) - connu
            if reste + sum(v for c, v in e.souplesse.items() if c in cachees) < e.minimum - _PRECISION:
                return False
        return True

    def _optimise(self, reserves: list[Reserve]) -> set[str]:
        lignes: list[tuple[Ligne, float]] = []
        for numero, reserve in enumerate(reserves):
            connu = f"connu {numero}"
            lignes += [
                ({connu: 1.0} | {c: -reserve.apports[c] for c in connus if c in reserve.apports}, 0.0)
                for connus in reserve.list_connus()
            ]
            for e in self.exigences[reserve]:
                reste = {c: v for c, v in reserve.apports.items() if c not in e.sauf}
                lignes.append((reste | {connu: -1.0} | dict(e.souplesse), e.minimum))
        noms = {nom for ligne, _ in lignes for nom in ligne}
        for nom in sorted(noms & self.ensemble.keys()):
            lignes += [({un: 1.0, nom: -1.0}, 0.0) for un in self.ensemble[nom]]
        rang = {nom: i for i, nom in enumerate(sorted({nom for ligne, _ in lignes for nom in ligne}))}
        i, j, v = zip(
            *((i, rang[nom], v) for i, (ligne, _) in enumerate(lignes) for nom, v in ligne.items()),
            strict=True,
        )
        entieres = np.array([not nom.startswith("connu ") for nom in rang])
        resultat = milp(
            [self.couts.get(nom, 0.0) for nom in rang],
            integrality=entieres,
            bounds=Bounds([float(nom in self.imposees) for nom in rang], np.where(entieres, 1.0, np.inf)),
            constraints=LinearConstraint(
                csr_array((v, (i, j)), shape=(len(lignes), len(rang))),
                [minimum for _, minimum in lignes],
                np.inf,
            ),
            options={"mip_rel_gap": 0.0},
        )
        assert resultat.x is not None, resultat.message  # the nation's cell meets everything
        return self.imposees | {
            nom for nom, x, entiere in zip(rang, resultat.x, entieres, strict=True) if entiere and x > 0.5
        }
