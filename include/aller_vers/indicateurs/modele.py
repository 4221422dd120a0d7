"""What the engine takes and gives: measures, the network of caisses, values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Atteinte, Niveau, Periode
from aller_vers.socle.referentiel import NATION as NATION
from aller_vers.socle.referentiel import find_region_cpam, load_caf

# What a value says: given and final; given, and can still move; its date has not come; its date has passed; nothing
# to count.
Statut = Literal["definitif", "provisoire", "pas_encore_du", "non_fourni", "sans_objet"]


class Mesure(NamedTuple):
    """A row of measures: a count, a sum, or a bucket of a histogram (``classe``); ``mois`` is ``AAAA-MM``.

    ``mesuree_le``: the day on which the source counted it; None for what is received, which is not counted again.
    """

    mois: str
    code_caf: str | None
    code_cpam: str | None
    mesure: str
    modalite: str | None
    classe: int | None
    valeur: Decimal
    mesuree_le: date | None = None


@dataclass(frozen=True)
class Reseau:
    """The caisses, each with its region."""

    caf: Mapping[str, str]
    cpam: Mapping[str, str]

    def list_territoires(self, niveau: Niveau) -> list[str]:
        """Return the territories of a level, sorted."""
        if niveau == "national":
            return [NATION]
        if niveau == "region":
            return sorted({*self.caf.values(), *self.cpam.values()})
        return sorted(self.caf if niveau == "caf" else self.cpam)

    def find_region(self, code_caf: str | None, code_cpam: str | None) -> str | None:
        """Return the region of a unit: its Caf's, else its Cpam's."""
        return self.caf.get(code_caf or "") or self.cpam.get(code_cpam or "")


class Valeur(NamedTuple):
    """A value of an indicator for a month, or for a period that ends with it (``periode``).

    ``definitif_le``: the day from which nothing that it reads can move.
    """

    code: str
    version: int
    mois: str
    periode: Literal["mois"] | Periode
    niveau: Niveau
    territoire: str
    numerateur: Decimal | None
    denominateur: Decimal | None
    valeur: Decimal | None
    cible: Decimal | None
    atteinte: Atteinte | None
    statut: Statut
    definitif_le: date | None = None


class Homogeneite(NamedTuple):
    """The spread of an indicator between caisses, and both verdicts (IGAS 2013-164R, rec. 1).

    A caisse that was to give and did not is in ``nb_attendues`` alone: it does not attain.
    """

    code: str
    version: int
    mois: str
    valeur_nationale: Decimal | None
    mini: Decimal | None
    d1: Decimal | None
    mediane: Decimal | None
    d9: Decimal | None
    maxi: Decimal | None
    nb_attendues: int
    nb_fournies: int
    nb_atteint: int | None
    part_atteint: Decimal | None
    atteinte_nationale: Atteinte | None
    atteinte_homogeneite: Atteinte | None


class Score(NamedTuple):
    """Attainment of the result indicators of a territory, whole (``axe`` « ensemble ») or by axis."""

    mois: str
    niveau: Niveau
    territoire: str
    axe: str
    nb_indicateurs: int
    nb_atteints: int
    nb_quasi_atteints: int
    nb_non_atteints: int
    nb_non_fournis: int
    taux: Decimal | None
    points_obtenus: Decimal
    points_possibles: Decimal


def load_reseau() -> Reseau:
    """Return the caisses of the reference data."""
    return Reseau({code: caf.code_region for code, caf in load_caf().items()}, find_region_cpam())
