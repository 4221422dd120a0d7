"""Returns as they are kept: every version, the last of each key first to be judged."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.retours.coherence import require_coherence
from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.tableau import Tableau
from aller_vers.retours.lecture import Retour, read_retours
from aller_vers.socle.sql import run_sql


def take_retours(
    entrepot: Connection, code_caf: str, forme: Forme, tableau: Tableau, maintenant: datetime
) -> int:
    """Keep the rows of a return that this Caf put into its folder, in the caller's transaction.

    Returns:
        The number of rows that say something else than the last version of their key.

    Raises:
        FichierRefuseError: a row cannot be read, or two measures contradict each other; none is kept.
    """
    retours = read_retours(forme, tableau, code_caf)
    nouveaux = sum(insert_retour(entrepot, retour, code_caf, maintenant) for retour in retours)
    if forme.nom == "mesure":
        require_coherence(entrepot, {str(retour.periode.dernier_mois) for retour in retours})
    return nouveaux


def insert_retour(entrepot: Connection, retour: Retour, depot: str, maintenant: datetime) -> int:
    """Keep a row, dropped in the folder ``depot``; 0 if the last version of its key says the same, else 1."""
    return run_sql(
        entrepot, "retours/insert_retour.sql",
        cle=retour.cle, forme=retour.forme, periode=retour.periode.texte,
        mois=str(retour.periode.dernier_mois), depot=depot, code_cpam=retour.code_cpam,
        code_caf=retour.code_caf, mesure=retour.mesure, modalite=retour.modalite,
        contenu=json.dumps(retour.contenu, sort_keys=True), maintenant=maintenant,
    ).rowcount  # fmt: skip
