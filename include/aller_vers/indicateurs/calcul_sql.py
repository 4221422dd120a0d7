"""Indicators of a month in the warehouse, computed from its measures."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.mois import Mois
from aller_vers.sql import run_sql


def compute_indicateurs(entrepot: Connection, mois: Mois, dictionnaire: list[Indicateur]) -> int:
    """Replace the month's indicators: the nation, each region, each Caf.

    Returns:
        The number of indicators that were computed.
    """
    run_sql(entrepot, "marts_indicateurs/delete_indicateurs.sql", mois=str(mois))
    calcules = [
        i
        for i in dictionnaire
        if i.is_valable(mois) and not i.is_abandonne(mois) and i.type in ("compte", "ratio")
    ]
    for indicateur in calcules:
        [numerateur] = indicateur.numerateur
        [denominateur] = indicateur.denominateur or [None]
        run_sql(
            entrepot,
            "marts_indicateurs/compute_indicateur.sql",
            mois=str(mois),
            code=indicateur.code,
            version=indicateur.version,
            numerateur=numerateur.mesure,
            numerateur_modalite=numerateur.modalite,
            denominateur=denominateur.mesure if denominateur else None,
            denominateur_modalite=denominateur.modalite if denominateur else None,
            cible=indicateur.find_cible(mois),
            sens=indicateur.sens,
        )
    return len(calcules)


def check_marts(entrepot: Connection, mois: Mois) -> None:
    """Reconcile the month's marts.

    Raises:
        ErreurAllerVers: a national value is not the sum of its Caf, or a rate is out of its bounds.
    """
    ecarts = run_sql(entrepot, "marts_indicateurs/select_ecarts.sql", mois=str(mois)).all()
    if ecarts:
        noms = ", ".join(f"{ligne.code} (version {ligne.version})" for ligne in ecarts)
        raise ErreurAllerVers(
            f"Les indicateurs du mois {mois} ne se recoupent pas : {noms}.",
            "vérifier les fichiers de mesure de ces indicateurs ; les indicateurs du mois ne sont pas "
            "publiés.",
        )
