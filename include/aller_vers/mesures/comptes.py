"""What each measure counts, in words (``-- denombre:`` in the header of its SQL): the same words, the same counts.

What is published of one is then published of the other. A sum (an amount) counts nothing and says nothing.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.echeances import load_fiches, read_entete
from aller_vers.socle.fichiers_edites import read_texte
from aller_vers.socle.sql import DOSSIER

# What no person who is helped can be found in: lots, agents of the network, supports that were handed out.
_SANS_PERSONNE = frozenset({"lots", "agents", "supports", "guides", "actions"})


class Compte(NamedTuple):
    """What a measure counts over all its classes, modality by modality; its modalities where they are known."""

    nom: str
    modalites: tuple[str, ...]


@cache
def load_comptes() -> dict[str, Compte]:
    """Return what each measure counts; a declared one, of type « compte », counts what its code says."""
    comptes = {
        code: Compte(code, declaree.modalites)
        for code, declaree in load_mesures_declarees().items()
        if declaree.type == "compte"
    }
    for code, entete in read_entetes().items():
        if "denombre" in entete:
            comptes[code] = Compte(entete["denombre"], tuple(entete.get("modalites", "").split()))
    return comptes


@cache
def load_sans_personne() -> frozenset[str]:
    """Return the measures that count no person who is helped, nor what a person did or was given."""
    return frozenset(code for code, fiche in load_fiches().items() if fiche.compte in _SANS_PERSONNE)


@cache
def read_entetes() -> dict[str, dict[str, str]]:
    """Return the header of each measure's SQL file, by name of the measure."""
    fichiers = [*DOSSIER.glob("*/mesures/*.sql"), *DOSSIER.glob("mesures/a_la_source/*.sql")]
    return {f.stem: read_entete(read_texte(f)) for f in sorted(fichiers)}
