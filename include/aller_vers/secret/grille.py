"""The published grid of a month: the values of the marts, each shown, or ``secret``.

A value is shown where every count of people that its formula reads is shown. A closed year is shown where its twelve
months are: it then says nothing more than they do. Homogeneity is over the caisses whose value is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Reseau, Statut, Valeur
from aller_vers.secret.mesures import find_denominateurs, group_parts, name_terme, replace_mesure
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

    @property
    def termes(self) -> tuple[str, ...]:
        return tuple(t for t in (self.numerateur, self.denominateur) if t)


def control(
    dictionnaire: Sequence[Indicateur],
    valeurs: Iterable[Valeur],
    reseau: Reseau,
    seuil: int,
    regle: Regle,
    avant: tuple[Etat, Sequence[Case]] | None = None,
    rang: int = 0,
) -> Grille:
    """Return the grid of one month from its values in the marts.

    Args:
        dictionnaire: the definitions.
        valeurs: every value of the month, all levels; Cpam serve the sums that they give and are never published.
        reseau: the caisses and their regions.
        seuil: the smallest count that is published.
        regle: which measures count no person, which are sums of what another counts.
        avant: what the last vintage hid and showed; ``rang`` is then the number of the new one.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire}
    retenues_valeurs = [v for v in valeurs if v.periode == "mois" and (v.code, v.version) in definitions]
    lectures = {
        (i.code, i.version): _read(i, regle) for i in dictionnaire if not i.mesures <= regle.sans_personne
    }
    comptes = _collect(retenues_valeurs, definitions, lectures)
    etat, refuses = _protect_all(comptes, definitions, lectures, reseau, seuil, avant, rang)
    anciennes = {_place(c.valeur): c for c in avant[1]} if avant else {}
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
            cases.append(_show(v, definitions[cle], lectures[cle], etat, reseau))
    return Grille(tuple(cases), etat, retenues)


def close_annee(mois: Sequence[Etat]) -> dict[str, Publie]:
    """Return what a closed year hides: what any of its months hides, for it is the sum of what they show."""
    termes = set.intersection(*(set(etat) for etat in mois))
    annee = {}
    for terme in sorted(termes):
        publies = [etat[terme] for etat in mois]
        cachees = [p.motif for p in publies]
        communes = set.intersection(*(set(p.comptes) for p in publies))
        comptes = {c: sum(p.comptes[c] for p in publies) for c in sorted(communes)}
        absentes = {c for p in publies for c in p.comptes} - communes
        annee[terme] = Publie(
            comptes,
            Motif(
                frozenset.union(*(m.caf for m in cachees)) | absentes,
                frozenset.union(*(m.regions for m in cachees)),
                any(m.nation for m in cachees),
            ),
        )
    return annee


def show_annee(
    dictionnaire: Sequence[Indicateur], valeurs: Iterable[Valeur], reseau: Reseau, mois: Sequence[Etat],
    regle: Regle,
) -> tuple[Case, ...]:  # fmt: skip
    """Return the cells of a closed year (``periode`` « annee », month of December) from its twelve months."""
    etat = close_annee(mois)
    definitions = {(i.code, i.version): i for i in dictionnaire}
    cases = []
    for v in sorted(valeurs, key=_place):
        definition = definitions.get((v.code, v.version))
        if definition is None or v.niveau == "cpam" or v.periode != "annee":
            continue
        if definition.mesures <= regle.sans_personne:
            cases.append(Case(v, v.statut))
        else:
            cases.append(_show(v, definition, _read(definition, regle), etat, reseau))
    return tuple(cases)


def _place(v: Valeur) -> tuple[str, int, str, str, str]:
    return (v.code, v.version, v.periode, v.niveau, v.territoire)


