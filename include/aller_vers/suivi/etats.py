"""The states of a lot, in one table: whom each is about, its name, what may follow.

The ledger's own check and the diagram of ``docs/glossaire.md`` are made from it; a test holds the three equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

CodeEtat = Literal[
    "prepare", "retenu", "depose", "transmis", "traite", "a_detruire", "detruit", "remplace", "expire",
    "rien_a_transmettre",
]  # fmt: skip
Portee = Literal["lot", "cpam", "lot ou cpam"]
DEBUT = "[*]"


@dataclass(frozen=True)
class EtatDuLot:
    """A state: its name, whether it is said of a lot, of a Cpam that it is for, or of either; what may follow."""

    libelle: str
    portee: Portee
    suites: tuple[CodeEtat, ...]


ETATS: Mapping[CodeEtat, EtatDuLot] = MappingProxyType(
    {
        "prepare": EtatDuLot("Préparé", "lot", ("depose", "retenu")),
        "retenu": EtatDuLot("Retenu", "lot ou cpam", ("prepare", "depose", "retenu", "expire")),
        "depose": EtatDuLot(
            "Déposé", "lot", ("transmis", "rien_a_transmettre", "retenu", "remplace", "expire")
        ),
        # A version that was replaced is destroyed untreated.
        "transmis": EtatDuLot(
            "Transmis", "cpam", ("transmis", "rien_a_transmettre", "traite", "a_detruire", "detruit")
        ),
        "traite": EtatDuLot("Traité", "cpam", ("traite", "detruit", "a_detruire")),
        "a_detruire": EtatDuLot("À détruire par la Cpam", "cpam", ("detruit",)),
        "detruit": EtatDuLot("Détruit par la Cpam", "cpam", ("detruit",)),
        "remplace": EtatDuLot("Remplacé", "lot", ()),
        "expire": EtatDuLot("Détruit ici", "lot", ()),
        "rien_a_transmettre": EtatDuLot(
            "Rien à transmettre", "lot ou cpam", ("transmis", "remplace", "expire")
        ),
    }
)
# What is said of the trace itself: no state of a lot, and it may follow any.
GESTES: Mapping[str, str] = MappingProxyType({"raye": "Raison rayée"})
PREMIERS: tuple[CodeEtat, ...] = ("prepare", "retenu")


def build_check() -> str:
    """Return the condition that the ledger puts on an event: its state is one of the table."""
    return f"etat IN ({', '.join(repr(str(etat)) for etat in (*ETATS, *GESTES))})"


def name_etat(code: str) -> str:
    """Return the name of what an event says: a state of a lot, or an act on the trace."""
    return GESTES[code] if code in GESTES else ETATS[code].libelle  # type: ignore[index]


def draw_diagram() -> str:
    """Return the states and what may follow each, as a Mermaid diagram."""
    lignes = [
        "stateDiagram-v2",
        *(f"    {etat} : {dit.libelle} ({dit.portee})" for etat, dit in ETATS.items()),
    ]
    lignes += [f"    {DEBUT} --> {premier}" for premier in PREMIERS]
    lignes += [f"    {etat} --> {suite}" for etat, dit in ETATS.items() for suite in dit.suites or (DEBUT,)]
    return "\n".join(lignes)
