"""Named groups of caisses (``groupe.csv``): those that tried something before the others."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from aller_vers.socle.fichiers_edites import Colonne, read_csv, read_jour, refuse, require_known
from aller_vers.socle.referentiel import find_dossier, load_caf, load_cpam

_CODE = Colonne(re.compile(r"[0-9]{3}"), "un code de trois chiffres")
_GROUPE = Colonne(re.compile(r"[a-z][a-z0-9_]{2,40}"), "un code en minuscules")
_TEXTE = Colonne(re.compile(r"[^\n]*[^\s][^\n]*"), "un texte")
_JOUR = Colonne(re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"), "une date écrite AAAA-MM-JJ")


@dataclass(frozen=True)
class GroupeDeCaisses:
    """Caisses that did something the others did not, from a day on."""

    code: str
    libelle: str
    depuis: date
    caf: frozenset[str]
    cpam: frozenset[str]
    source: str


def load_groupes(dossier: Path | None = None) -> dict[str, GroupeDeCaisses]:
    """Return the groups by code: those in force, or of another folder.

    Raises:
        FichierEditeError: the file is absent, or a line of it is not what it has to be; it is named.
    """
    dossier = dossier or find_dossier()
    fichier = dossier / "groupe.csv"
    colonnes = {
        "code_groupe": _GROUPE, "code_caf": _CODE, "code_cpam": _CODE, "libelle": _TEXTE, "date_debut": _JOUR,
        "source": _TEXTE,
    }  # fmt: skip
    lues = read_csv(fichier, colonnes, cle=3)
    require_known(fichier, [(n, ligne[1]) for n, ligne in lues], "code_caf", load_caf(dossier))
    require_known(fichier, [(n, ligne[2]) for n, ligne in lues], "code_cpam", load_cpam(dossier))
    groupes: dict[str, GroupeDeCaisses] = {}
    for numero, (code, caf, cpam, libelle, debut, source) in lues:
        depuis = read_jour(fichier, numero, "date_debut", debut)
        connu = groupes.get(code) or GroupeDeCaisses(code, libelle, depuis, frozenset(), frozenset(), source)
        if (connu.libelle, connu.depuis, connu.source) != (libelle, depuis, source):
            quoi = f"ligne {numero} : le groupe {code} n'a pas le libellé, le jour ou la source d'une ligne précédente"
            raise refuse(fichier, quoi, "écrire la même chose à chaque ligne d'un groupe.")
        groupes[code] = replace(connu, caf=connu.caf | {caf}, cpam=connu.cpam | {cpam})
    return groupes
