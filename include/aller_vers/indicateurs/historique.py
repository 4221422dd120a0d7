"""What is cumulated since the origin, taken up again at the source over the months that nobody computed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.marts import recompute_origine
from aller_vers.mesures.a_la_source import copy_historique, load_mesures
from aller_vers.mesures.echeances import load_echeances
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


def resume_historique(
    source: Connection, entrepot: Connection, depuis: Mois, jusqu_a: Mois, reglages: Reglages,
    dictionnaire: Sequence[Indicateur], caf: Sequence[str],
) -> list[Mois]:  # fmt: skip
    """Take up again, in one pass at the source, the aggregates of the months since this one; safe to run again.

    A month that has been computed keeps its own measures, which its runs count again.

    Args:
        source: the source, PostgreSQL, in a transaction of its own where nothing has run yet.
        entrepot: the warehouse, as ``av_etl``, in the caller's transaction.
        depuis: the first month.
        jusqu_a: the last one.
        reglages: the parameters of the definitions.
        dictionnaire: every definition; those that are cumulated since the origin are taken up.
        caf: codes of the Caf of the reference.

    Returns:
        The months that were taken up.

    Raises:
        ErreurAllerVers: the months are in no order, or the source breaks its contract.
    """
    if jusqu_a < depuis:
        raise ErreurAllerVers(
            f"Aucun mois à reprendre : {depuis} vient après {jusqu_a}.", "donner un premier mois plus ancien."
        )
    a_la_source = {m.code for m in load_mesures()}
    definitions = [i for i in dictionnaire if "origine" in i.periodes and i.mesures <= a_la_source]
    calculs = set(run_sql(entrepot, "indicateurs/select_calculs.sql").scalars())
    mois = [m for m in _list_mois(depuis, jusqu_a) if str(m) not in calculs]
    mesures = {mesure for i in definitions for mesure in i.mesures}
    copy_historique(source, entrepot, mois, mesures, reglages, caf)
    recompute_origine(
        entrepot, mois, definitions, reglages.seuil_homogeneite, load_echeances(entrepot)
    )  # fmt: skip
    return mois


def _list_mois(debut: Mois, fin: Mois) -> list[Mois]:
    nombre = (fin.annee - debut.annee) * 12 + fin.numero - debut.numero
    return [debut.shift(n) for n in range(nombre + 1)]
