"""What an incomplete return asks for: a Caf or a Cpam that gives a measure and not its denominator, or the reverse.

People change places in thought between hidden Caf, and those whom the smaller measure counts go with them. Where one
of these Caf gives one measure alone, nobody follows: the smaller measure hides its nation, the region and the Caf, and
nothing of it holds the others back. A Caf that is shown takes no part in these moves: what it alone gives is known,
the sums with it and without it say the same, and nothing is hidden for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aller_vers.diffusion.secret.modele import Motif, Part, Publie


def find_incomplets(part: Part, seuil: int) -> tuple[set[str], set[str]]:
    """Return the Caf of which Cpam give one alone of two measures; the Caf that hide something for sure."""
    partages, genants = set(), set()
    for parent in part.denominateurs:
        for caf in parent.comptes:
            siennes, autres = part.couples.get(caf, {}), parent.couples.get(caf, {})
            if caf in parent.isolees - part.comptes.keys():
                continue
            if caf in part.comptes and siennes.keys() == autres.keys():
                continue
            partages |= {caf} & part.comptes.keys()
            distances = [autres[cpam] - n for cpam, n in siennes.items() if cpam in autres]
            if caf in parent.motif.caf or any(
                0 < n < seuil for n in (*siennes.values(), *autres.values(), *distances)
            ):
                genants.add(caf)
    return partages, genants


def hide_incomplets(parts: Sequence[Part], genants: Iterable[str], regions: Mapping[str, str]) -> Motif:
    """Return what parts of one whole hide because of these Caf."""
    caf = set(genants)
    donnees = {c for p in parts for c in p.comptes}
    return Motif(
        frozenset(caf & donnees),
        frozenset({regions[c] for c in caf} & {regions[c] for c in donnees}),
        bool(caf),
    )


def is_seul_connu(publie: Publie, caf: str, seuil: int) -> bool:
    """Tell whether what a Caf, or one of its Cpam, gives of a measure may be subtracted from its sums."""
    return caf not in publie.motif.caf and not any(
        0 < n < seuil for n in publie.couples.get(caf, {}).values()
    )