def _read(i: Indicateur, regle: Regle) -> _Lecture:
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
            return _Lecture(None, name_terme(i.numerateur, i.maille, histogramme=True), False)
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
                comptes.setdefault(terme, {})[v.territoire] = int(nombre)
    return {terme: comptes[terme] for terme in sorted(comptes) if terme != HORS_DIFFUSION}


def _protect_all(
    comptes: Mapping[str, Mapping[str, int]],
    definitions: Mapping[Cle, Indicateur],
    lectures: Mapping[Cle, _Lecture],
    reseau: Reseau,
    seuil: int,
    avant: tuple[Etat, Sequence[Case]] | None,
    rang: int,
) -> tuple[dict[str, Publie], set[str]]:
    couples = {(le.numerateur, le.denominateur) for le in lectures.values() if le.inclus}
    parents = find_denominateurs(comptes, {(n, d) for n, d in couples if n and d})
    groupes = group_parts(comptes, parents)
    etat: dict[str, Publie] = {}
    refuses: set[str] = set()
    while groupes:
        faits = etat.keys() | refuses
        # A denominator is always decided before what it includes.
        groupe = next((g for g in groupes if all(parents[t] - set(g) <= faits for t in g)), groupes[0])
        groupes.remove(groupe)
        maille = groupe[0].partition(":")[0]
        motifs = None
        if not any(refuses & parents[t] for t in groupe):
            parts = [
                Part(
                    comptes[t],
                    [etat[p] for p in sorted(parents[t]) if p in etat],
                    avant[0].get(t) if avant else None,
                )
                for t in groupe
            ]
            motifs = protect_ensemble(
                parts,
                _find_regions(maille, reseau),
                seuil,
                rang=rang,
                caf_publiees=maille in ("caf", "couple"),
            )
        if motifs is None:
            refuses |= set(groupe)
        else:
            etat |= {t: Publie(comptes[t], m) for t, m in zip(groupe, motifs, strict=True)}
    # A measure waits with those that its denominators or numerators share a rate with.
    while (
        suite := {t for lecture in lectures.values() if refuses & set(lecture.termes) for t in lecture.termes}
        - refuses
    ):
        refuses |= suite
    if avant:
        etat = {t: p for t, p in etat.items() if t not in refuses} | {
            t: p for t, p in avant[0].items() if t in refuses or t not in comptes
        }
    return etat, refuses


def _find_regions(maille: str, reseau: Reseau) -> Mapping[str, str]:
    return {**reseau.cpam, NATION: NATION} if maille in ("cpam", "national") else reseau.caf


def _show(v: Valeur, definition: Indicateur, lecture: _Lecture, etat: Etat, reseau: Reseau) -> Case:
    if v.statut == "non_fourni":
        return Case(v, v.statut)
    visibles = [
        terme in etat and _is_visible(v, nombre, etat[terme], definition, reseau)
        for terme, nombre in ((lecture.numerateur, v.numerateur), (lecture.denominateur, v.denominateur))
        if terme is not None
    ]
    if all(visibles):
        return Case(v, v.statut)
    cachee = v._replace(numerateur=None, denominateur=None, valeur=None, atteinte=None, statut="fourni")
    return Case(cachee, "secret")


def _is_visible(v: Valeur, nombre: object, publie: Publie, definition: Indicateur, reseau: Reseau) -> bool:
    """Tell whether a count is shown; over fewer Caf than gave it, only if the difference is shown too."""
    motif = publie.motif
    if v.niveau == "caf":
        return v.territoire not in motif.caf
    regions = _find_regions(definition.maille, reseau)
    if v.niveau == "region":
        membres = {c: n for c, n in publie.comptes.items() if regions[c] == v.territoire}
        cachee = v.territoire in motif.regions
        total = sum_regions(publie.comptes, regions).get(v.territoire)
    else:
        membres, cachee, total = dict(publie.comptes), motif.nation, sum(publie.comptes.values())
    if cachee:
        return False
    return nombre is None or nombre == total or not any(c in motif.caf for c in membres)
