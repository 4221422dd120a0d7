"""In what order a report is read (``include/configuration/rapports.yml``): axes, then families; and what it draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.socle.modele_strict import ModeleStrict
from aller_vers.socle.yaml_strict import read_modele

FICHIER = Path(__file__).parents[2] / "configuration" / "rapports.yml"
AUTRES = "Autres"


@dataclass(frozen=True)
class Famille:
    """Indicators that are read together: those whose measures are all among these; some of them come first.

    ``rang``: its place in the report, from 0.
    """

    rang: int
    axe: str
    titre: str
    mesures: frozenset[str]
    dabord: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The families in order, and the indicators that are drawn, as many as there is room for."""

    familles: tuple[Famille, ...]
    graphiques: tuple[str, ...]
    nombre_graphiques: int

    def find_famille(self, i: Indicateur) -> Famille:
        """Return the family of an indicator; what no family foresees comes last."""
        mesures = i.mesures
        return next((f for f in self.familles if mesures <= f.mesures), _AUTRE)

    def rank(self, i: Indicateur) -> tuple[int, int, str]:
        """Return the place of an indicator in a report."""
        famille = self.find_famille(i)
        place = famille.dabord.index(i.code) if i.code in famille.dabord else len(famille.dabord)
        return famille.rang, place, i.code


_AUTRE = Famille(999, AUTRES, AUTRES, frozenset(), ())


class _Familles(ModeleStrict):
    titre: str
    mesures: tuple[str, ...]
    dabord: tuple[str, ...] = ()


class _Axe(ModeleStrict):
    titre: str
    familles: tuple[_Familles, ...]


class _Fichier(ModeleStrict):
    axes: tuple[_Axe, ...]
    graphiques: tuple[str, ...]
    nombre_graphiques: int


@cache
def load_plan() -> Plan:
    """Return the order of the reports.

    Raises:
        FichierEditeError: its file is not what it has to be.
    """
    lu = read_modele(FICHIER, TypeAdapter(_Fichier))
    lues = [(axe.titre, f) for axe in lu.axes for f in axe.familles]
    familles = tuple(
        Famille(rang, axe, f.titre, frozenset(f.mesures), f.dabord) for rang, (axe, f) in enumerate(lues)
    )
    return Plan(familles, lu.graphiques, lu.nombre_graphiques)
