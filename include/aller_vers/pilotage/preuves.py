"""What a decision on a held lot is taken on: its counts, what is usual for that Caf, the rule and its threshold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import median
from typing import Any

from sqlalchemy import Connection

from aller_vers.qualite.decisions import LotRetenu
from aller_vers.qualite.libelles import load_explications
from aller_vers.socle.francais import count, write_nombre, write_part
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import find_actuelle
from aller_vers.socle.sql import run_sql

_RECUL = 12
_DIT = {"libere": "libéré", "propose": "libération proposée", "garde": "gardé"}


@dataclass(frozen=True)
class Constat:
    """A rule that holds the lot: how many, out of how many, how often otherwise, and why its threshold is what it is.

    ``habitude``: the median share of the Caf's past months; None: it has no past.
    """

    libelle: str
    nombre: int | None
    lignes: int | None
    habitude: float | None
    protege: str
    seuil: str

    @property
    def phrase(self) -> str:
        """« 59 sur 61 (96,7 %), 2,0 % d'habitude »."""
        if self.nombre is None:
            return "non évalué"
        if not self.lignes:
            return count(self.nombre, "demandeur")
        habitude = "sans passé" if self.habitude is None else f"{write_part(self.habitude)} d'habitude"
        return (
            f"{write_nombre(self.nombre)} sur {write_nombre(self.lignes)} "
            f"({write_part(self.nombre / self.lignes)}), {habitude}"
        )


@dataclass(frozen=True)
class Preuve:
    """The evidence of a held lot, in people; None: not known. ``habituels``: least, median, most of the past."""

    constats: tuple[Constat, ...]
    demandeurs: int | None = None
    transmissibles: int | None = None
    habituels: tuple[int, int, int] | None = None
    mois_passes: int = 0

    @property
    def ecartes(self) -> int | None:
        """Those who would not leave, whatever is decided."""
        if self.demandeurs is None or self.transmissibles is None:
            return None
        return self.demandeurs - self.transmissibles


def load_preuves(pilotage: Connection, lots: Sequence[LotRetenu]) -> dict[tuple[str, str], Preuve]:
    """Return the evidence of each of these lots, by month and Caf."""
    lus: dict[tuple[str, str], list[Any]] = {
        cle: list(lignes)
        for cle, lignes in groupby(
            run_sql(pilotage, "pilotage/select_preuves.sql"), key=lambda p: (p.mois, p.code_caf)
        )
    }
    return {
        (str(lot.mois), lot.code_caf): _build_preuve(
            lot, list(_add_up(lus.get((str(lot.mois), lot.code_caf), ())))
        )
        for lot in lots
    }


@dataclass(frozen=True)
class _Compte:
    """What the Caf and those that have merged into it counted in a month, together."""

    mois: str
    lignes: int
    comptes: Counter[str]
    transmissibles: int | None


def _add_up(lignes: Iterable[Any]) -> Iterator[_Compte]:
    for mois, du_mois in groupby(lignes, key=lambda ligne: ligne.mois_compte):
        lignes_lues, comptes = 0, Counter[str]()
        for ligne in du_mois:
            lignes_lues += ligne.lignes
            comptes.update(ligne.comptes)
        yield _Compte(mois, lignes_lues, comptes, ligne.transmissibles)


def _build_preuve(lot: LotRetenu, mois: Sequence[_Compte]) -> Preuve:
    """Build the evidence of a lot from the counts of its own month and of those before."""
    actuel = next((m for m in mois if m.mois == str(lot.mois)), None)
    passes = [m for m in mois if m.mois != str(lot.mois) and m.lignes][:_RECUL]
    constats = tuple(
        _build_constat(regle, nombre, actuel, passes) for regle, nombre in sorted(lot.regles.items())
    )
    if actuel is None:
        return Preuve(constats)
    volumes = [m.lignes for m in passes]
    habituels = (min(volumes), round(median(volumes)), max(volumes)) if volumes else None
    return Preuve(constats, actuel.lignes, actuel.transmissibles, habituels, len(passes))


def list_anciens(lots: Sequence[LotRetenu], lot: LotRetenu) -> list[str]:
    """Return in words what was decided on other held months of this Caf or of one merged into it, newest first."""
    jour = Mois.parse(str(lot.mois)).fin
    return [
        Mois.parse(str(autre.mois)).libelle
        + (f", {autre.libelle} : " if autre.code_caf != lot.code_caf else " : ")
        + (
            f"{_DIT[autre.decision]} par {autre.acteur}, {autre.pourquoi}"
            if autre.decision
            else "sans décision"
        )
        for autre in lots
        if autre.mois != lot.mois and find_actuelle(autre.code_caf, jour) == lot.code_caf
    ]


def _build_constat(
    regle: str, nombre: int | None, actuel: _Compte | None, passes: Sequence[_Compte]
) -> Constat:
    dite = load_explications().get(("requete", regle))
    parts = [m.comptes[regle] / m.lignes for m in passes if regle in m.comptes]
    return Constat(
        dite.libelle if dite else regle, nombre, actuel.lignes if actuel else None,
        median(parts) if parts else None, dite.protege if dite else "", dite.raison if dite else "",
    )  # fmt: skip
