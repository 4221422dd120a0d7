"""What a report says, before any file: lines in the order of the dictionary, figures as French people write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.mois import Mois
from aller_vers.secret.grille import Case

STATUTS = {"secret": "secret", "non_fourni": "non fourni", "sans_objet": "sans objet"}
ATTEINTES = {"atteinte": "atteinte", "quasi_atteinte": "presque atteinte", "non_atteinte": "non atteinte"}
_INSECABLE = "\u202f"


@dataclass(frozen=True)
class Figure:
    """A figure of a line: its value, or why there is none."""

    valeur: Decimal | None
    statut: str

    def write(self, unite: str) -> str:
        """Return the figure as a text: ``69,7 %``, ``1 340``, ``secret``."""
        if self.valeur is None:
            return STATUTS.get(self.statut, "–")
        if unite == "part":
            return f"{_round(self.valeur * 100, 1)}{_INSECABLE}%"
        return _round(self.valeur, 0 if self.valeur == int(self.valeur) else 1)


@dataclass(frozen=True)
class Ligne:
    """An indicator in a report: here, before, and in the published nation."""

    code: str
    libelle: str
    unite: str
    periode: str
    ici: Figure
    precedent: Figure
    nation: Figure
    cible: Decimal | None
    atteinte: str

    def write_cible(self) -> str:
        """Return the target as a text, empty where there is none."""
        return "" if self.cible is None else Figure(self.cible, "").write(self.unite)


@dataclass(frozen=True)
class Rapport:
    """A report: whose it is, its lines, the months of its chart, the definitions that it needs."""

    titre: str
    lecteur: str
    mois: Mois
    lignes: tuple[Ligne, ...]
    mois_suivis: tuple[Mois, ...]
    suivi: Mapping[str, tuple[Figure, ...]]
    definitions: tuple[Indicateur, ...]
    note: str

    def find_suivies(self) -> list[Ligne]:
        """Return the lines that have at least two months to draw, a quarter's or a year's left out."""
        return [
            li for li in self.lignes
            if sum(f.valeur is not None for f in self.suivi.get(li.code, ())) > 1
        ]  # fmt: skip


def build_rapport(
    titre: str,
    lecteur: str,
    mois: Mois,
    dictionnaire: Sequence[Indicateur],
    par_mois: Mapping[Mois, Iterable[Case]],
    nation: Iterable[Case],
    note: str,
) -> Rapport:
    """Return a report from what its reader may see, by month, and from the published values of the nation."""
    tables = {m: _index(cases) for m, cases in par_mois.items()}
    reference = _index(nation)
    dernieres = {i.code: i for i in sorted(dictionnaire, key=lambda i: i.version)}
    ici, avant = tables.get(mois, {}), tables.get(mois.shift(-1), {})
    definitions = tuple(i for code, i in sorted(dernieres.items()) if (code, i.version) in ici)
    suivis = tuple(sorted(tables))
    lignes = tuple(
        Ligne(
            i.code, i.libelle, i.unite, _name_periode(ici[i.code, i.version], mois),
            _figure(ici[i.code, i.version]), _figure(avant.get((i.code, i.version))),
            _figure(reference.get((i.code, i.version))), ici[i.code, i.version].valeur.cible,
            ATTEINTES.get(ici[i.code, i.version].valeur.atteinte or "", ""),
        )
        for i in definitions
    )  # fmt: skip
    suivi = {i.code: tuple(_figure(tables[m].get((i.code, i.version))) for m in suivis) for i in definitions}
    return Rapport(titre, lecteur, mois, lignes, suivis, suivi, definitions, note)


def _index(cases: Iterable[Case]) -> dict[tuple[str, int], Case]:
    return {(c.valeur.code, c.valeur.version): c for c in cases}


def _figure(case: Case | None) -> Figure:
    return Figure(None, "") if case is None else Figure(case.valeur.valeur, case.statut)


def _name_periode(case: Case, mois: Mois) -> str:
    match case.duree:
        case 12:
            return f"année {mois.annee}"
        case 3:
            return f"trimestre {mois.numero // 3} de {mois.annee}"
    return mois.libelle


def _round(valeur: Decimal, decimales: int) -> str:
    arrondi = valeur.quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    return f"{arrondi:,.{decimales}f}".replace(",", _INSECABLE).replace(".", ",")
