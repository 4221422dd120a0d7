"""« Qualité »: what the gates said over months, by rule and Caf; the derogations and what they changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.pilotage.le_mois import PORTES
from aller_vers.qualite.derogations import DOSSIER, Derogation, load_derogations
from aller_vers.qualite.libelles import Explication, load_explications
from aller_vers.qualite.suites import load_suite
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.sql import run_sql

_MOIS_MONTRES = 12


@dataclass(frozen=True)
class RegleEnDefaut:
    """A rule that was not kept: by whom, how many rows in all; ``nation`` when the country's figures break it."""

    gate: str
    regle: str
    explication: Explication
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
    explications = load_explications()
    groupes: dict[tuple[str, str], list[object]] = {}
    for m in run_sql(pilotage, "pilotage/select_manquements.sql", mois=mois, code_caf=code_caf):
        groupes.setdefault((m.gate, m.regle), []).append(m)
    rang = {"non_evalue": 0, "retenu": 1, "avertissement": 2}
    defauts = [_build(gate, regle, lignes, explications, rang) for (gate, regle), lignes in groupes.items()]
    return sorted(defauts, key=lambda d: (rang.get(d.verdict, 9), d.gate, d.regle))


def _build(
    gate: str,
    regle: str,
    lignes: list[object],
    explications: Mapping[tuple[str, str], Explication],
    rang: dict[str, int],
) -> RegleEnDefaut:
    pire = min(lignes, key=lambda m: rang.get(getattr(m, "verdict", ""), 9))
    comptes = [n for m in lignes if (n := getattr(m, "nombre", None)) is not None]
    return RegleEnDefaut(
        gate, regle, explications.get((gate, regle), Explication(regle.replace("_", " ").capitalize())),
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
        debut=mois.shift(1 - _MOIS_MONTRES),
        fin=mois,
    ):
        verdicts.setdefault(v.mois, {})[v.gate] = VerdictMois(v.nation, v.avertissements, v.retenues)
    return verdicts


@dataclass(frozen=True)
class DerogationLue:
    """An entry in words; ``effet``: what it changed in the verdict of the month on screen, None: nothing."""

    entree: Derogation
    porte: str
    explication: Explication
    libelle: str
    en_vigueur: bool
    effet: str | None

    @property
    def mois(self) -> Mois:
        """The month for which it was granted."""
        return self.entree.mois


@dataclass(frozen=True)
class Derogations:
    """All entries, the last to expire first; ``refus``: files that cannot be read, and so no lot is judged."""

    en_vigueur: tuple[DerogationLue, ...]
    expirees: tuple[DerogationLue, ...]
    refus: tuple[ErreurAllerVers, ...]


def load_derogations_lues(
    pilotage: Connection, mois: Mois, aujourd_hui: date, dossier: Path = DOSSIER
) -> Derogations:
    """Read every file of derogations, and what became of them in the month's last judgements."""
    effets = {
        (e.gate, e.regle, e.code_caf): _say_effet(e.verdict, e.effet)
        for e in run_sql(pilotage, "pilotage/select_derogations.sql", mois=mois)
    }
    lues, refus = list[DerogationLue](), list[ErreurAllerVers]()
    for fichier in sorted(dossier.glob("*.yml")):
        try:
            entrees = _read_derogations(fichier, fichier.stat().st_mtime_ns)
        except ErreurAllerVers as erreur:
            refus.append(erreur)
            continue
        gate = load_suite(fichier.stem).gate
        for e in entrees:
            lues.append(
                DerogationLue(
                    e, PORTES.get(gate, (gate,))[0],
                    load_explications().get((gate, e.regle), Explication(e.regle.replace("_", " ").capitalize())),
                    load_caf()[e.code_caf].libelle, aujourd_hui <= e.expire_le,
                    effets.get((gate, e.regle, e.code_caf)) if e.mois == mois else None,
                )
            )  # fmt: skip
    lues.sort(key=lambda d: (d.entree.expire_le, d.entree.mois, d.entree.code_caf), reverse=True)
    return Derogations(
        tuple(d for d in lues if d.en_vigueur), tuple(d for d in lues if not d.en_vigueur), tuple(refus)
    )


def _say_effet(verdict: str, effet: str) -> str:
    adouci = {
        "avertissement": "le lot part avec un avertissement",
        "conforme": "la règle est tenue pour conforme",
    }
    if effet.startswith("jusqu'au"):
        return adouci.get(verdict, "verdict inchangé")
    return f"sans effet : {effet.removeprefix('sans effet, ')}"


@lru_cache(maxsize=16)
def _read_derogations(fichier: Path, _modifie: int) -> tuple[Derogation, ...]:
    return load_derogations(fichier.stem, fichier.parent)
