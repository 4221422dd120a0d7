"""The published grid of a month: the values of the marts, each shown, or ``secret``.

A value is shown where every count of people that its formula reads is shown; a mean or a median also asks for the
counts of its histogram. Homogeneity is over the caisses whose value is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Reseau, Statut, Valeur
from aller_vers.secret.correction import correct_famille
from aller_vers.secret.incomplets import hide_incomplets
from aller_vers.secret.mesures import (
    find_classes,
    find_denominateurs,
    group_parts,
    join_liens,
    name_terme,
    replace_mesure,
)
from aller_vers.secret.motif import Motif, Part, Publie, protect_ensemble, sum_regions

Cle = tuple[str, int]
Etat = Mapping[str, Publie]
HORS_DIFFUSION = "hors diffusion"  # evolutions and dispersions of people: never shown


@dataclass(frozen=True)
class Regle:
    """Measures that count no person and are shown as they are; sums, and the measure that counts whom they are of."""

    sans_personne: frozenset[str]
    sommes: Mapping[str, str]


class Case(NamedTuple):
    """A cell as a reader sees it; ``statut`` may be ``secret``, its figures then absent; ``duree`` in months."""

    valeur: Valeur
    statut: Statut | Literal["secret"]
    duree: int = 1


class Couple(NamedTuple):
    """The terms of an indicator that a Caf and a Cpam gave together."""

    code: str
    version: int
    code_caf: str
    code_cpam: str
    numerateur: Decimal
    denominateur: Decimal


@dataclass(frozen=True)
class Grille:
    """What a month publishes, what it hides by measure, and the definitions whose correction has to wait."""

    cases: tuple[Case, ...]
    etat: Etat
    retenues: frozenset[Cle]

    @property
    def part_secret(self) -> float:
        """Share of the provided cells that are hidden."""
        fournies = [c for c in self.cases if c.statut in ("fourni", "secret")]
        return sum(c.statut == "secret" for c in fournies) / len(fournies) if fournies else 0.0


@dataclass(frozen=True)
class _Lecture:
    """The counts of people that an indicator reads, and whether the first is among the second."""

    numerateur: str | None
    denominateur: str | None
    inclus: bool
    classes: frozenset[str] = (
        frozenset()
    )  # counts of the same histogram, which a mean or a median would narrow

    @property
    def termes(self) -> tuple[str, ...]:
        return tuple(t for t in (self.numerateur, self.denominateur, *sorted(self.classes)) if t)


def control(
    dictionnaire: Sequence[Indicateur],
    valeurs: Iterable[Valeur],
    reseau: Reseau,
    seuil: int,
    regle: Regle,
    avant: tuple[Etat, Sequence[Case]] | None = None,
    rang: int = 0,
    couples: Iterable[Couple] = (),
) -> Grille:
    """Return the grid of one month from its values in the marts.

    Args:
        dictionnaire: the definitions.
        valeurs: every value of the month, all levels; Cpam serve the sums that they give and are never published.
        reseau: the caisses and their regions.
        seuil: the smallest count that is published.
        regle: which measures count no person, which are sums of what another counts.
        avant: what the last vintage hid and showed; ``rang`` is then the number of the new one.
        couples: what each pair of a Caf and a Cpam gave: a Cpam knows its own part.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire}
    retenues_valeurs = [v for v in valeurs if v.periode == "mois" and (v.code, v.version) in definitions]
    lectures = {
        (i.code, i.version): _read(i, regle, dictionnaire)
        for i in dictionnaire
        if not i.mesures <= regle.sans_personne
    }
    comptes = _collect(retenues_valeurs, definitions, lectures)
    anciennes = {_place(c.valeur): c for c in avant[1]} if avant else {}
    figes = _find_figes(retenues_valeurs, definitions, lectures, anciennes)
    etat, refuses = _protect_all(
        comptes,
        _collect_couples(couples, lectures),
        lectures,
        reseau,
        seuil,
        avant[0] if avant else None,
        rang,
        figes,
        _find_petits(retenues_valeurs, definitions, lectures, comptes, reseau, seuil),
    )
    partiels = _find_partiels(retenues_valeurs, definitions, lectures, etat)
    retenues = frozenset(cle for cle, lecture in lectures.items() if refuses & set(lecture.termes))
    cases = []
    for v in sorted(retenues_valeurs, key=_place):
        cle = (v.code, v.version)
        if v.niveau == "cpam":
            continue
        if cle in retenues:
            if _place(v) in anciennes:
                cases.append(anciennes[_place(v)])
        elif cle not in lectures:
            cases.append(Case(v, v.statut))
        else:
            cases.append(_show(v, definitions[cle], lectures[cle], etat, reseau, partiels[cle]))
    return Grille(tuple(cases), etat, retenues)


