"""Measures as the secret sees them: what includes what, and which are parts of one whole.

Two things tell that a measure is within another: a rate of one to the other (a share), and its components, when the
dictionary adds them up (with and without children; two contacts or more among all).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aller_vers.indicateurs.dictionnaire import TOUTES, Composant, Indicateur, Terme

_SANS_FIN = 10**9


def name_terme(terme: Terme | None, maille: str, *, histogramme: bool = False) -> str | None:
    """Return the name of a measure: its grain and components (``histogramme``: how many people it holds)."""
    if terme is None:
        return None
    composants = []
    for c in terme:
        bornes = ("", "") if histogramme else (c.classe_min, c.classe_max)
        mini, maxi = ("" if b is None else str(b) for b in bornes)
        composants.append(f"{c.mesure}|{c.modalite or ''}|{mini}|{maxi}|{c.poids.normalize():f}")
    return f"{maille}:" + "+".join(sorted(composants))


def find_classes(i: Indicateur, dictionnaire: Iterable[Indicateur]) -> frozenset[str]:
    """Return the counts of people that others read from classes of the histogram of ``i``."""
    return frozenset(
        str(name_terme(terme, autre.maille))
        for autre in dictionnaire
        if not autre.is_histogramme and autre.maille == i.maille
        for terme in (autre.numerateur, autre.denominateur or ())
        if any(c.mesure in i.mesures and (c.classe_min, c.classe_max) != (None, None) for c in terme)
    )


def replace_mesure(terme: Terme, sommes: Mapping[str, str]) -> tuple[Composant, ...]:
    """Return the count of whom a sum is of: the same modalities of the other measure."""
    return tuple(c.model_copy(update={"mesure": sommes.get(c.mesure, c.mesure)}) for c in terme)


def find_denominateurs(termes: Iterable[str], couples: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """Return the measures that include each one: by its rates (``couples``), by its components, and so on upwards."""
    noms = sorted(termes)
    parents: dict[str, set[str]] = {nom: set() for nom in noms}
    for petit, grand in couples:
        if petit in parents and grand in parents and petit != grand:
            parents[petit].add(grand)
    for petit in noms:
        parents[petit] |= {grand for grand in noms if grand != petit and _is_composant(petit, grand)}
    change = True
    while change:
        change = False
        for nom, siens in parents.items():
            suite = {g for p in siens for g in parents[p]} - siens - {nom}
            siens |= suite
            change |= bool(suite)
    return parents


def group_parts(termes: Iterable[str], parents: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the measures in groups that are hidden together: parts of one whole, which the others would give back."""
    chef = {nom: nom for nom in termes}

    def find(nom: str) -> str:
        while chef[nom] != nom:
            nom = chef[nom]
        return nom

    noms = sorted(chef)
    for rang, un in enumerate(noms):
        for autre in noms[rang + 1 :]:
            if autre not in parents[un] and un not in parents[autre] and _is_freres(un, autre, parents):
                chef[find(autre)] = find(un)
    groupes: dict[str, list[str]] = {}
    for nom in noms:
        groupes.setdefault(find(nom), []).append(nom)
    return sorted(groupes.values(), key=lambda g: (max(len(parents[t]) for t in g), g))


def join_liens(liens: Iterable[Iterable[str]], termes: Iterable[str]) -> list[set[str]]:
    """Return the measures in families: those that a link, or a chain of links, holds together."""
    familles: list[set[str]] = [{t} for t in sorted(termes)]
    for lien in liens:
        noms = set(lien)
        tenues = [f for f in familles if f & noms]
        if len(tenues) > 1:
            familles = [f for f in familles if not f & noms] + [set().union(*tenues)]
    return familles


def _is_freres(un: str, autre: str, parents: Mapping[str, set[str]]) -> bool:
    communs = parents[un] & parents[autre]
    if any(_is_composant(un, p) and _is_composant(autre, p) for p in communs):
        return True
    famille = _find_famille(un)
    return bool(communs) and famille is not None and famille == _find_famille(autre)


def _find_famille(nom: str) -> tuple[str, str] | None:
    """Return the measure and dimension of a part: ``profil_demandeurs`` and ``lien`` of ``lien:conjoint``."""
    familles = {(c[0], c[1].partition(":")[0] if ":" in c[1] else "") for c in _split(nom)}
    [famille, *autres] = sorted(familles)
    return None if autres or not famille[1] else famille


def _is_composant(petit: str, grand: str) -> bool:
    """Tell whether each component of a measure is in one of the other's."""
    if petit.partition(":")[0] != grand.partition(":")[0]:
        return False
    return all(
        any(
            c[0] == g[0] and g[1] in (c[1], TOUTES) and _read(g[2], 0) <= _read(c[2], 0)
            and _read(c[3], _SANS_FIN) <= _read(g[3], _SANS_FIN) and c[4] == g[4] == "1"
            for g in _split(grand)
        )
        for c in _split(petit)
    )  # fmt: skip


def _split(nom: str) -> list[Sequence[str]]:
    return [composant.split("|") for composant in nom.partition(":")[2].split("+")]


def _read(borne: str, defaut: int) -> int:
    return int(borne) if borne else defaut
