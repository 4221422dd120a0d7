"""« Qualité »: what the gates said, over months; which rule, which Caf, how many; what a rule means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from aller_vers.pilotage.le_mois import PORTES
from aller_vers.qualite.libelles import Sens, load_sens
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

_MOIS_MONTRES = 12


@dataclass(frozen=True)
class RegleEnDefaut:
    """A rule that was not kept: by whom, how many rows in all; ``nation`` when the country's figures break it."""

    gate: str
    regle: str
    sens: Sens
    severite: str
    verdict: str
    nombre: int | None
    nation: bool
    caf: tuple[tuple[str, str, int | None], ...]

    @property
    def porte(self) -> str:
        """The gate's name."""
        return PORTES[self.gate][0] if self.gate in PORTES else self.gate


@dataclass(frozen=True)
class VerdictMois:
    """The last word of a gate on a month."""

    nation: str | None
    avertissements: int
    retenues: int


def load_defauts(pilotage: Connection, mois: Mois, code_caf: str | None = None) -> list[RegleEnDefaut]:
    """Return the rules that the last judgements of the month found not to be kept, the gravest first."""
    sens = load_sens()
    groupes: dict[tuple[str, str], list[object]] = {}
    for m in run_sql(pilotage, "pilotage/select_manquements.sql", mois=str(mois), code_caf=code_caf):
        groupes.setdefault((m.gate, m.regle), []).append(m)
    rang = {"non_evalue": 0, "retenu": 1, "avertissement": 2}
    defauts = [_build(gate, regle, lignes, sens, rang) for (gate, regle), lignes in groupes.items()]
    return sorted(defauts, key=lambda d: (rang.get(d.verdict, 9), d.gate, d.regle))


def _build(
    gate: str, regle: str, lignes: list[object], sens: Mapping[tuple[str, str], Sens], rang: dict[str, int]
) -> RegleEnDefaut:
    pire = min(lignes, key=lambda m: rang.get(getattr(m, "verdict", ""), 9))
    comptes = [n for m in lignes if (n := getattr(m, "nombre", None)) is not None]
    return RegleEnDefaut(
        gate, regle, sens.get((gate, regle), Sens(regle.replace("_", " ").capitalize())),
        getattr(pire, "severite", ""), getattr(pire, "verdict", ""),
        max(comptes) if len(lignes) == 1 and comptes else sum(comptes) if comptes else None,
        any(getattr(m, "code_caf", None) is None for m in lignes),
        tuple(
            (m.code_caf, m.libelle or m.code_caf, m.nombre)  # type: ignore[attr-defined]
            for m in lignes
            if getattr(m, "code_caf", None)
        ),
    )  # fmt: skip


def load_verdicts(pilotage: Connection, mois: Mois) -> dict[str, dict[str, VerdictMois]]:
    """Return the last word of each gate over the twelve months that end with this one: month, then gate."""
    verdicts: dict[str, dict[str, VerdictMois]] = {}
    for v in run_sql(
        pilotage,
        "pilotage/select_portes_par_mois.sql",
        debut=str(mois.shift(1 - _MOIS_MONTRES)),
        fin=str(mois),
    ):
        verdicts.setdefault(v.mois, {})[v.gate] = VerdictMois(v.nation, v.avertissements, v.retenues)
    return verdicts
