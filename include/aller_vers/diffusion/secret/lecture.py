"""What each indicator reads of people, and the counts that the values of a month tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from aller_vers.diffusion.secret.termes import find_classes, name_terme, replace_mesure
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import NATION, Reseau, Valeur

Cle = tuple[str, int]
HORS_DIFFUSION = "hors diffusion"  # evolutions and dispersions of people: never shown


@dataclass(frozen=True)
class Regle:
    """Measures that count no person and are shown as they are; sums, and the measure that counts whom they are of."""

    sans_personne: frozenset[str]
    sommes: Mapping[str, str]


class Couple(NamedTuple):
    """The terms of an indicator that a Caf and a Cpam gave together."""

    code: str
    version: int
    code_caf: str
    code_cpam: str
    numerateur: Decimal
    denominateur: Decimal


@dataclass(frozen=True)
class Lecture:
    """The counts of people that an indicator reads, and whether the first is among the second.

    ``classes``: counts of the same histogram, which a mean or a median would narrow.
    """

    numerateur: str | None
    denominateur: str | None
    inclus: bool
    classes: frozenset[str] = frozenset()

    @property
    def termes(self) -> tuple[str, ...]:
        """Every count that it reads."""
        return tuple(t for t in (self.numerateur, self.denominateur, *sorted(self.classes)) if t)


def read_lectures(dictionnaire: Sequence[Indicateur], regle: Regle) -> dict[Cle, Lecture]:
    """Return what each indicator reads; those that count no person are absent."""
    return {
        (i.code, i.version): _read(i, regle, dictionnaire)
        for i in dictionnaire
        if not i.mesures <= regle.sans_personne
    }


def _read(i: Indicateur, regle: Regle, dictionnaire: Sequence[Indicateur]) -> Lecture:
    """Return the counts of people of an indicator: a sum (euros, days) is shown with the people whom it is of."""
    numerateur, denominateur = name_terme(i.numerateur, i.maille), name_terme(i.denominateur, i.maille)
    if i.type == "compte" and {c.mesure for c in i.numerateur} & set(regle.sommes):
        return Lecture(None, name_terme(replace_mesure(i.numerateur, regle.sommes), i.maille), False)
    match i.type:
        case "ratio" | "compte":
            return Lecture(numerateur, denominateur, i.type == "ratio" and i.unite == "part")
        case "moyenne" if denominateur is not None:
            return Lecture(None, denominateur, False)
        case "moyenne" | "quantile":
            nombre = name_terme(i.numerateur, i.maille, histogramme=True)
            return Lecture(None, nombre, False, find_classes(i, dictionnaire))
        case _:
            return Lecture(HORS_DIFFUSION, None, False)


def collect_comptes(
    valeurs: Sequence[Valeur], definitions: Mapping[Cle, Indicateur], lectures: Mapping[Cle, Lecture]
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


def collect_couples(
    couples: Iterable[Couple], lectures: Mapping[Cle, Lecture]
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


def find_regions(maille: str, reseau: Reseau) -> Mapping[str, str]:
    """Return the region of each unit of a grain."""
    return {**reseau.cpam, NATION: NATION} if maille in ("cpam", "national") else reseau.caf
