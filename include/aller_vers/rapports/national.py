"""What the national report says besides: cumulated periods, the year before, attainment by axis; from the marts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import AXES, Indicateur
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.groupes import GroupeCompare
from aller_vers.rapports.plan import load_plan
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.conventions import Signatures, count_signatures

_ENSEMBLE = "ensemble"
_RIEN = Figure(None, "")
_PERIODES = ("annee", "douze_mois", "origine")


@dataclass(frozen=True)
class Cumul:
    """An indicator over a period that ends with the month, beside the same period a year before."""

    code: str
    libelle: str
    unite: str
    periode: str
    numerateur: Figure
    denominateur: Figure
    valeur: Figure
    avant: Figure
    ecart: Figure


@dataclass(frozen=True)
class Comparaison:
    """How far the month is from the one before, and from the same one a year before."""

    ecart_mois: Figure = _RIEN
    un_an_avant: Figure = _RIEN
    ecart_an: Figure = _RIEN


@dataclass(frozen=True)
class ScoreNational:
    """Attainment of the result indicators that have a target, in an axis or in all."""

    axe: str
    nb_indicateurs: int
    nb_atteints: int
    nb_quasi_atteints: int
    nb_non_atteints: int
    nb_non_fournis: int
    taux: Decimal
    points_obtenus: Decimal
    points_possibles: Decimal

    def write_taux(self) -> str:
        """Return the rate of attainment as a text."""
        return Figure(self.taux, "").write("part")

    def write_points(self) -> str:
        """Return the points as a text: ``12,5 / 20``."""
        return f"{Figure(self.points_obtenus, '').write('')} / {Figure(self.points_possibles, '').write('')}"


@dataclass(frozen=True)
class Complement:
    """The national report's own part; each part of it is empty where there is nothing to say."""

    cumuls: Sequence[Cumul] = ()
    comparaisons: Mapping[str, Comparaison] = field(default_factory=dict)
    scores: Sequence[ScoreNational] = ()
    conventions: Signatures | None = None
    groupes: Sequence[GroupeCompare] = ()

    @property
    def has_points(self) -> bool:
        """Whether a definition gives points."""
        return any(s.points_possibles for s in self.scores)

    def write_conventions(self) -> str:
        """Return how far the instruction's action is, as a sentence that follows another; empty without figures."""
        c = self.conventions
        return f" Conventions signées : {c.nb_signees} Caf sur {c.nb_caf} (IT 2025-098)." if c else ""


AUCUN = Complement()


def read_complement(entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur]) -> Complement:
    """Read the national report's own part of the month; of two versions of an indicator, the newer one."""
    definitions = {(i.code, i.version): i for i in dictionnaire}
    un_an_avant = str(mois.shift(-12))
    lignes = run_sql(entrepot, "rapports/select_cumuls_marts.sql", mois=mois, mois_un_an_avant=un_an_avant)
    cumuls = {
        (li.code, li.periode): (definitions[li.code, li.version], li)
        for li in lignes if (li.code, li.version) in definitions
    }  # fmt: skip
    parlants = {code for (code, _), (_, li) in cumuls.items() if (li.valeur, li.valeur_avant) != (None, None)}
    ranges = sorted(cumuls.values(), key=lambda c: (load_plan().rank(c[0]), _PERIODES.index(c[1].periode)))
    lignes = run_sql(entrepot, "rapports/select_comparaisons_marts.sql", mois=mois)
    comparaisons = {
        li.code: Comparaison(
            Figure(li.ecart_mois_precedent, ""), Figure(li.valeur_annee_precedente, ""),
            Figure(li.ecart_annee_precedente, ""),
        )
        for li in lignes if (li.code, li.version) in definitions
    }  # fmt: skip
    parle = any(c != Comparaison() for c in comparaisons.values())
    scores = [
        ScoreNational(**li)
        for li in run_sql(entrepot, "rapports/select_scores_marts.sql", mois=mois).mappings()
    ]
    return Complement(
        tuple(_build_cumul(i, li, mois) for i, li in ranges if i.code in parlants),
        comparaisons if parle else {},
        tuple(sorted(scores, key=lambda s: ([*AXES, s.axe].index(s.axe), s.axe == _ENSEMBLE, s.axe))),
        count_signatures(entrepot, mois.fin - timedelta(days=1)),
    )


def name_axe(axe: str) -> str:
    """Return the title of an axis."""
    return "Ensemble" if axe == _ENSEMBLE else AXES.get(axe, axe)


def _build_cumul(i: Indicateur, ligne: Any, mois: Mois) -> Cumul:
    origine = "depuis l'origine"
    if ligne.premier_mois:
        origine = f"depuis {Mois.parse(ligne.premier_mois).libelle}, {ligne.nombre_mois} mois"
    noms = (f"depuis janvier {mois.annee}", "douze mois", origine)
    return Cumul(
        i.code, i.libelle, i.unite, noms[_PERIODES.index(ligne.periode)], Figure(ligne.numerateur, ""),
        Figure(ligne.denominateur, ""), Figure(ligne.valeur, ligne.statut, ligne.definitif_le),
        Figure(ligne.valeur_avant, ligne.statut_avant or "", ligne.definitif_le_avant), Figure(ligne.ecart, ""),
    )  # fmt: skip
