"""What a rule of a gate means, in French: from its own file, or from the line of the suite that judges it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import DOSSIER, load_suite


@dataclass(frozen=True)
class Explication:
    """What a rule means: its label, what it protects, its source, the reason of its threshold."""

    libelle: str
    protege: str = ""
    source: str = ""
    raison: str = ""


@cache
def load_explications() -> Mapping[tuple[str, str], Explication]:
    """Return what each rule means, by gate and code; read once a process."""
    trouves: dict[tuple[str, str], Explication] = {}
    for fichier in sorted(DOSSIER.glob("*.yml")):
        try:
            suite = load_suite(fichier.stem)
        except Exception:  # noqa: BLE001, S112 - a file that is no suite has no rule to explain
            continue
        regles = {r.code: r for r in load_regles(suite.gate)}
        for attente in (*suite.caf, *suite.nation):
            cle = (suite.gate, attente.regle)
            dit = regles.get(attente.regle) or (attente if attente.libelle else trouves.get(cle))
            trouves[cle] = Explication(
                (dit and dit.libelle) or _read_code(attente.regle),
                (dit and dit.protege) or "",
                (dit and dit.source) or "",
                attente.raison,
            )
    return trouves


def find_libelle(code: str) -> str:
    """Return what a rule says to a person, whichever gate it is of; what is no rule is told by its code."""
    return next(
        (s.libelle for (_, regle), s in load_explications().items() if regle == code), _read_code(code)
    )


def explain_motif(motif: str) -> str:
    """Return a reason of the ledger in words: where it is the gate's own, it names rules by their codes."""
    genre, separateur, codes = motif.partition("qualité : ")
    if genre or not separateur:
        return motif
    return " ; ".join(find_libelle(code) for code in codes.split(", "))


def _read_code(code: str) -> str:
    return code.replace("_", " ").capitalize()
