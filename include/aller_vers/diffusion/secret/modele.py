"""A measure as the secret sees it: its counts by Caf, what includes it, what is hidden of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from aller_vers.diffusion.secret.couples import Couples

Comptes = Mapping[str, int]  # people by Caf; a Caf that gave nothing is absent


@dataclass(frozen=True)
class Motif:
    """The hidden cells of one measure and period."""

    caf: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    nation: bool = False

    def __or__(self, autre: Motif) -> Motif:
        return Motif(self.caf | autre.caf, self.regions | autre.regions, self.nation or autre.nation)


@dataclass(frozen=True)
class Publie:
    """A measure that is decided: its counts, what is hidden of them, what each Cpam counts of a Caf's people."""

    comptes: Comptes
    motif: Motif
    couples: Couples = field(default_factory=dict)
    isolees: frozenset[str] = frozenset()  # protected without what it includes, which they did not give


@dataclass(frozen=True)
class Part:
    """A measure to protect: its counts, the measures that include it, already decided, and those that it includes."""

    comptes: Comptes
    denominateurs: Sequence[Publie] = ()
    couples: Couples = field(default_factory=dict)
    inclus: Sequence[Comptes] = ()

    @property
    def isolees(self) -> frozenset[str]:
        """The Caf that do not give all that is included: nobody of it can follow people who come to them."""
        return frozenset(c for c in self.comptes if any(c not in inclus for inclus in self.inclus))


def sum_regions(comptes: Comptes, regions: Mapping[str, str]) -> dict[str, int]:
    """Return the sums of counts by region; a region where nobody gave a count has none."""
    sommes: dict[str, int] = {}
    for caf, valeur in comptes.items():
        sommes[regions[caf]] = sommes.get(regions[caf], 0) + valeur
    return sommes
