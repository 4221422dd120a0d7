"""Derogations for the screen « Qualité »: in force or expired, for whom, until when, and what they changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.pilotage.le_mois import PORTES
from aller_vers.qualite.derogations import DOSSIER, Derogation, load_derogations
from aller_vers.qualite.libelles import Sens, load_sens
from aller_vers.qualite.suites import load_suite
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class DerogationLue:
    """An entry in words; ``effet``: what it changed in the verdict of the month on screen, None: nothing."""

    entree: Derogation
    porte: str
    sens: Sens
    libelle: str
    en_vigueur: bool
    effet: str | None

    @property
    def mois(self) -> Mois:
        """The month for which it was granted."""
        return Mois.parse(self.entree.mois)


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
        (e.gate, e.regle, e.code_caf): _say(e.verdict, e.effet)
        for e in run_sql(pilotage, "pilotage/select_derogations.sql", mois=str(mois))
    }
    lues, refus = list[DerogationLue](), list[ErreurAllerVers]()
    for fichier in sorted(dossier.glob("*.yml")):
        try:
            entrees = _read(fichier, fichier.stat().st_mtime_ns)
        except ErreurAllerVers as erreur:
            refus.append(erreur)
            continue
        gate = load_suite(fichier.stem).gate
        for e in entrees:
            lues.append(
                DerogationLue(
                    e, PORTES.get(gate, (gate,))[0],
                    load_sens().get((gate, e.regle), Sens(e.regle.replace("_", " ").capitalize())),
                    load_caf()[e.code_caf].libelle, aujourd_hui <= e.expire_le,
                    effets.get((gate, e.regle, e.code_caf)) if e.mois == str(mois) else None,
                )
            )  # fmt: skip
    lues.sort(key=lambda d: (d.entree.expire_le, d.entree.mois, d.entree.code_caf), reverse=True)
    return Derogations(
        tuple(d for d in lues if d.en_vigueur), tuple(d for d in lues if not d.en_vigueur), tuple(refus)
    )


def _say(verdict: str, effet: str) -> str:
    adouci = {
        "avertissement": "le lot part avec un avertissement",
        "conforme": "la règle est tenue pour conforme",
    }
    if effet.startswith("jusqu'au"):
        return adouci.get(verdict, "verdict inchangé")
    return f"sans effet : {effet.removeprefix('sans effet, ')}"


@lru_cache(maxsize=16)
def _read(fichier: Path, _modifie: int) -> tuple[Derogation, ...]:
    return load_derogations(fichier.stem, fichier.parent)
