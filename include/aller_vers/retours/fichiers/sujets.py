"""What a received file is about: a refused one waits no more once all of it came in others that were taken."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.retours.depots import find_cpam
from aller_vers.retours.fichiers.formes import PAR_NOM, PREFIXES, Forme
from aller_vers.retours.fichiers.tableau import Tableau, normalise_titre
from aller_vers.retours.fichiers.valeurs import (
    Maille,
    ValeurRefuseeError,
    read_code,
    read_periode,
)
from aller_vers.socle.referentiel import load_caf, load_cpam

# Any, as LIKE reads it: what a refused file does not say, whatever is taken says.
TOUT = "%"
_MODELE = re.compile(r"([a-z]+)_[0-9]{3}_([0-9]{6}|[0-9]{4}s[12])", re.IGNORECASE)
_PAR_PREFIXE = {prefixe: nom for nom, prefixe in PREFIXES.items()}


def list_sujets(depot: str, nom: str, forme: Forme | None, tableau: Tableau | None) -> list[str]:
    """Return what each completed row is about: ``forme/caf/période/cpam/mesure``, each a code or ``TOUT``.

    A table of no known shape is about what its name says, if a template gave it; else about anything of its folder.
    No other value of the file is in it.
    """
    if forme is None or tableau is None:
        trouve = _MODELE.match(nom)
        modele = _PAR_PREFIXE.get(trouve[1].upper()) if trouve else None
        if trouve is None or modele is None:
            return [TOUT]
        return [_write(depot, PAR_NOM[modele], {"mois": trouve[2], "semestre": trouve[2]})]
    rangees = [cellules for _, cellules in tableau.rows()]
    rangees = [cellules for cellules in rangees if forme.is_remplie(cellules)] or rangees
    sujets = {_write(depot, forme, cellules) for cellules in rangees}
    if forme.nom == "mensuel":  # the day of destruction stands in a return as well as in a certificate
        sujets |= {_write(depot, PAR_NOM["certificat"], c) for c in rangees if c.get("date_destruction")}
    return sorted(sujets) or [TOUT]


def _write(depot: str, forme: Forme, cellules: Mapping[str, str]) -> str:
    texte = {colonne: cellules.get(colonne, "") for colonne in forme.colonnes}
    mesure = load_mesures_declarees().get(normalise_titre(texte.get("mesure", "")))
    sienne = find_cpam(depot)
    caf = _read(depot if sienne is None else texte.get("code_caf"), load_caf())
    cpam = _read(sienne or texte.get("code_cpam", texte.get("cpam")), load_cpam())
    maille: Maille = mesure.periode if mesure else "semestre" if "semestre" in texte else "mois"
    periode = texte.get("mois") or texte.get("semestre") or (texte.get("periode") if mesure else "")
    try:
        ecrite = read_periode(periode or "", maille).texte
    except ValeurRefuseeError:
        ecrite = TOUT
    return "/".join(
        (forme.nom, caf if "code_caf" in texte else TOUT, ecrite, cpam, mesure.code if mesure else TOUT)
    )


def _read(code: str | None, connus: Collection[str]) -> str:
    try:
        return read_code(code or "", connus, "caisse")
    except ValeurRefuseeError:
        return TOUT
