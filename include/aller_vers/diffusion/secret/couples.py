"""What a Cpam knows of a Caf's counts: its own part, where the Caf has several, and each Caf that it works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Couples = Mapping[str, Mapping[str, int]]  # by Caf, what each of its Cpam counts


def find_complices(couples: Couples) -> list[list[str]]:
    """Return the Caf that one Cpam knows, where they are several: to the secret they are one body."""
    connues: dict[str, set[str]] = {}
    for caf, parts in couples.items():
        for cpam in parts:
            connues.setdefault(cpam, set()).add(caf)
    return sorted(sorted(c) for c in connues.values() if len(c) > 1)


def subtract_parts(
    couples: Couples, supplies: Mapping[str, Mapping[str, int]], parents: Sequence[Couples]
) -> dict[str, list[tuple[str, int]]]:
    """Return, by Caf of several Cpam, what each of them finds beside its own part: the supply, and how many.

    Args:
        couples: the parts of the measure.
        supplies: ``compte`` and, for each denominator, ``reste<n>``: by Caf.
        parents: the parts of each denominator.
    """
    restants: dict[str, list[tuple[str, int]]] = {}
    for caf, parts in couples.items():
        # A Cpam that gave nothing of this measure may have given its denominator.
        cpams = sorted({*parts, *(cpam for parent in parents for cpam in parent.get(caf, ()))})
        if len(cpams) < 2 or caf not in supplies["compte"]:
            continue
        siens = [("compte", supplies["compte"][caf] - parts.get(cpam, 0)) for cpam in cpams]
        for numero, parent in enumerate(parents):
            reste = supplies[f"reste{numero}"].get(caf)
            if reste is not None and caf in parent:
                siens += [
                    (f"reste{numero}", reste - (parent[caf].get(cpam, 0) - parts.get(cpam, 0)))
                    for cpam in cpams
                ]
        restants[caf] = siens
    return restants
