"""Named groups of caisses (``groupe.csv``): those that tried something before the others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from aller_vers.socle.dossiers_reference import find_dossier
from aller_vers.socle.fichiers_edites import (
    CODE,
    JOUR,
    TEXTE,
    Colonne,
    read_csv,
    read_jour,
    refuse,
    require_known,
)
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf, load_cpam

# « hors_ » and a code name the rest of the network.
_GROUPE = Colonne(
    re.compile(r"(?!hors_)[a-z][a-z0-9_]{2,40}"), "un code en minuscules, qui ne commence pas par hors_"
)


class Membre(NamedTuple):
    """A Caf and one of its Cpam in a group, from a month on; None: from the beginning, before which it is compared."""

    code_caf: str
    code_cpam: str
    depuis: Mois | None


@dataclass(frozen=True)
class GroupeDeCaisses:
    """Caisses that did something the others did not, each from a day on.

    A month's group is those that had begun by its end: what is told of it, of earlier months too, is told of the same
    caisses. Before its first day it is those that are about to begin it.
    """

    code: str
    libelle: str
    source: str
    debuts: dict[tuple[str, str], date]

    @property
    def depuis(self) -> date:
        """The day on which the first of them began."""
        return min(self.debuts.values())

    @property
    def caf(self) -> frozenset[str]:
        """The Caf that are in it, or will be."""
        return frozenset(caf for caf, _ in self.debuts)

    @property
    def cpam(self) -> frozenset[str]:
        """The Cpam that are in it, or will be."""
        return frozenset(cpam for _, cpam in self.debuts)

    @property
    def membres(self) -> list[Membre]:
        """Each Caf and Cpam, and the month from which it counts."""
        premier = Mois.of(self.depuis)
        return [
            Membre(caf, cpam, None if Mois.of(debut) == premier else Mois.of(debut))
            for (caf, cpam), debut in sorted(self.debuts.items())
        ]


def load_groupes(dossier: Path | None = None) -> dict[str, GroupeDeCaisses]:
    """Return the groups by code: those in force, or of another folder.

    Raises:
        FichierEditeError: the file is absent, or a line of it is not what it has to be; it is named.
    """
    dossier = dossier or find_dossier()
    fichier = dossier / "groupe.csv"
    colonnes = {
        "code_groupe": _GROUPE, "code_caf": CODE, "code_cpam": CODE, "libelle": TEXTE, "date_debut": JOUR,
        "source": TEXTE,
    }  # fmt: skip
    lues = read_csv(fichier, colonnes, cle=3)
    require_known(fichier, [(n, ligne[1]) for n, ligne in lues], "code_caf", load_caf(dossier))
    require_known(fichier, [(n, ligne[2]) for n, ligne in lues], "code_cpam", load_cpam(dossier))
    groupes: dict[str, GroupeDeCaisses] = {}
    for numero, (code, caf, cpam, libelle, debut, source) in lues:
        depuis = read_jour(fichier, numero, "date_debut", debut)
        connu = groupes.setdefault(code, GroupeDeCaisses(code, libelle, source, {}))
        if (connu.libelle, connu.source) != (libelle, source):
            quoi = f"ligne {numero} : le groupe {code} n'a pas le libellé ou la source d'une ligne précédente"
            raise refuse(fichier, quoi, "écrire la même chose à chaque ligne d'un groupe.")
        connu.debuts[caf, cpam] = depuis
    return groupes