def _place(v: Valeur) -> tuple[str, int, str, str, str]:
    return (v.code, v.version, v.periode, v.niveau, v.territoire)


def _read(i: Indicateur, regle: Regle, dictionnaire: Sequence[Indicateur]) -> _Lecture:
    """Return the counts of people of an indicator: a sum (euros, days) is shown with the people whom it is of."""
    numerateur, denominateur = name_terme(i.numerateur, i.maille), name_terme(i.denominateur, i.maille)
    if i.type == "compte" and {c.mesure for c in i.numerateur} & set(regle.sommes):
        return _Lecture(None, name_terme(replace_mesure(i.numerateur, regle.sommes), i.maille), False)
    match i.type:
        case "ratio" | "compte":
            return _Lecture(numerateur, denominateur, i.type == "ratio" and i.unite == "part")
        case "moyenne" if denominateur is not None:
            return _Lecture(None, denominateur, False)
        case "moyenne" | "quantile":
            nombre = name_terme(i.numerateur, i.maille, histogramme=True)
            return _Lecture(None, nombre, False, find_classes(i, dictionnaire))
        case _:
            return _Lecture(HORS_DIFFUSION, None, False)


def _collect(
    valeurs: Sequence[Valeur], definitions: Mapping[Cle, Indicateur], lectures: Mapping[Cle, _Lecture]
) -> dict[str, dict[str, int]]:
    """Return the count of each unit (Caf, else Cpam, else the nation) by measure, whichever indicator says it."""
    comptes: dict[str, dict[str, int]] = {}
    for v in valeurs:
        cle = (v.code, v.version)
        if cle not in lectures or v.niveau != (definitions[cle].caisse or "national"):
            continue
        lecture = lectures[cle]
        for terme, nombre in ((lecture.numerateur, v.numerateur), (lecture.denominateur, v.denominateur)):
            if terme and nombre is not None and nombre == int(nombre) and nombre >= 0:
                deja = comptes.setdefault(terme, {}).get(v.territoire, 0)
                # A rate counts only the pairs that give both of its terms.
                comptes[terme][v.territoire] = max(deja, int(nombre))
    return {terme: comptes[terme] for terme in sorted(comptes) if terme != HORS_DIFFUSION}


def _collect_couples(
    couples: Iterable[Couple], lectures: Mapping[Cle, _Lecture]
) -> dict[str, dict[str, dict[str, int]]]:
    """Return the count of each Cpam by measure and Caf."""
    parts: dict[str, dict[str, dict[str, int]]] = {}
    for c in couples:
        lecture = lectures.get((c.code, c.version))
        if lecture is None:
            continue
        for terme, nombre in ((lecture.numerateur, c.numerateur), (lecture.denominateur, c.denominateur)):
            if terme:
                siennes = parts.setdefault(terme, {}).setdefault(c.code_caf, {})
                siennes[c.code_cpam] = max(siennes.get(c.code_cpam, 0), int(nombre))
    return parts


def _find_figes(
    valeurs: Sequence[Valeur],
    definitions: Mapping[Cle, Indicateur],
    lectures: Mapping[Cle, _Lecture],
    anciennes: Mapping[tuple[str, int, str, str, str], Case],
) -> frozenset[str]:
    """Return the counts whose shown mean or median moves: two of them say more of a hidden histogram than one."""
    return frozenset(
        terme
        for v in valeurs
        if (v.code, v.version) in lectures and definitions[v.code, v.version].is_histogramme
        if (ancienne := anciennes.get(_place(v))) and ancienne.statut != "secret"
        if (ancienne.valeur.numerateur, ancienne.valeur.denominateur, ancienne.valeur.valeur)
        != (v.numerateur, v.denominateur, v.valeur)
        for terme in lectures[v.code, v.version].termes
    )


