"""What the engine takes and gives: measures, the network of caisses, values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Atteinte, Niveau, Periode
from aller_vers.mesures.echeances import Unite
from aller_vers.socle.groupes import Membre, load_groupes
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION as NATION
from aller_vers.socle.referentiel import find_region_cpam, find_successeur, load_caf, load_cpam

HORS = "hors_"  # and the code of a group: the rest of the network
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


class Vie(NamedTuple):
    """The days of a caisse, included; ``successeur``: the Caf to which its code comes back afterwards."""

    valable_du: date
    valable_au: date
    successeur: str | None = None

    def is_du(self, mois: Mois) -> bool:
        """Tell whether it is one of a month's: on the first day of the next, when the request attributes people."""
        return self.valable_du <= mois.fin <= self.valable_au


@dataclass(frozen=True)
class Reseau:
    """The caisses, each with its region, and those that are in groups.

    ``vies``: by level and code, the days of the caisses that have not always been, or are no more.
    """

    caf: Mapping[str, str]
    cpam: Mapping[str, str]
    groupes: Mapping[str, Sequence[Membre]] = field(default_factory=dict)
    vies: Mapping[tuple[str, str], Vie] = field(default_factory=dict)

    def list_territoires(self, niveau: Niveau, mois: Mois) -> list[str]:
        """Return the territories of a level in a month, sorted."""
        if niveau == "national":
            return [NATION]
        if niveau == "region":
            return sorted({*self.caf.values(), *self.cpam.values()})
        if niveau == "groupe":
            return sorted(f"{hors}{groupe}" for groupe in self.groupes for hors in ("", HORS))
        caisses = self.caf if niveau == "caf" else self.cpam
        return sorted(c for c in caisses if (vie := self.vies.get((niveau, c))) is None or vie.is_du(mois))

    def find_region(self, code_caf: str | None, code_cpam: str | None) -> str | None:
        """Return the region of a unit: its Caf's, else its Cpam's."""
        return self.caf.get(code_caf or "") or self.cpam.get(code_cpam or "")

    def find_territoires(self, niveau: Niveau, unite: Unite, mois: Mois) -> Sequence[str]:
        """Return the territories of a level that a unit adds up to, in what is told of a month."""
        origine = unite
        while (
            self.vies
            and (vie := self.vies.get(("caf", unite[0] or "")))
            and vie.valable_au < mois.fin
            and vie.successeur
        ):
            unite = (vie.successeur, unite[1])
        if niveau == "groupe":
            if (unite, mois) not in self._connus:
                self._connus[unite, mois] = self._find_groupes(unite, mois)
            return self._connus[unite, mois]
        match niveau:
            case "national":
                return (NATION,)
            case "region":
                territoire = self.find_region(*origine)
            case "caf":
                territoire = unite[0]
            case "cpam":
                territoire = unite[1]
        return () if territoire is None else (territoire,)

    def _find_groupes(self, unite: Unite, mois: Mois) -> list[str]:
        """Return each group or the rest of it: a pair is in a group if both are together, a caisse alone if it is."""
        return [
            code if any(
                (m.depuis is None or m.depuis <= mois)
                and unite[0] in (None, m.code_caf) and unite[1] in (None, m.code_cpam)
                for m in membres
            ) else f"{HORS}{code}"
            for code, membres in self.groupes.items()
        ]  # fmt: skip

    @cached_property
    def _connus(self) -> dict[tuple[Unite, Mois], list[str]]:
        return {}


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


def keep_bornees(vies: Mapping[tuple[str, str], Vie]) -> dict[tuple[str, str], Vie]:
    """Return the days of the caisses that have not always been, or are no more."""
    return {cle: vie for cle, vie in vies.items() if vie[:2] != (date.min, date.max)}


def load_reseau() -> Reseau:
    """Return the caisses of the reference data."""
    caf, cpam = load_caf(), load_cpam()
    vies = {("caf", c): Vie(x.valable_du, x.valable_au, find_successeur(c)) for c, x in caf.items()}
    vies |= {("cpam", c): Vie(x.valable_du, x.valable_au) for c, x in cpam.items()}
    return Reseau(
        {code: c.code_region for code, c in caf.items()}, find_region_cpam(),
        {code: groupe.membres for code, groupe in load_groupes().items()},
        keep_bornees(vies),
    )  # fmt: skip
