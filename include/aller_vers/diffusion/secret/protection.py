"""One measure of one month: the smallest set of hidden cells that protects every small count.

The grid is Caf -> region -> nation. A count of 1 to ``seuil - 1`` is hidden, and so is what would give it back:
the other cells of its sums, and a numerator whose distance to its denominator is small. Zero is published.

Where a Caf has several Cpam, each knows its own part: what is left counts as a small count too, and the Caf that one
Cpam knows are one body.

Hidden cells of a sum form a pool: people can be moved in thought from one to another without changing anything
that is published. A count is protected when such moves bring it as low as 1 and as high as ``seuil - 1``,
**whichever other Caf of the pool knows its own figures**. Within a published region the pool is the region's hidden
Caf; where the region is hidden too, it is the hidden Caf of every hidden region. Both conditions are linear in what
is hidden: HiGHS finds the hidden set of least loss. Denominators are decided before what they include, which is
hidden wherever they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aller_vers.diffusion.secret.besoins import Besoin, Table
from aller_vers.diffusion.secret.modele import Motif, Part
from aller_vers.diffusion.secret.programme import Exigence, Programme, Reserve

# What a hidden cell costs: a Caf 1 to 1.5, a region 20, the nation as much as everything else together.
_REGION, _NATION = 20.0, 5000.0
_PAYS = "FR"


def protect(
    part: Part, regions: Mapping[str, str], seuil: int, *, caf_publiees: bool = True, impose: Motif | None = None
) -> Motif:  # fmt: skip
    """Return what to hide of a measure, with the least loss; the same input in any order gives the same answer.

    Args:
        part: the counts, and the measures that include them.
        regions: the region of each Caf.
        seuil: the smallest count that is published (5; 11 where the practice of the SNDS is followed).
        caf_publiees: False when the units are never published (returns by Cpam), only their regions and the nation.
        impose: what is hidden for another reason.
    """
    if not part.comptes:
        return Motif()
    table = Table(part, regions, seuil)
    noms = _Noms(table)
    programme = Programme()
    _declare(programme, table, noms, _find_imposees(table, impose or Motif(), caf_publiees))
    _require(programme, table, noms)
    return noms.read(programme.solve())


def protect_ensemble(
    parts: Sequence[Part], regions: Mapping[str, str], seuil: int, *, caf_publiees: bool = True,
    impose: Motif | None = None,
) -> list[Motif]:  # fmt: skip
    """Return what to hide of parts of one whole: the same cells of each, for the others give back a part.

    Where all of them are hidden, people of two parts change places between two Caf, and no whole says so.
    """
    commun = impose or Motif()
    while True:
        motifs = [protect(p, regions, seuil, caf_publiees=caf_publiees, impose=commun) for p in parts]
        union = commun
        for motif in motifs:
            union |= motif
        if union == commun or len(parts) == 1:
            return motifs
        commun = union


class _Noms:
    """The cells as the program names them; a region of one Caf is that Caf."""

    def __init__(self, table: Table) -> None:
        self.caf = {c: f"caf {c}" for c in table.caf}
        self.regions = {
            r: f"caf {membres[0]}" if len(membres) == 1 else f"region {r}"
            for r, membres in table.membres.items()
        }
        self.nation = "nation"
        # A Caf whose region is hidden too exchanges with the other regions.
        self.ensemble = {
            c: self.caf[c] if self.caf[c] == self.regions[r] else f"ensemble {c}"
            for r, membres in table.membres.items()
            for c in membres
        }

    def read(self, cachees: set[str]) -> Motif:
        return Motif(
            frozenset(c for c, nom in self.caf.items() if nom in cachees),
            frozenset(r for r, nom in self.regions.items() if nom in cachees),
            self.nation in cachees,
        )


def _find_imposees(table: Table, impose: Motif, caf_publiees: bool) -> Motif:
    """Return what is hidden whatever else is: small numbers, what a denominator hides, what is hidden elsewhere."""
    for parent in table.part.denominateurs:
        impose |= parent.motif
    return impose | Motif(
        frozenset(c for c in table.caf if not caf_publiees or table.is_petite([c])),
        frozenset(r for r, membres in table.membres.items() if table.is_petite(membres)),
        table.is_petite(table.caf),
    )


def _declare(programme: Programme, table: Table, noms: _Noms, imposees: Motif) -> None:
    comptes = table.part.comptes
    plus_grand = max(comptes.values()) or 1
    for caf, nom in noms.caf.items():
        programme.couts[nom] = 1 + comptes[caf] / (2 * plus_grand)
        if noms.ensemble[caf] != nom:
            programme.ensemble[noms.ensemble[caf]] = (nom, noms.regions[table.region_de[caf]])
    for region, nom in noms.regions.items():
        somme = sum(comptes[c] for c in table.membres[region])
        programme.couts[nom] = programme.couts.get(nom, 0) + _REGION * (1 + somme / plus_grand / 100)
    programme.couts[noms.nation] = _NATION
    programme.imposees |= {noms.caf[c] for c in imposees.caf & noms.caf.keys()}
    programme.imposees |= {noms.regions[r] for r in imposees.regions & noms.regions.keys()}
    if imposees.nation:
        programme.imposees.add(noms.nation)


def _require(programme: Programme, table: Table, noms: _Noms) -> None:
    """Give the program what each small count needs: in its region while that is published, else in the country."""
    reserves: dict[tuple[str, Besoin], Reserve] = {}
    # What outweighs the largest body that somebody knows, and the count itself.
    loin = 1 + max(map(len, table.complices), default=1)

    def find(lieu: str, besoin: Besoin) -> Reserve:
        if (lieu, besoin) not in reserves:
            de = noms.ensemble if lieu == _PAYS else noms.caf
            apport, pool = table.apports[besoin.apport], table.caf if lieu == _PAYS else table.membres[lieu]
            donnes = {c: min(apport.get(c, 0), besoin.ecart) for c in pool if c not in table.isolees}
            reserves[lieu, besoin] = Reserve(
                {de[c]: float(n) for c, n in donnes.items() if n > 0},
                [[de[c] for c in connues if donnes.get(c)] for connues in table.complices],
            )
        return reserves[lieu, besoin]

    for region, membres in table.membres.items():
        z = noms.regions[region]
        for caf in membres:
            for b in table.list_besoins([caf], pays=False):
                sauf = frozenset({noms.caf[caf]})
                programme.require(Exigence(find(region, b), sauf, {z: loin * b.ecart}, b.ecart))
            for b in table.list_besoins([caf], pays=True):
                sauf = frozenset({noms.ensemble[caf]})
                souplesse = {z: -b.ecart, noms.nation: loin * b.ecart}
                programme.require(Exigence(find(_PAYS, b), sauf, souplesse, 0))
        for b in table.list_besoins(membres, pays=True):
            sauf = frozenset(noms.ensemble[c] for c in membres)
            programme.require(Exigence(find(_PAYS, b), sauf, {noms.nation: loin * b.ecart}, b.ecart))
