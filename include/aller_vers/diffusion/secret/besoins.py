"""What the small counts of a measure need of the other hidden cells.

A small count, of a Caf or a region, is protected when people can be moved in thought between it and others until it is
as low as 1 and as high as ``seuil - 1``, and nothing published changes. Others give their people, or their room: the
distance to each denominator.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from aller_vers.diffusion.secret.couples import find_complices, subtract_parts
from aller_vers.diffusion.secret.modele import Comptes, Part

_AIDES = ("un", "place", "marge")  # what others can give, and nobody counts


@dataclass(frozen=True, order=True)
class Besoin:
    """A hidden count that has to be able to move by ``ecart``, drawing on ``apport`` of the others."""

    apport: str
    ecart: int


class Table:
    """The counts of a measure, and what each Caf can give or take."""

    def __init__(self, part: Part, regions: Mapping[str, str], seuil: int) -> None:
        self.part, self.seuil = part, seuil
        self.caf, self.isolees = sorted(part.comptes), part.isolees
        self.region_de = regions
        self.membres: dict[str, list[str]] = {}
        for caf in self.caf:
            self.membres.setdefault(regions[caf], []).append(caf)
        self.complices = find_complices(part.couples)
        self.apports = self._measure_apports()
        self.restants = subtract_parts(part.couples, self.apports, [d.couples for d in part.denominateurs])

    def _measure_apports(self) -> dict[str, Comptes]:
        comptes, parents = self.part.comptes, self.part.denominateurs
        restes = [
            {c: max(parent.comptes[c] - comptes[c], 0) for c in self.caf if c in parent.comptes}
            for parent in parents
        ]
        place = {c: min((r[c] for r in restes if c in r), default=self.seuil) for c in self.caf}
        marge = {
            c: min((max(comptes[c] - i[c], 0) for i in self.part.inclus if c in i), default=comptes[c])
            for c in self.caf
        }
        return {
            "compte": comptes, "un": dict.fromkeys(self.caf, 1), "place": place, "marge": marge,
            **{f"reste{numero}": reste for numero, reste in enumerate(restes)},
        }  # fmt: skip

    def _list_nombres(self, membres: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield the small numbers of these Caf together: their count, its distances, what a Cpam leaves of them."""
        nombres = [
            (nom, sum(a.get(c, 0) for c in membres)) for nom, a in self.apports.items() if nom not in _AIDES
        ]
        if len(membres) == 1:
            nombres += self.restants.get(membres[0], [])
        yield from ((nom, n) for nom, n in nombres if 0 < n < self.seuil)

    def is_petite(self, membres: Sequence[str]) -> bool:
        """Tell whether these Caf together have a small number."""
        return any(True for _ in self._list_nombres(membres))

    def list_besoins(self, membres: Sequence[str], *, pays: bool) -> list[Besoin]:
        """Return the moves that the counts of these Caf together have to be able to make."""
        petits = list(self._list_nombres(membres))
        libre = bool(petits) and self._is_libre(membres, pays=pays)
        haut, besoins = self.seuil - 1, set[Besoin]()
        for nom, valeur in petits:
            besoins.add(Besoin("un", int(valeur > 1)))
            if libre:
                besoins |= {Besoin(nom, haut - valeur), Besoin("un", int(nom == "compte"))}
            elif nom == "compte":
                besoins |= {Besoin("compte", haut - valeur), Besoin("place", valeur - 1)}
            else:
                besoins |= {Besoin("place", haut - valeur), Besoin("compte", valeur - 1)}
        if self.isolees & set(membres):
            besoins = {replace(b, apport="marge") if b.apport == "compte" else b for b in besoins}
        return sorted(b for b in besoins if b.ecart > 0)

    def _is_libre(self, membres: Sequence[str], *, pays: bool) -> bool:
        """Tell whether every denominator is hidden where these people go, and can follow them.

        Else what leaves one Caf has to find room in others. Across regions, against two hidden Caf of other regions
        or more: one of them may know its own figures.
        """
        region = self.region_de[membres[0]]
        voisines = self.caf if pays else self.membres[region]
        for parent in self.part.denominateurs:
            cachees = parent.motif.regions
            if any(c not in parent.comptes for c in voisines) or any(
                c not in parent.motif.caf for c in membres
            ):
                return False  # among them, who gives these people and not the denominator
            ailleurs = {
                c
                for c in parent.motif.caf
                if c in self.part.comptes and self.region_de[c] in cachees - {region}
            }
            seules = len(ailleurs) < 2 or any(ailleurs <= set(c) for c in self.complices)
            if pays and (region not in cachees or (seules and not parent.motif.nation)):
                return False
        return True
