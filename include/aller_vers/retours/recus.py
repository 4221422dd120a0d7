"""Returns as they are kept: every version, the last of each key first to be judged."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.reception.formes import Forme
from aller_vers.reception.tableau import Tableau
from aller_vers.retours.lecture import read_retours
from aller_vers.sql import run_sql


def take_retours(
    entrepot: Connection, code_caf: str, forme: Forme, tableau: Tableau, maintenant: datetime
) -> int:
    """Keep the rows of a return that this Caf put into its folder, in the caller's transaction.

    Returns:
        The number of rows that say something else than the last version of their key.

    Raises:
        FichierRefuseError: a row cannot be read; none is kept.
    """
    return sum(
        run_sql(
            entrepot, "retours_cpam/insert_retour.sql",
            cle=retour.cle, forme=retour.forme, periode=retour.periode.texte,
            mois=str(retour.periode.dernier_mois), depot=code_caf, code_cpam=retour.code_cpam,
            code_caf=retour.code_caf, mesure=retour.mesure, modalite=retour.modalite,
            contenu=json.dumps(retour.contenu, sort_keys=True), maintenant=maintenant,
        ).rowcount
        for retour in read_retours(forme, tableau, code_caf)
    )  # fmt: skip
