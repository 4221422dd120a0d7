"""What a report says, before any file: lines by axis and family, figures as French people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from aller_vers.diffusion.modele import Case
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import Homogeneite
from aller_vers.rapports.plan import Famille, load_plan
from aller_vers.socle.francais import FINE, write_jour, write_nombre
from aller_vers.socle.mois import Mois

STATUTS = {
    "trop_peu": "trop peu", "non_fourni": "non fourni", "pas_encore_du": "pas encore dû", "sans_objet": "sans objet",
}  # fmt: skip
ATTEINTES = {"atteinte": "atteinte", "quasi_atteinte": "presque atteinte", "non_atteinte": "non atteinte"}
# Written after a figure; people, acts and the like are in the label.
SUFFIXES = {"part": "%", "points": "pt", "euros": "€", "euros par mois": "€", "jours": "j"}


@dataclass(frozen=True)
class Figure:
    """A figure of a line: its value, or why there is none; ``definitif_le``: from when it can no longer move."""

    valeur: Decimal | None
    statut: str
    definitif_le: date | None = None

    @property
    def is_provisoire(self) -> bool:
        """Whether it has a value that can still move."""
        return self.valeur is not None and self.statut == "provisoire"

    def write_provisoire(self) -> str:
        """Return what is to be known of a value that can still move; empty for another."""
        return f"provisoire jusqu'au {write_jour(self.definitif_le)}" if self.is_provisoire else ""

    def write(self, unite: str) -> str:
        """Return the figure as a text: ``69,7 %``, ``1 340``, ``12,5 j``, ``non fourni``."""
        if self.valeur is None:
            return self.write_statut()
        nombre = write_nombre(self.valeur * (100 if unite == "part" else 1), self.count_decimales(unite))
        return f"{nombre}{FINE}{SUFFIXES[unite]}" if unite in SUFFIXES else nombre

    def write_statut(self) -> str:
        """Return why there is no value: ``non fourni``; ``0 à 4``, where that is what is published."""
        if self.statut == "pas_encore_du" and self.definitif_le:
            return f"{STATUTS[self.statut]} avant le {write_jour(self.definitif_le)}"
        return STATUTS.get(self.statut, self.statut or "–")

    def express_ecart(self, unite: str) -> tuple[Figure, str]:
        """Return a difference in its own unit: that of two percentages is in points."""
        if unite != "part" or self.valeur is None:
            return self, unite
        return Figure(self.valeur * 100, self.statut), "points"

    def write_ecart(self, unite: str) -> str:
        """Return a difference as a text, with its sign: ``+1,2 pt``, ``−3 j``."""
        ecart, sienne = self.express_ecart(unite)
        return ("+" if ecart.valeur is not None and ecart.valeur > 0 else "") + ecart.write(sienne)

    def count_decimales(self, unite: str) -> int:
        """Return how many decimals are shown: cents of euros, tenths of a percent and of what is not whole."""
        if SUFFIXES.get(unite) == "€":
            return 2
        return 1 if unite in ("part", "points") or (self.valeur is not None and self.valeur % 1) else 0


@dataclass(frozen=True)
class Ligne:
    """An indicator in a report: here, before, and in the published nation."""

    code: str
    libelle: str
    unite: str
    famille: Famille
    ici: Figure
    precedent: Figure
    nation: Figure
    cible: Decimal | None
    atteinte: str

    def write_cible(self) -> str:
        """Return the target as a text, empty where there is none."""
        return "" if self.cible is None else Figure(self.cible, "").write(self.unite)


@dataclass(frozen=True)
class Ecart:
    """The spread of an indicator between caisses: figures from the smallest to the largest, and both verdicts."""

    ligne: Ligne
    nation: Figure
    repartition: tuple[Figure, ...]  # smallest, first decile, median, ninth decile, largest
    nb_attendues: int
    nb_fournies: int
    nb_atteint: Figure
    part_atteint: Figure
    atteinte_nationale: str
    atteinte_homogeneite: str


@dataclass(frozen=True)
class Rapport:
    """A report: whose it is, its lines, the months of its charts, the definitions that it needs, the spread."""

    titre: str
    lecteur: str
    mois: Mois
    lignes: tuple[Ligne, ...]
    mois_suivis: tuple[Mois, ...]
    suivi: Mapping[str, tuple[Figure, ...]]
    definitions: tuple[Indicateur, ...]
    note: str
    ecarts: tuple[Ecart, ...] = ()

    def group_familles(self) -> list[tuple[Famille, list[Ligne]]]:
        """Return the lines by family, in order."""
        return [(famille, list(groupe)) for famille, groupe in groupby(self.lignes, lambda li: li.famille)]

    def find_dessinees(self) -> list[Ligne]:
        """Return the lines that are drawn, in the order of their list."""
        plan = load_plan()
        suivies = {li.code: li for li in self.find_suivies()}
        return [suivies[c] for c in plan.graphiques if c in suivies][: plan.nombre_graphiques]

    def find_suivies(self) -> list[Ligne]:
        """Return the lines that have at least two final months to draw."""
        return [
            li for li in self.lignes
            if sum(f.valeur is not None and not f.is_provisoire for f in self.suivi.get(li.code, ())) > 1
        ]  # fmt: skip


def build_rapport(
    titre: str,
    lecteur: str,
    mois: Mois,
    dictionnaire: Sequence[Indicateur],
    par_mois: Mapping[Mois, Iterable[Case]],
    nation: Iterable[Case],
    note: str,
    base: int,
    homogeneites: Iterable[Homogeneite] = (),
) -> Rapport:
    """Return a report from what its reader may see, by month, and from the published values of the nation.

    ``base``: of rounding. ``homogeneites``: for the national team, between all the caisses that reach the threshold.
    """
    plan = load_plan()
    tables = {m: _index(cases) for m, cases in par_mois.items()}
    reference = _index(nation)
    ici, avant = tables.get(mois, {}), tables.get(mois.shift(-1), {})
    # The newest version of those in force: one that is to come hides no other.
    presentes = (i for i in sorted(dictionnaire, key=lambda i: i.version) if (i.code, i.version) in ici)
    definitions = tuple(sorted({i.code: i for i in presentes}.values(), key=plan.rank))
    suivis = _find_suivis(tables)
    lignes = tuple(
        _build_ligne(i, ici[i.code, i.version], avant.get((i.code, i.version)), reference, base)
        for i in definitions
    )
    suivi = {i.code: tuple(_figure(tables[m].get((i.code, i.version))) for m in suivis) for i in definitions}
    par_code = {(h.code, h.version): h for h in homogeneites}
    ecarts = tuple(
        _build_ecart(ligne, par_code[i.code, i.version])
        for ligne, i in zip(lignes, definitions, strict=True)
        if (i.code, i.version) in par_code
    )
    return Rapport(titre, lecteur, mois, lignes, suivis, suivi, definitions, note, ecarts)


def _build_ligne(
    i: Indicateur, ici: Case, avant: Case | None, reference: Mapping[tuple[str, int], Case], base: int
) -> Ligne:
    nation = reference.get((i.code, i.version))
    return Ligne(
        i.code, i.libelle, i.unite, load_plan().find_famille(i), _figure(ici),
        _figure(avant), _figure_publiee(nation, base), ici.valeur.cible, ATTEINTES.get(ici.valeur.atteinte or "", ""),
    )  # fmt: skip


def _build_ecart(ligne: Ligne, h: Homogeneite) -> Ecart:
    return Ecart(
        ligne, Figure(h.valeur_nationale, ""), tuple(Figure(v, "") for v in (h.mini, h.d1, h.mediane, h.d9, h.maxi)),
        h.nb_attendues, h.nb_fournies, Figure(None if h.nb_atteint is None else Decimal(h.nb_atteint), ""),
        Figure(h.part_atteint, ""),
        ATTEINTES.get(h.atteinte_nationale or "", ""), ATTEINTES.get(h.atteinte_homogeneite or "", ""),
    )  # fmt: skip


def _index(cases: Iterable[Case]) -> dict[tuple[str, int], Case]:
    return {(c.valeur.code, c.valeur.version): c for c in cases}


def _find_suivis(tables: Mapping[Mois, Mapping[tuple[str, int], Case]]) -> tuple[Mois, ...]:
    """Return the months in order, from the first that says something: before it there was nothing to follow."""
    mois = sorted(tables)
    parlants = [
        any(c.statut not in ("non_fourni", "pas_encore_du") for c in tables[m].values()) for m in mois
    ]
    return tuple(mois[parlants.index(True) :] if True in parlants else mois[-1:])


def _figure_publiee(case: Case | None, base: int) -> Figure:
    """Return a published figure: a count under the base is written « 0 à 4 »."""
    return Figure(None, f"0 à {base - 1}") if case is not None and case.statut == "petit" else _figure(case)


def _figure(case: Case | None) -> Figure:
    if case is None:
        return Figure(None, "")
    return Figure(case.valeur.valeur, case.statut, case.valeur.definitif_le)
