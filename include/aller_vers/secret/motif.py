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

A later vintage reuses the pattern: what was hidden stays hidden, and a cell that has not changed protects nothing,
for it can be subtracted. Where the former vintage leaves no safe way, there is no new one (``None``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from aller_vers.secret.couples import Couples, find_complices, subtract_parts

Comptes = Mapping[str, int]
# What a hidden cell costs: a Caf 1 to 1.5, a region 20, the nation as much as everything else together.
_REGION, _NATION = 20.0, 5000.0


@dataclass(frozen=True)
class Motif:
    """The hidden cells of one measure and period; ``rangs``: the vintage in which a Caf's count last changed."""

    caf: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    nation: bool = False
    rangs: Mapping[str, int] = field(default_factory=dict)

    def find_pool(self, code_caf: str, region: str) -> tuple[str, int]:
        """Return the pool of a hidden Caf: cells of one pool can be exchanged and nothing published changes."""
        return ("FR" if region in self.regions else region, self.rangs.get(code_caf, 0))


@dataclass(frozen=True)
class Publie:
    """What is already decided for another measure (a denominator), or was published before for this one."""

    comptes: Comptes
    motif: Motif
    couples: Couples = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A measure to protect with its siblings: its counts, its denominators, its last vintage."""

    comptes: Comptes
    denominateurs: Sequence[Publie] = ()
    anterieur: Publie | None = None
    couples: Couples = field(default_factory=dict)


def sum_regions(comptes: Comptes, regions: Mapping[str, str]) -> dict[str, int]:
    """Return the sums of counts by region; a region where nobody gave a count has none."""
    sommes: dict[str, int] = {}
    for caf, valeur in comptes.items():
        sommes[regions[caf]] = sommes.get(regions[caf], 0) + valeur
    return sommes


def protect(
    comptes: Comptes,
    regions: Mapping[str, str],
    seuil: int,
    denominateurs: Sequence[Publie] = (),
    anterieur: Publie | None = None,
    *,
    rang: int = 0,
    caf_publiees: bool = True,
    impose: Motif | None = None,
    couples: Couples | None = None,
) -> Motif | None:
    """Return what to hide of a measure, with the least loss; the same input in any order gives the same answer.

    Args:
        comptes: people by Caf; a Caf that gave nothing is absent.
        regions: the region of each Caf.
        seuil: the smallest count that is published (5; 11 where the practice of the SNDS is followed).
        denominateurs: measures that include this one, already decided.
        anterieur: the last vintage, for a correction.
        rang: the number of this vintage, 0 for the first.
        caf_publiees: False when the units are never published (returns by Cpam), only their regions and the nation.
        impose: what is hidden for another reason.
        couples: what each Cpam counts of a Caf's people: it can subtract itself.

    Returns:
        None when a correction cannot be published beside the former vintage.
    """
    return _Probleme(
        comptes,
        regions,
        seuil,
        denominateurs,
        anterieur,
        rang,
        caf_publiees,
        impose or Motif(),
        couples or {},
    ).solve()


def protect_ensemble(
    parts: Sequence[Part], regions: Mapping[str, str], seuil: int, *, rang: int = 0, caf_publiees: bool = True,
    impose: Motif | None = None,
) -> list[Motif] | None:  # fmt: skip
    """Return what to hide of parts of one whole: the same cells of each, for the others give back a part.

    Where all of them are hidden, people of two parts change places between two Caf, and no whole says so.

    Returns:
        The patterns in the order of the parts; None when a correction has to wait.
    """
    if len(parts) > 1 and any(
        _is_depareille(parts, caf, seuil) for caf in {c for p in parts for c in p.comptes}
    ):
        return None
    commun = impose or Motif()
    while True:
        motifs = []
        for part in parts:
            motif = protect(
                part.comptes, regions, seuil, part.denominateurs, part.anterieur,
                rang=rang, caf_publiees=caf_publiees, impose=commun, couples=part.couples,
            )  # fmt: skip
            if motif is None:
                return None
            motifs.append(motif)
        union = Motif(
            frozenset.union(*(m.caf for m in motifs)),
            frozenset.union(*(m.regions for m in motifs)),
            any(m.nation for m in motifs),
        )
        if union == commun or len(parts) == 1:
            return motifs
        commun = union


def _is_depareille(parts: Sequence[Part], caf: str, seuil: int) -> bool:
    """Tell whether a correction moves one part of a Caf and leaves another, and one of them is small."""
    if not any(p.anterieur for p in parts):
        return False
    figees = {p.anterieur is not None and p.anterieur.comptes.get(caf) == p.comptes.get(caf) for p in parts}
    return len(figees) > 1 and any(0 < p.comptes.get(caf, 0) < seuil for p in parts)


@dataclass(frozen=True)
class _Besoin:
    """A hidden count that has to be able to move by ``ecart``, drawing on ``apport`` of the others."""

    apport: str
    ecart: int


class _Probleme:
    def __init__(
        self,
        comptes: Comptes,
        regions: Mapping[str, str],
        seuil: int,
        denominateurs: Sequence[Publie],
        anterieur: Publie | None,
        rang: int,
        caf_publiees: bool,
        impose: Motif,
        couples: Couples,
    ) -> None:
        self.caf, self.rang = sorted(comptes), rang
        self.comptes, self.region_de, self.seuil = comptes, regions, seuil
        self.regions = sorted({regions[c] for c in self.caf})
        self.denominateurs, self.anterieur, self.caf_publiees = denominateurs, anterieur, caf_publiees
        self.impose = impose
        ancien = anterieur.comptes if anterieur else {}
        self.figees = {c for c in self.caf if ancien.get(c) == comptes[c]}
        # What each Caf can give or take: its count, the distance to each denominator, the smallest of these.
        self.apports: dict[str, Comptes] = {"compte": comptes, "un": dict.fromkeys(self.caf, 1)}
        for numero, parent in enumerate(denominateurs):
            communs = [c for c in self.caf if c in parent.comptes]
            self.apports[f"reste{numero}"] = {c: max(parent.comptes[c] - comptes[c], 0) for c in communs}
        restes = [self.apports[f"reste{numero}"] for numero in range(len(denominateurs))]
        self.apports["place"] = {c: min((r[c] for r in restes if c in r), default=seuil) for c in self.caf}
        self.complices = find_complices(couples)
        self.restants = subtract_parts(couples, self.apports, [d.couples for d in denominateurs])
        self.lignes: list[tuple[dict[str, float], float]] = []
        self.noms: dict[str, tuple[float, float, bool]] = {}  # variable: cost, lower bound, fixed at 0
        self.faux = False

    def solve(self) -> Motif | None:
        if not self.caf:
            return Motif()
        self._declare()
        for caf in self.caf:
            if self.anterieur and self._is_lie(caf):
                return None
            if caf not in self.figees:
                self._protect_caf(caf)
        for region in self.regions:
            self._protect_region(region)
        return None if self.faux else self._optimise()

    # ── variables: y hides a Caf, z a region, w the nation; u = y and z ────────────────────────────────────
    def _declare(self) -> None:
        plus_grand = max(self.comptes.values(), default=0) or 1
        avant = self.anterieur.motif if self.anterieur else Motif()
        sommes = sum_regions(self.comptes, self.region_de)
        anciennes = sum_regions(self.anterieur.comptes, self.region_de) if self.anterieur else {}
        for caf in self.caf:
            cachee = (
                caf in avant.caf | self.impose.caf
                or not self.caf_publiees
                or self._is_petit(lambda a, c=caf: a.get(c))  # type: ignore[misc]
                or any(0 < n < self.seuil for _, n in self.restants.get(caf, ()))
                or any(caf in d.motif.caf for d in self.denominateurs)
            )
            cout = 1 + self.comptes[caf] / (2 * plus_grand)
            figee = caf in self.figees and not cachee
            self.noms[f"y{caf}"] = (cout, float(cachee), figee)
            self.noms[f"u{caf}"] = (0.0, 0.0, caf in self.figees)
            self._add({f"y{caf}": 1, f"u{caf}": -1}, 0)
            self._add({f"z{self.region_de[caf]}": 1, f"u{caf}": -1}, 0)
        for region in self.regions:
            membres = [c for c in self.caf if self.region_de[c] == region]
            cachee = (
                region in avant.regions | self.impose.regions
                or self._is_petit(lambda a, m=membres: sum(a.get(c, 0) for c in m))  # type: ignore[misc]
                or any(region in d.motif.regions for d in self.denominateurs)
            )
            figee = anciennes.get(region) == sommes[region] and region not in avant.regions
            self.faux |= figee and cachee
            # A region of one Caf is that Caf.
            if len(membres) == 1:
                self._add({f"z{region}": 1, f"y{membres[0]}": -1}, 0)
                self._add({f"y{membres[0]}": 1, f"z{region}": -1}, 0)
            self.noms[f"z{region}"] = (
                _REGION * (1 + sommes[region] / plus_grand / 100),
                float(cachee),
                figee,
            )
        cachee = (
            avant.nation
            or self.impose.nation
            or self._is_petit(lambda a: sum(a.values()))
            or any(d.motif.nation for d in self.denominateurs)
        )
        figee = bool(self.anterieur) and sum(anciennes.values()) == sum(sommes.values()) and not avant.nation
        self.faux |= figee and cachee
        self.noms["w"] = (_NATION, float(cachee), figee)

    def _is_petit(self, lire: Callable[[Comptes], int | None]) -> bool:
        valeurs = [lire(apport) for nom, apport in self.apports.items() if nom != "un"]
        return any(v is not None and 0 < v < self.seuil for v in valeurs)

    # ── what a hidden count needs of the others ────────────────────────────────────────────────────────────
    def _list_besoins(self, membres: Sequence[str], *, libre: bool) -> list[_Besoin]:
        """Return the moves that the counts of these Caf together have to be able to make.

        ``libre``: every denominator is hidden here and follows; else what leaves one Caf has to find room in others.
        """
        haut, place = self.seuil - 1, "un" if libre else "place"
        besoins = set()
        valeurs = [(nom, sum(a.get(c, 0) for c in membres)) for nom, a in self.apports.items()]
        valeurs += self.restants.get(membres[0], []) if len(membres) == 1 else []
        for nom, valeur in valeurs:
            if nom in ("un", "place") or not 0 < valeur <= haut:
                continue
            if nom == "compte":
                besoins |= {_Besoin("compte", haut - valeur), _Besoin(place, 1 if libre else valeur - 1)}
            elif libre:
                besoins |= {_Besoin(nom, haut - valeur)}
            else:
                besoins |= {_Besoin("place", haut - valeur), _Besoin("compte", valeur - 1)}
            besoins.add(_Besoin("un", int(valeur > 1)))
        return sorted((b for b in besoins if b.ecart > 0), key=lambda b: (b.apport, b.ecart))

    def _is_libre(self, membres: Sequence[str], *, pays: bool) -> bool:
        """Tell whether every denominator of these Caf is hidden here, and can move as well.

        Across regions, against two hidden Caf of other regions or more: one of them may know its own figures.
        """
        region = self.region_de[membres[0]]
        for parent in self.denominateurs:
            cachees = parent.motif.regions
            ailleurs = [c for c in parent.motif.caf if self.region_de[c] in cachees - {region}]
            if any(c not in parent.motif.caf for c in membres):
                return False  # among them, who gives these people and not the denominator
            seules = len(ailleurs) < 2 or any(set(ailleurs) <= set(c) for c in self.complices)
            if pays and (region not in cachees or (seules and not parent.motif.nation)):
                return False
        return True

    def _is_lie(self, caf: str) -> bool:
        """Tell whether a correction moves one term of a small distance and leaves the other as it was."""
        for numero, parent in enumerate(self.denominateurs):
            reste = self.apports[f"reste{numero}"].get(caf, 0)
            change = parent.motif.rangs.get(caf) == self.rang
            if caf in self.figees and change and 0 < reste < self.seuil:
                return True
            petit = 0 < self.comptes[caf] < self.seuil or 0 < reste < self.seuil
            if caf not in self.figees and not change and petit and caf in parent.motif.caf:
                return True
        return False

    def _protect_caf(self, caf: str) -> None:
        region = self.region_de[caf]
        voisines = [c for c in self.caf if self.region_de[c] == region]
        # The first rows hold while the region is published, the others where it is hidden.
        for besoin in self._list_besoins([caf], libre=self._is_libre([caf], pays=False)):
            e = besoin.ecart
            self._require(besoin, voisines, [caf], "y", {f"z{region}": 2 * e}, e, region)
        for besoin in self._list_besoins([caf], libre=self._is_libre([caf], pays=True)):
            e = besoin.ecart
            self._require(besoin, self.caf, [caf], "u", {f"z{region}": -e, "w": 2 * e}, 0, "FR")

    def _protect_region(self, region: str) -> None:
        membres = [c for c in self.caf if self.region_de[c] == region]
        if all(c in self.figees for c in membres):
            return
        for besoin in self._list_besoins(membres, libre=self._is_libre(membres, pays=True)):
            e = besoin.ecart
            self._require(besoin, self.caf, membres, "u", {"w": 2 * e}, e, "FR")

    def _require(
        self,
        besoin: _Besoin,
        pool: Sequence[str],
        sauf: Sequence[str],
        variable: str,
        souplesse: Mapping[str, float],
        minimum: float,
        lieu: str,
    ) -> None:
        """Require the others' supply, less the largest of them: the one that may know its own figures."""
        maximum = f"m{lieu}/{variable}/{besoin.apport}/{besoin.ecart}"
        apport = self.apports[besoin.apport]
        utiles = {
            c: float(min(apport.get(c, 0), besoin.ecart))
            for c in pool
            if c not in self.figees and apport.get(c, 0) > 0
        }
        if maximum not in self.noms:
            self.noms[maximum] = (0.0, 0.0, False)
            for c, valeur in utiles.items():
                self._add({maximum: 1, f"{variable}{c}": -valeur}, 0)
            for connues in self.complices:
                ensemble = {f"{variable}{c}": -utiles[c] for c in connues if c in utiles}
                self._add({maximum: 1, **ensemble}, 0)
        ligne = {f"{variable}{c}": valeur for c, valeur in utiles.items() if c not in sauf}
        self._add({**ligne, maximum: -1.0, **souplesse}, minimum)

    def _add(self, ligne: dict[str, float], minimum: float) -> None:
        self.lignes.append((ligne, minimum))

    # ── the least loss ─────────────────────────────────────────────────────────────────────────────────────
    def _optimise(self) -> Motif | None:
        rang = {nom: i for i, nom in enumerate(self.noms)}
        entrees = [(i, rang[nom], v) for i, (ligne, _) in enumerate(self.lignes) for nom, v in ligne.items()]
        i, j, v = zip(*entrees, strict=True)
        matrice = csr_array((v, (i, j)), shape=(len(self.lignes), len(rang)))
        continues = [nom.startswith("m") for nom in rang]
        bas = np.array([b for _, b, _ in self.noms.values()])
        haut = np.where(continues, float(self.seuil * max(map(len, self.complices), default=1)), 1.0) * [
            not f for *_, f in self.noms.values()
        ]
        if np.any(bas > haut):
            return None
        resultat = milp(
            [c for c, *_ in self.noms.values()],
            integrality=np.where(continues, 0, 1),
            bounds=Bounds(bas, haut),
            constraints=LinearConstraint(matrice, [m for _, m in self.lignes], np.inf),
            options={"mip_rel_gap": 1e-3},
        )
        if resultat.x is None:
            return None
        cachees = {nom for nom, x in zip(rang, resultat.x, strict=True) if x > 0.5 and nom[0] in "yzw"}
        if self.anterieur and "w" in cachees and not self.anterieur.motif.nation:
            return None  # a correction is not worth the nation's figure: it waits for others
        avant = self.anterieur.motif.rangs if self.anterieur else {}
        return Motif(
            frozenset(n[1:] for n in cachees if n[0] == "y"),
            frozenset(n[1:] for n in cachees if n[0] == "z"),
            "w" in cachees,
            {c: avant.get(c, 0) if c in self.figees else self.rang for c in self.caf},
        )
