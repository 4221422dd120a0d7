"""Measures: what adds up, one SQL file each, stored before persons are purged."""

from __future__ import annotations

from sqlalchemy import Connection, text

from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import DOSSIER, load_sql, run_sql


def store_mesures(entrepot: Connection, piece: str, mois: Mois, **parametres: object) -> dict[str, int]:
    """Compute and replace the month's measures of a room (``include/sql/<room>/mesures/*.sql``).

    Each file gives ``valeur`` and, of ``code_caf``, ``code_cpam``, ``modalite`` and ``classe``, those that it has; its
    name is the measure's. ``parametres``: what files ask for besides ``mois``.

    Returns:
        The number of rows by measure.
    """
    insertion = load_sql("indicateurs/insert_mesure.sql").text
    lignes: dict[str, int] = {}
    for fichier in sorted((DOSSIER / piece / "mesures").glob("*.sql")):
        mesure = fichier.stem
        corps = load_sql(f"{piece}/mesures/{fichier.name}").text
        requete = insertion.replace("FROM mesure_du_fichier", f"FROM ({corps})")
        make_room(entrepot, mois, mesure)
        lignes[mesure] = entrepot.execute(
            text(requete), {**parametres, "mois": mois, "mesure": mesure}
        ).rowcount
    return lignes


def make_room(entrepot: Connection, mois: Mois, mesure: str) -> None:
    """Take the rows of a measure of the month away, until the caller has written those that replace them.

    A second run that stores the same measure waits here until the first one ends.
    """
    lock(entrepot, "mesure", mesure, mois)
    run_sql(entrepot, "indicateurs/delete_mesure.sql", mois=mois, mesure=mesure)