def _find_partiels(
    valeurs: Sequence[Valeur], definitions: Mapping[Cle, Indicateur], lectures: Mapping[Cle, _Lecture], etat: Etat
) -> dict[Cle, frozenset[str]]:  # fmt: skip
    """Return the units of each indicator that count fewer people than their measure: the difference is a pair's."""
    donnes: dict[tuple[Cle, str], tuple[Decimal | None, Decimal | None]] = {
        ((v.code, v.version), v.territoire): (v.numerateur, v.denominateur)
        for v in valeurs
        if (v.code, v.version) in lectures
        and v.niveau == (definitions[v.code, v.version].caisse or "national")
    }
    partiels: dict[Cle, frozenset[str]] = {}
    for cle, lecture in lectures.items():
        siens = set()
        for rang, terme in enumerate((lecture.numerateur, lecture.denominateur)):
            publie = etat.get(terme or "")
            for unite, nombre in publie.comptes.items() if publie else ():
                # What only the numerator counts is told by no other term of the mean or of the sum.
                donne = donnes.get((cle, unite), (None, None))
                if (donne[rang] is None and donne != (None, None)) or donne[rang] == nombre:
                    continue
                siens.add(unite)
        partiels[cle] = frozenset(siens)
    return partiels


def _find_petits(
    valeurs: Sequence[Valeur],
    definitions: Mapping[Cle, Indicateur],
    lectures: Mapping[Cle, _Lecture],
    comptes: Mapping[str, Mapping[str, int]],
    reseau: Reseau,
    seuil: int,
) -> dict[str, set[str]]:
    """Return, by measure, where a rate over fewer units than gave it has a small term, or a small distance."""
    petits: dict[str, set[str]] = {}
    for v in valeurs:
        lecture = lectures.get((v.code, v.version))
        if lecture is None or not lecture.inclus or v.niveau not in ("region", "national"):
            continue
        regions = _find_regions(definitions[v.code, v.version].maille, reseau)
        n, d = v.numerateur or 0, v.denominateur or 0
        termes = [(str(lecture.numerateur), n), (str(lecture.denominateur), d)]
        totaux = [
            sum(x for c, x in comptes.get(t, {}).items() if v.territoire in (NATION, regions[c]))
            for t, _ in termes
        ]
        if totaux == [n, d]:
            continue
        for terme, nombre in (*termes, (termes[0][0], d - n)):
            if 0 < nombre < seuil:
                petits.setdefault(terme, set()).add(v.territoire)
    return petits


def _protect_all(
    comptes: Mapping[str, Mapping[str, int]],
    couples: Mapping[str, Mapping[str, Mapping[str, int]]],
    lectures: Mapping[Cle, _Lecture],
    reseau: Reseau,
    seuil: int,
    avant: Etat | None,
    rang: int,
    figes: frozenset[str],
    petits: Mapping[str, set[str]],
) -> tuple[dict[str, Publie], set[str]]:
    taux = {(le.numerateur, le.denominateur) for le in lectures.values() if le.inclus}
    parents = find_denominateurs(comptes, {(n, d) for n, d in taux if n and d})
    groupes = group_parts(comptes, parents)
    etat, refuses = (
        _correct_all(comptes, couples, lectures, reseau, seuil, avant, rang, parents, groupes, figes)
        if avant
        else ({}, set())
    )
    groupes = [g for g in groupes if not set(g) & (etat.keys() | refuses)]  # never published yet
    while groupes:
        # A denominator is always decided before what it includes.
        groupe = next((g for g in groupes if all(parents[t] - set(g) <= etat.keys() for t in g)), groupes[0])
        groupes.remove(groupe)
        maille = groupe[0].partition(":")[0]
        parts = [
            Part(comptes[t], [etat[p] for p in sorted(parents[t]) if p in etat], None, couples.get(t, {}))
            for t in groupe
        ]
        regions = _find_regions(maille, reseau)
        incomplets = [hide_incomplets(p.comptes, p.couples, p.denominateurs, regions) for p in parts]
        lieux = {lieu for t in groupe for lieu in petits.get(t, ())}
        impose = Motif(
            frozenset().union(*(m.caf for m in incomplets)),
            frozenset(lieux - {NATION}).union(*(m.regions for m in incomplets)),
            bool(lieux) or any(m.nation for m in incomplets),
        )
        motifs = protect_ensemble(
            parts, regions, seuil, rang=rang, caf_publiees=maille in ("caf", "couple"), impose=impose
        )
        assert motifs is not None  # only a correction waits
        etat |= {t: Publie(comptes[t], m, couples.get(t, {})) for t, m in zip(groupe, motifs, strict=True)}
    return etat, refuses


