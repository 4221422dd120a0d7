"""Random rounding: what is shown of a count, so that nobody reads it back.

A count is shown as one of the two multiples of the base around it, up or down with the odds that keep its expectation.
The draw is an offset of 0 to base - 1: a keyed hash of what is counted, where and when, never of how many. A total
is rounded for itself, and parts need not add up to it.

What it guarantees to whoever knows the method and not the key, for a base ``b``:

1. One figure leaves 2b - 1 values to its count, and b (0 to b - 1, « 0 à 4 ») where it is 0.
2. Two figures drawn apart of the same count leave b - 1 values at least: so do two counts of which one includes the
   other, whose difference may be small (people called, people reached).
3. A count that is corrected keeps its offset: however many editions, and even for who knows each correction, b values
   are left. The same count is the same figure in every level, edition, page and file, and there is nothing to average.
4. Over all keys, the mean of the figures is the count.
5. Counts of 15 bases and more share the offset of their place and period: over more than 100 bases (500 people), a
   rate from rounded terms is within 1 point of the true one at base 5.

What sums of several figures leave is not bounded here: ``tests/diffusion/test_attaque.py`` attacks them, for everybody
and for one caisse, over one edition of the whole dictionary and two of what is published of it. Over seven keys none
is read back, and two in a thousand at most are left with two values. Were the whole dictionary published in two
editions, a Caf that corrects every count at once would read up to four of 5,800.
A region of two Caf is therefore not published: each would read the other in it.

Sources: Statistics New Zealand, « Safeguarding confidentiality » (random rounding to base 3: every cell and every total
for itself, odds that keep the expectation); ONS, « Comparison of post-tabular statistical disclosure control
methods » and « Protecting personal data in Census 2021 results », and chapter 5 of the « Handbook on Statistical
Disclosure Control » (cell key: the same cell has the same noise in every table); OpenSAFELY, whose
``measures/disclosure_control.py`` rounds to 5 and computes rates from rounded terms.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from aller_vers.indicateurs.formule import divide, find_quantile

_CONTEXTE = b"diffusion/"
_GRAND = 15  # bases


@dataclass(frozen=True)
class Arrondi:
    """How a publication rounds: the key, the base, and the smallest denominator of a rate, mean or quantile."""

    cle: bytes
    base: int
    denominateur_minimal: int

    def round(self, nombre: int, quoi: str, ou: str, quand: str) -> int:
        """Return what is shown of a count of people or of events: what is counted, where and when draw it."""
        grand = nombre >= _GRAND * self.base
        message = "\x1f".join(["" if grand else quoi, ou, quand]).encode()
        tirage = int.from_bytes(hmac.digest(self.cle, _CONTEXTE + message, "sha256"))
        return round_compte(nombre, tirage % self.base, self.base)

    def divide(self, numerateur: int, denominateur: int) -> Decimal | None:
        """Return a rate or a mean of two rounded terms, with the digits that they allow; None over too few people.

        The last digit is worth a tenth of base/denominator at least.
        """
        if denominateur < self.denominateur_minimal:
            return None
        return round(divide(Decimal(numerateur), Decimal(denominateur)), len(str(denominateur // self.base)))

    def find_quantile(self, histogramme: Mapping[int, int], ordre: Decimal) -> Decimal | None:
        """Return the quantile of rounded classes; None over too few people, or where few lie on one side of it."""
        total = sum(histogramme.values())
        if total < self.denominateur_minimal or total * min(ordre, 1 - ordre) < self.base:
            return None
        return find_quantile({classe: Decimal(n) for classe, n in histogramme.items()}, ordre)


def round_compte(nombre: int, decalage: int, base: int) -> int:
    """Return the multiple of the base below the count moved by its offset, which is from 0 to base - 1."""
    return (nombre + decalage) // base * base
