"""When a correction may be published beside the former vintage: a rule that can be read, and that costs little.

Measures that include each other, or are parts of one whole, are corrected together. A Caf is touched when one of its
counts, or of the parts of its Cpam, is no longer what it was. The correction is published when every touched Caf was
and stays shown in all these measures, none of its counts, distances and parts is small before or after, and none moves
by a small number. What is hidden is then as it was: the new sums say of it what the former ones said, and the pattern
is kept. Else the former vintage stays, and the correction waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from aller_vers.diffusion.secret.modele import Comptes, Motif, Publie, sum_regions

Parents = Mapping[str, Iterable[str]]
_RIEN = Publie({}, Motif())


def correct_famille(
    apres: Mapping[str, Publie],
    avant: Mapping[str, Publie],
    parents: Parents,
    regions: Mapping[str, str],
    seuil: int,
) -> dict[str, Publie] | None:
    """Return the patterns of the new vintage; None when the correction waits.

    Args:
        apres: the new counts of measures that hang together, their patterns yet empty.
        avant: what their last vintage published.
        parents: the measures that include each one.
        regions: the region of each unit.
        seuil: the smallest count that is published.
    """
    touchees = {c for t in apres.keys() | avant.keys() for c in _find_touchees(apres.get(t), avant.get(t))}
    if not touchees:
        return {t: replace(avant[t], couples=p.couples) for t, p in apres.items()}
    if apres.keys() != avant.keys() or not _is_complet(apres, touchees):
        return None
    if any(touchees & p.motif.caf for p in avant.values()):
        return None
    for etat in (avant, apres):
        if any(0 < n < seuil for n in _list_nombres(etat, parents, touchees, regions)):
            return None
    for terme, p in apres.items():
        ancien = avant[terme]
        if any(0 < abs(n) < seuil for c in touchees for n in _list_ecarts(p, ancien, c)):
            return None
    return {t: replace(p, motif=avant[t].motif) for t, p in apres.items()}


def _find_touchees(apres: Publie | None, avant: Publie | None) -> set[str]:
    un, deux = avant or _RIEN, apres or _RIEN
    return {
        c
        for c in {*un.comptes, *deux.comptes, *un.couples, *deux.couples}
        if un.comptes.get(c) != deux.comptes.get(c) or un.couples.get(c, {}) != deux.couples.get(c, {})
    }


def _is_complet(apres: Mapping[str, Publie], touchees: Iterable[str]) -> bool:
    """Tell whether each touched Caf, and each of its Cpam, gives all these measures or none."""
    return all(
        len({c in p.comptes for p in apres.values()}) == 1
        and len({frozenset(p.couples.get(c, ())) for p in apres.values()}) == 1
        for c in touchees
    )


def _list_nombres(
    etat: Mapping[str, Publie], parents: Parents, touchees: set[str], regions: Mapping[str, str]
) -> Iterator[int]:
    """Yield the counts that a correction touches, and their distances: Caf, Cpam, region, nation."""
    for terme, p in etat.items():
        grands = [etat[g] for g in parents[terme] if g in etat]
        for c in touchees & p.comptes.keys():
            yield p.comptes[c]
            yield from (g.comptes[c] - p.comptes[c] for g in grands if c in g.comptes)
            for cpam, n in p.couples.get(c, {}).items():
                yield n
                yield p.comptes[c] - n
                yield from (g.couples[c][cpam] - n for g in grands if cpam in g.couples.get(c, {}))
        for n, plus in _list_sommes(p.comptes, [g.comptes for g in grands], touchees, regions):
            yield n
            yield from (g - n for g in plus)


def _list_sommes(
    comptes: Comptes, grands: Sequence[Comptes], touchees: set[str], regions: Mapping[str, str]
) -> Iterator[tuple[int, list[int]]]:
    sommes, autres = sum_regions(comptes, regions), [sum_regions(g, regions) for g in grands]
    for region in {regions[c] for c in touchees} & sommes.keys():
        yield sommes[region], [a.get(region, 0) for a in autres]
    yield sum(comptes.values()), [sum(g.values()) for g in grands]


def _list_ecarts(apres: Publie, avant: Publie, caf: str) -> Iterator[int]:
    yield apres.comptes.get(caf, 0) - avant.comptes.get(caf, 0)
    parts, anciennes = apres.couples.get(caf, {}), avant.couples.get(caf, {})
    yield from (parts.get(cpam, 0) - anciennes.get(cpam, 0) for cpam in parts.keys() | anciennes.keys())
