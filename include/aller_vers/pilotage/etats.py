"""Where a lot stands: one state a Caf and month, with its words and its sign; the page never tells by colour alone."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from aller_vers.qualite.libelles import explain_motif
from aller_vers.socle.calendrier import PARIS, add_jours_ouvres
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class EtatAffiche:
    """A state: its code (a class of the style sheet), its words, its sign."""

    code: str
    libelle: str
    signe: str


ATTENDU = EtatAffiche("attendu", "Lot attendu", "○")
RETENU = EtatAffiche("retenu", "Retenu", "■")
DEPOSE = EtatAffiche("depose", "Déposé, à transmettre", "◔")
PARTIEL = EtatAffiche("partiel", "Transmis en partie", "◑")
RETARD = EtatAffiche("retard", "Transmission en retard", "▲")
TRANSMIS = EtatAffiche("transmis", "Transmis à la Cpam", "●")
TRAITE = EtatAffiche("traite", "Traité par la Cpam", "✓")
DETRUIT = EtatAffiche("detruit", "Détruit par la Cpam, certifié", "◆")
VIDE = EtatAffiche("vide", "Rien à transmettre", "–")
ETATS = (ATTENDU, RETENU, RETARD, DEPOSE, PARTIEL, TRANSMIS, TRAITE, DETRUIT, VIDE)


@dataclass(frozen=True)
class Tuile:
    """Where a Caf stands on the map of tiles; ``departement`` is what the tile shows."""

    code_caf: str
    departement: str
    colonne: int
    ligne: int


@dataclass(frozen=True)
class SuiviCaf:
    """A Caf's lot of the month, as the ledger tells it. ``lignes`` counts people; None: no lot yet.

    ``decision``: of the national team, where the request's gate holds the lot and it is not destroyed.
    ``…_dit_le``: when the ledger was last told so, whatever day it happened.
    """

    code_caf: str
    libelle: str
    etat: EtatAffiche
    version: int | None
    lignes: int | None
    motif: str | None
    depose_le: datetime | None
    a_transmettre_avant: date | None
    destinataires: int
    transmis: int
    transmis_le: date | None
    traites: int
    detruits: int
    expire_le: datetime | None
    decision: Literal["a_decider", "libere", "garde"] | None = None
    transmis_dit_le: datetime | None = None
    traite_dit_le: datetime | None = None
    detruit_dit_le: datetime | None = None

    @property
    def pourquoi(self) -> str | None:
        """The ledger's reason, where it names the rules by their codes, in words."""
        return explain_motif(self.motif) if self.motif else None

    @property
    def nom(self) -> str:
        """« Var »: the label without its code."""
        return self.libelle.partition(" · ")[2] or self.libelle


@cache
def load_tuiles() -> dict[str, Tuile]:
    """Return the tile of each Caf: departments about at their place, overseas below."""
    with Path(__file__).with_name("tuiles.csv").open(encoding="utf-8", newline="") as flux:
        return {
            r["code_caf"]: Tuile(r["code_caf"], r["departement"], int(r["colonne"]), int(r["ligne"]))
            for r in csv.DictReader(flux, delimiter=";", strict=True)
        }


def load_etats(
    pilotage: Connection, mois: Mois, aujourd_hui: date, jours_ouvres_transmission: int
) -> list[SuiviCaf]:
    """Return where each Caf of the reference stands, by code; see ``load_grille``."""
    return load_grille(pilotage, [mois], aujourd_hui, jours_ouvres_transmission)[mois]


def load_grille(
    pilotage: Connection, mois: Sequence[Mois], aujourd_hui: date, jours_ouvres_transmission: int
) -> dict[Mois, list[SuiviCaf]]:
    """Return, for each of these months, where each Caf of the reference stands, by code.

    Args:
        pilotage: as ``av_pilotage``.
        mois: the reference months.
        aujourd_hui: day on which a transmission is late or not.
        jours_ouvres_transmission: business days that a Caf has from the drop.
    """
    suivis: dict[Mois, list[SuiviCaf]] = {m: [] for m in mois}
    for e in run_sql(pilotage, "pilotage/select_etats_caf.sql", mois=[str(m) for m in mois]):
        limite = (
            add_jours_ouvres(e.cree_le.astimezone(PARIS).date(), jours_ouvres_transmission, e.code_caf)
            if e.etat == "depose"
            else None
        )
        transmis_le = date.fromisoformat(e.transmis_le) if e.transmis_le else None
        suivis[Mois.parse(e.mois)].append(
            SuiviCaf(
                e.code_caf, e.libelle, decide_etat(e, limite, aujourd_hui), e.version, e.lignes, e.motif,
                e.cree_le if e.etat == "depose" else None, limite, max(e.attendus - e.riens, e.transmis), e.transmis,
                transmis_le, e.traites, e.detruits, e.expire_le, e.decision, e.transmis_dit_le, e.traite_dit_le,
                e.detruit_dit_le,
            )
        )  # fmt: skip
    return suivis


def decide_etat(lot: object, limite: date | None, aujourd_hui: date) -> EtatAffiche:
    """Return the state of a row of ``select_etats_caf.sql``: the furthest that every recipient has reached.

    A Cpam for which the lot has nobody is no recipient.
    """
    etat, lignes = getattr(lot, "etat", None), getattr(lot, "lignes", None)
    riens = getattr(lot, "riens", 0)
    attendus = max(getattr(lot, "attendus", 0) - riens, 0 if riens else 1)
    if etat is None:
        return ATTENDU
    if etat == "retenu":
        return RETENU
    if lignes == 0 or attendus == 0:
        return VIDE
    for nombre, atteint in (("detruits", DETRUIT), ("traites", TRAITE), ("transmis", TRANSMIS)):
        if getattr(lot, nombre, 0) >= attendus:
            return atteint
    if limite is not None and aujourd_hui > limite:
        return RETARD
    return PARTIEL if getattr(lot, "transmis", 0) else DEPOSE
