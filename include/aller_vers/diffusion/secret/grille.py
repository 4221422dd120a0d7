"""The published grid of a month: the values of the marts, each shown, or ``secret``.

A value is shown where every count of people that its formula reads is shown; a mean or a median also asks for the
counts of its histogram. Homogeneity is over the caisses whose value is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.diffusion.secret.decision import Etat, Mesures, decide
from aller_vers.diffusion.secret.incomplets import is_seul_connu
from aller_vers.diffusion.secret.lecture import (
    Cle,
    Couple,
    Lecture,
    Regle,
    collect_comptes,
    collect_couples,
    find_regions,
    read_lectures,
)
from aller_vers.diffusion.secret.modele import Publie
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Reseau, Statut, Valeur

Place = tuple[str, int, str, str, str]


class Case(NamedTuple):
    """A cell as a reader sees it; ``statut`` may be ``secret``, its figures then absent; ``duree`` in months."""

    valeur: Valeur
    statut: Statut | Literal["secret"]
    duree: int = 1


@dataclass(frozen=True)
class Grille:
    """What a month publishes, what it hides by measure, and the definitions whose correction has to wait."""

    cases: tuple[Case, ...]
    etat: Etat
    retenues: frozenset[Cle]

    @property
    def part_secret(self) -> float:
        """Share of the provided cells that are hidden."""
        fournies = [c for c in self.cases if c.statut in ("definitif", "secret")]
        return sum(c.statut == "secret" for c in fournies) / len(fournies) if fournies else 0.0


def control(
    dictionnaire: Sequence[Indicateur],
    valeurs: Iterable[Valeur],
    reseau: Reseau,
    seuil: int,
    regle: Regle,
    avant: tuple[Etat, Sequence[Case]] | None = None,
    couples: Iterable[Couple] = (),
) -> Grille:
    """Return the grid of one month from its values in the marts.

    Args:
        dictionnaire: the definitions.
        valeurs: every value of the month, all levels; Cpam serve the sums that they give and are never published.
        reseau: the caisses and their regions.
        seuil: the smallest count that is published.
        regle: which measures count no person, which are sums of what another counts.
        avant: what the last vintage hid and showed.
        couples: what each pair of a Caf and a Cpam gave: a Cpam knows its own part.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire}
    du_mois = [v for v in valeurs if v.periode == "mois" and (v.code, v.version) in definitions]
    lectures = read_lectures(dictionnaire, regle)
    comptes = collect_comptes(du_mois, definitions, lectures)
    mesures = Mesures(comptes, collect_couples(couples, lectures), lectures, reseau, seuil)
    anciennes = {_place(c.valeur): c for c in avant[1]} if avant else {}
    figes = _find_figes(du_mois, definitions, lectures, anciennes)
    petits = _find_petits(du_mois, definitions, mesures)
    etat, refuses = decide(mesures, avant[0] if avant else None, figes, petits)
    partiels = _find_partiels(du_mois, definitions, lectures, etat, seuil)
    retenues = frozenset(cle for cle, lecture in lectures.items() if refuses & set(lecture.termes))
    cases = []
    for v in sorted((v for v in du_mois if v.niveau != "cpam"), key=_place):
        cle = (v.code, v.version)
        if cle in retenues:
            if _place(v) in anciennes:
                cases.append(anciennes[_place(v)])
        elif cle not in lectures:
            cases.append(Case(v, v.statut))
        else:
            regions = find_regions(definitions[cle].maille, reseau)
            cases.append(_show(v, lectures[cle], etat, regions, partiels[cle]))
    return Grille(tuple(cases), etat, retenues)


def _place(v: Valeur) -> Place:
    return (v.code, v.version, v.periode, v.niveau, v.territoire)


def _find_figes(
    valeurs: Sequence[Valeur],
    definitions: Mapping[Cle, Indicateur],
    lectures: Mapping[Cle, Lecture],
    anciennes: Mapping[Place, Case],
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
    valeurs: Sequence[Valeur], definitions: Mapping[Cle, Indicateur], lectures: Mapping[Cle, Lecture], etat: Etat,
    seuil: int,
) -> dict[Cle, frozenset[str]]:  # fmt: skip
    """Return the units of each indicator that count fewer people than their measure, and may not be subtracted."""
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
                if publie and not is_seul_connu(publie, unite, seuil):
                    siens.add(unite)
        partiels[cle] = frozenset(siens)
    return partiels


def _find_petits(
    valeurs: Sequence[Valeur],
    definitions: Mapping[Cle, Indicateur],
    mesures: Mesures,
) -> dict[str, set[str]]:
    """Return, by measure, where a rate over fewer units than gave it has a small term, or a small distance."""
    petits: dict[str, set[str]] = {}
    for v in valeurs:
        lecture = mesures.lectures.get((v.code, v.version))
        if lecture is None or not lecture.inclus or v.niveau not in ("region", "national"):
            continue
        regions = find_regions(definitions[v.code, v.version].maille, mesures.reseau)
        n, d = v.numerateur or 0, v.denominateur or 0
        termes = [(str(lecture.numerateur), n), (str(lecture.denominateur), d)]
        totaux = [
            sum(x for c, x in mesures.comptes.get(t, {}).items() if v.territoire in (NATION, regions[c]))
            for t, _ in termes
        ]
        if totaux == [n, d]:
            continue
        for terme, nombre in (*termes, (termes[0][0], d - n)):
            if 0 < nombre < mesures.seuil:
                petits.setdefault(terme, set()).add(v.territoire)
    return petits


def _show(
    v: Valeur, lecture: Lecture, etat: Etat, regions: Mapping[str, str], partiels: frozenset[str]
) -> Case:  # fmt: skip
    if v.statut == "non_fourni":
        return Case(v, v.statut)
    termes = [t for t in (lecture.numerateur, lecture.denominateur, *(lecture.classes & etat.keys())) if t]
    visibles = [t in etat and _is_visible(v, etat[t], regions, partiels) for t in termes]
    return Case(v, v.statut) if all(visibles) else hide(v)


def hide(v: Valeur) -> Case:
    """Return the cell as ``secret``: it was provided, and its figures are absent."""
    cachee = v._replace(numerateur=None, denominateur=None, valeur=None, atteinte=None, statut="definitif")
    return Case(cachee, "secret")


def _is_visible(
    v: Valeur, publie: Publie, regions: Mapping[str, str], partiels: frozenset[str]
) -> bool:  # fmt: skip
    """Tell whether a count is shown; over fewer people than gave it, only if the difference may be known too."""
    motif = publie.motif
    if v.niveau == "caf":
        return v.territoire not in motif.caf | partiels
    if v.niveau == "national":
        return not motif.nation and not partiels & publie.comptes.keys()
    seules = partiels & publie.comptes.keys()
    return v.territoire not in motif.regions and all(regions[c] != v.territoire for c in seules)
