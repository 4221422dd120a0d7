"""What an incomplete return asks for: a Caf or a Cpam that gives a measure and not its denominator, or the reverse.

People change places in thought between hidden Caf, and those whom the smaller measure counts go with them. Where one
of these Caf gives one measure alone, nobody follows: the smaller measure hides its nation, the region and the Caf, and
nothing of it holds the others back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aller_vers.secret.couples import Couples
from aller_vers.secret.motif import Comptes, Motif, Publie


def hide_incomplets(
    comptes: Comptes, couples: Couples, denominateurs: Sequence[Publie], regions: Mapping[str, str]
) -> Motif:
    """Return what a measure hides because of incomplete returns."""
    caf = {
        c
        for parent in denominateurs
        for c in comptes.keys() | parent.comptes.keys()
        if (c in comptes) != (c in parent.comptes)
        or couples.get(c, {}).keys() != parent.couples.get(c, {}).keys()
    }
    donnees = {regions[c] for c in comptes}
    return Motif(frozenset(caf & comptes.keys()), frozenset({regions[c] for c in caf} & donnees), bool(caf))
