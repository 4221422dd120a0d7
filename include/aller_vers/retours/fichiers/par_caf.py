"""A Cpam's file may hold the rows of several Caf: each Caf's are taken together, or refused without the others'."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from aller_vers.retours.depots import DE_LA_CPAM, find_cpam
from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.refus import FichierRefuseError
from aller_vers.retours.fichiers.tableau import Tableau
from aller_vers.retours.fichiers.valeurs import ValeurRefuseeError, read_code
from aller_vers.socle.francais import enumerate_mots
from aller_vers.socle.referentiel import load_caf

ENTIER = ""


def split_par_caf(depot: str, forme: Forme, tableau: Tableau) -> dict[str, Tableau]:
    """Return the completed rows of each Caf, by its code; the table as it is, under ``ENTIER``, where it is one whole.

    It is one in a Caf's folder, in a shape without a Caf, and where nothing is completed. So it is where one row does
    not say of which Caf it is: a Caf would be half taken.
    """
    entier = {ENTIER: tableau}
    if find_cpam(depot) is None or forme.nom not in DE_LA_CPAM or "code_caf" not in tableau.colonnes:
        return entier
    rangs: dict[str, list[int]] = {}
    for rang, (_, cellules) in enumerate(tableau.rows()):
        if forme.is_remplie(cellules):
            try:
                rangs.setdefault(read_code(cellules["code_caf"], load_caf(), "Caf"), []).append(rang)
            except ValeurRefuseeError:
                return entier
    return {
        code: replace(
            tableau,
            lignes=tuple(tableau.lignes[r] for r in siens),
            numeros=tuple(tableau.numeros[r] for r in siens),
        )
        for code, siens in rangs.items()
    } or entier


def name_caf(codes: Collection[str]) -> str:
    """Return « pour la Caf 591 », « pour les Caf 591 et 594 »; nothing of a file that is one whole."""
    if ENTIER in codes:
        return ""
    return f"pour {'la' if len(codes) == 1 else 'les'} Caf {enumerate_mots(sorted(codes))}"


def gather_refus(refus: Mapping[str, FichierRefuseError], pris: Collection[str]) -> FichierRefuseError:
    """Return the refusal of a file: what is wrong of each refused Caf, and of which others the rows are taken."""
    if ENTIER in refus:
        return refus[ENTIER]
    constats = [f"Caf {code}. {un.constat}" for code, un in sorted(refus.items())]
    remedes = list(dict.fromkeys(un.remede for _, un in sorted(refus.items())))
    if pris:
        constats.insert(
            0, f"Les lignes {name_caf(pris)} sont prises ; celles {name_caf(refus)} ne le sont pas."
        )
        remedes.append("Ce qui est déjà pris ne compte pas deux fois.")
    return FichierRefuseError("\n".join(constats), " ".join(remedes))
