"""Verdicts: what the failures of a gate mean for each Caf and for the nation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from aller_vers.qualite.suites import Severite
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

Decision = Literal["conforme", "avertissement", "retenu"]
ENSEMBLE = "ensemble"
CAF_INCONNUE = "caf_inconnue"
EXTRAIT_VIDE = "extrait_vide"
_DECISION: dict[Severite, Decision] = {"critical": "retenu", "warning": "avertissement", "info": "conforme"}
_RANG: dict[Decision, int] = {"conforme": 0, "avertissement": 1, "retenu": 2}


@dataclass(frozen=True)
class Manquement:
    """A rule that a Caf (``None``: the nation) breaks, or that could not be evaluated (``evaluee`` False).

    ``derogation``: the entry that softened it, or that could not.
    """

    code_caf: str | None
    regle: str
    severite: Severite
    nombre: int | None
    evaluee: bool = True
    derogation: str | None = None

    @property
    def decision(self) -> Decision:
        """What this failure alone decides; a rule that could not be evaluated holds the lot."""
        return _DECISION[self.severite] if self.evaluee else "retenu"


@dataclass(frozen=True)
class Jugement:
    """The verdict of a gate: one decision for the nation, one for each Caf, and every failure behind them."""

    nation: Decision
    par_caf: dict[str, Decision]
    manquements: tuple[Manquement, ...]

    def require_nation(self) -> None:
        """Let the month go on.

        Raises:
            ErreurAllerVers: the nation is held; every rule behind it is named.
        """
        if self.nation != "retenu":
            return
        regles = self.find_regles_nation()
        if EXTRAIT_VIDE in regles and CAF_INCONNUE not in regles:
            raise ErreurAllerVers(
                "Le mois est retenu : la source n'a aucun demandeur pour ce mois.",
                "vérifier que la source contient ce mois, puis le relancer ; rien n'a été publié ni déposé.",
            )
        inconnues = [
            f"{m.code_caf} ({m.nombre})" for m in self.manquements if m.regle == CAF_INCONNUE and m.code_caf
        ]
        detail = f" Caf inconnues dans l'extrait (demandeurs) : {', '.join(inconnues)}." if inconnues else ""
        raise ErreurAllerVers(
            f"Le mois est retenu par la porte nationale : {', '.join(regles)}.{detail}",
            "corriger la source ou include/reference/caf.csv, puis relancer le mois ; rien n'a été publié "
            "ni déposé.",
        )

    def find_regles_nation(self) -> list[str]:
        """Return the codes of the rules for which the nation is held."""
        return sorted({m.regle for m in self.manquements if m.code_caf is None and m.decision == "retenu"})

    def require_caf(self) -> None:
        """Let the month go on.

        Raises:
            ErreurAllerVers: a Caf is held; each one is named with its rules. Or the nation is.
        """
        tenues = [
            f"{m.code_caf} ({m.regle})" for m in self.manquements if m.code_caf and m.decision == "retenu"
        ]
        if tenues:
            raise ErreurAllerVers(
                f"La relecture refuse {count(len(tenues), 'lot')} : {', '.join(tenues)}.",
                "relancer write_lot pour ces Caf (le lot sera réécrit), puis la suite de l'exécution.",
            )
        if self.nation == "retenu":
            raise ErreurAllerVers(
                f"La relecture des lots n'est pas complète : {', '.join(self.find_regles_nation())}.",
                "relancer check_lots ; si l'erreur revient, relancer write_lot pour toutes les Caf.",
            )

    def count(self) -> dict[Decision, int]:
        """Return the number of Caf by decision."""
        return {decision: list(self.par_caf.values()).count(decision) for decision in _RANG}


def conclude(codes_caf: Iterable[str], manquements: Iterable[Manquement]) -> Jugement:
    """Turn failures into decisions: each territory gets the worst of its own, ``conforme`` without any."""
    tous = tuple(manquements)
    par_caf: dict[str, Decision] = dict.fromkeys(codes_caf, "conforme")
    nation: Decision = "conforme"
    for manquement in tous:
        if manquement.code_caf is None:
            nation = _worst(nation, manquement.decision)
        else:
            par_caf[manquement.code_caf] = _worst(
                par_caf.get(manquement.code_caf, "conforme"), manquement.decision
            )
    return Jugement(nation, par_caf, tous)


def _worst(une: Decision, autre: Decision) -> Decision:
    return max(une, autre, key=_RANG.__getitem__)


def save_jugement(entrepot: Connection, mois: Mois, gate: str, run_id: str, jugement: Jugement) -> None:
    """Replace this run's verdicts at a gate in ``dq.verdict``: one row a failure, one « ensemble » a Caf."""
    lignes = [
        {
            "code_caf": m.code_caf,
            "regle": m.regle,
            "severite": m.severite,
            "verdict": m.decision if m.evaluee else "non_evalue",
            "nombre": m.nombre,
            "derogation": m.derogation,
        }
        for m in jugement.manquements
    ]
    ensembles: list[tuple[str | None, Decision]] = [(None, jugement.nation), *jugement.par_caf.items()]
    lignes += [
        {
            "code_caf": code, "regle": ENSEMBLE, "severite": "info", "verdict": decision, "nombre": None,
            "derogation": None,
        }
        for code, decision in ensembles
    ]  # fmt: skip
    run_sql(
        entrepot, "qualite/record_verdicts.sql", mois=mois, gate=gate, run_id=run_id, verdicts=json.dumps(lignes)
    )  # fmt: skip