def _correct_all(
    comptes: Mapping[str, Mapping[str, int]],
    couples: Mapping[str, Mapping[str, Mapping[str, int]]],
    lectures: Mapping[Cle, _Lecture],
    reseau: Reseau,
    seuil: int,
    avant: Etat,
    rang: int,
    parents: Mapping[str, set[str]],
    groupes: Sequence[Sequence[str]],
    figes: frozenset[str],
) -> tuple[dict[str, Publie], set[str]]:
    """Correct the measures that hang together, or leave them as they were (``figes``: they have to wait)."""
    etat: dict[str, Publie] = {}
    refuses: set[str] = set()
    liens: list[Iterable[str]] = [lecture.termes for lecture in lectures.values()]
    liens += [*groupes, *({t, *siens} for t, siens in parents.items())]
    for famille in join_liens(liens, comptes.keys() | avant.keys()):
        anciens = {t: avant[t] for t in famille if t in avant}
        nouveaux = {
            t: Publie(comptes[t], Motif(), couples.get(t, {})) for t in sorted(famille) if t in comptes
        }
        if not anciens:
            continue
        trouves = None
        if not (famille & figes and any(p.motif.caf for p in anciens.values())):
            regions = _find_regions(min(famille).partition(":")[0], reseau)
            trouves = correct_famille(nouveaux, anciens, parents, regions, seuil, rang)
        if trouves is None:
            refuses |= famille
        etat |= anciens if trouves is None else trouves
    return etat, refuses


def _find_regions(maille: str, reseau: Reseau) -> Mapping[str, str]:
    return {**reseau.cpam, NATION: NATION} if maille in ("cpam", "national") else reseau.caf


def _show(
    v: Valeur, definition: Indicateur, lecture: _Lecture, etat: Etat, reseau: Reseau, partiels: frozenset[str]
) -> Case:  # fmt: skip
    if v.statut == "non_fourni":
        return Case(v, v.statut)
    nombres = [(lecture.numerateur, v.numerateur), (lecture.denominateur, v.denominateur)]
    nombres += [(terme, None) for terme in sorted(lecture.classes & etat.keys())]
    visibles = [
        terme in etat and _is_visible(v, nombre, etat[terme], definition, reseau, partiels)
        for terme, nombre in nombres
        if terme is not None
    ]
    return Case(v, v.statut) if all(visibles) else hide(v)


def hide(v: Valeur) -> Case:
    """Return the cell as ``secret``: it was provided, and its figures are absent."""
    cachee = v._replace(numerateur=None, denominateur=None, valeur=None, atteinte=None, statut="fourni")
    return Case(cachee, "secret")


def _is_visible(
    v: Valeur, nombre: object, publie: Publie, definition: Indicateur, reseau: Reseau, partiels: frozenset[str]
) -> bool:  # fmt: skip
    """Tell whether a count is shown; over fewer units than gave it, only if the difference is shown too."""
    motif = publie.motif
    if v.niveau == "caf":
        return v.territoire not in motif.caf | partiels
    regions = _find_regions(definition.maille, reseau)
    if v.niveau == "region":
        membres = {c: n for c, n in publie.comptes.items() if regions[c] == v.territoire}
        cachee = v.territoire in motif.regions
        total = sum_regions(publie.comptes, regions).get(v.territoire)
    else:
        membres, cachee, total = dict(publie.comptes), motif.nation, sum(publie.comptes.values())
    if cachee:
        return False
    if not partiels & membres.keys() and nombre in (None, total):
        return True
    return not any(c in motif.caf | partiels for c in membres)
