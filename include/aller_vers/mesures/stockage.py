"""Measures: what adds up, one SQL file each, stored before persons are purged."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, text

from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock_each
from aller_vers.socle.sql import DOSSIER, load_sql, run_sql


def store_mesures(
    entrepot: Connection, piece: str, mois: Mois, gardees: Sequence[str] = (), /, **parametres: object
) -> dict[str, int]:
    """Compute and replace the month's measures of a room (``include/sql/<room>/mesures/*.sql``).

    Each file gives ``valeur`` and, of ``code_caf``, ``code_cpam``, ``modalite`` and ``classe``, those that it has; its
    name is the measure's. ``gardees``: the Caf whose rows stay as they are. ``parametres``: what files ask for besides
    ``mois``.

    Returns:
        The number of rows by measure.
    """
    insertion = load_sql("indicateurs/insert_mesure.sql").text
    lignes: dict[str, int] = {}
    fichiers = sorted((DOSSIER / piece / "mesures").glob("*.sql"))
    make_room(entrepot, mois, [fichier.stem for fichier in fichiers], gardees)
    for fichier in fichiers:
        mesure = fichier.stem
        corps = load_sql(f"{piece}/mesures/{fichier.name}").text
        requete = insertion.replace("FROM mesure_du_fichier", f"FROM ({corps})")
        lignes[mesure] = entrepot.execute(
            text(requete), {**parametres, "mois": mois, "mesure": mesure, "gardees": list(gardees)}
        ).rowcount
    return lignes


def make_room(
    entrepot: Connection, mois: Mois, mesures: Collection[str], gardees: Sequence[str] = ()
) -> None:
    """Take the rows of measures of the month away, until the caller has written those that replace them.

    Those of the Caf ``gardees`` stay.

    A second run that stores one of these measures waits here until the first one ends.
    """
    lock_each(entrepot, [("mesure", mesure, mois) for mesure in mesures])
    run_sql(
        entrepot, "indicateurs/delete_mesures.sql", mois=mois, mesures=list(mesures), gardees=list(gardees)
    )
