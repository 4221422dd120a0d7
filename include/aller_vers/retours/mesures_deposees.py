"""The national folder of declared measures: files taken whole or refused, figures corrected by replacement.

Received like the returns of the Cpam and kept beside them (``staging.retour``: every version of a figure, the last one
stands), so that a figure means one thing wherever it came from. What differs: any caisse may be named, and the nation.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.enquetes import load_enquetes
from aller_vers.mesures.modeles import build_modeles
from aller_vers.partage.partage import Partage
from aller_vers.retours.depots import NATIONAL
from aller_vers.retours.fichiers.conservation import MODELES, RETOURS
from aller_vers.retours.fichiers.fautes import Fautes
from aller_vers.retours.fichiers.formes import PAR_NOM
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.lecture import Retour, read_mesure
from aller_vers.retours.publication import store_declarees
from aller_vers.retours.recus import insert_retour, require_coherence
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import run_sql


def read_mesures(tableau: Tableau) -> list[Retour]:
    """Return the figures of a file, those left empty apart; all of them or none.

    Raises:
        FichierRefuseError: a cell is not what its column expects, a figure comes twice, or there is none.
    """
    lues = Fautes().read_lignes(
        tableau, NATIONAL, read_mesure, forme=PAR_NOM["mesure"],
        cle=lambda retour: retour.cle, doublon="une autre ligne donne la même mesure",
        aucune=FichierRefuseError(
            "Aucune ligne de ce fichier n'a de valeur.",
            "compléter le modèle ; laisser vide ce qui n'est pas connu, écrire 0 pour zéro.",
        ),
    )  # fmt: skip
    return [retour for _, retour in lues]


def take_mesures(
    entrepot: Connection, tableau: Tableau, depot: str, run_id: str, maintenant: datetime
) -> tuple[str, ...]:
    """Keep the figures of a file and replace them in the marts, in the caller's transaction.

    Args:
        entrepot: the warehouse, as ``av_etl``.
        tableau: the file, of the shape of declared measures.
        depot: name of the folder, which says where a figure came from.
        run_id: the run, which tells the months that it has changed.
        maintenant: when the file is received.

    Returns:
        The months that this run has changed so far.

    Raises:
        FichierRefuseError: a row cannot be read, or two figures contradict each other; nothing is kept.
    """
    return take_figures(entrepot, read_mesures(tableau), depot, run_id, maintenant)


def take_figures(
    entrepot: Connection, figures: list[Retour], depot: str, run_id: str, maintenant: datetime
) -> tuple[str, ...]:
    """Keep declared figures and replace them in the marts: what ``take_mesures`` does of a file that was read."""
    lock(entrepot, "retours_cpam")  # what publishes the returns replaces the same measures
    for retour in figures:
        insert_retour(entrepot, retour, depot, maintenant)
    run_sql(entrepot, "mesures/accept_mesures.sql", depot=depot, run_id=run_id)
    mois = list_mois(entrepot, depot, run_id)
    require_coherence(entrepot, mois)
    for cle in mois:
        store_declarees(entrepot, Mois.parse(cle))
    return mois


def list_mois(entrepot: Connection, depot: str, run_id: str) -> tuple[str, ...]:
    """Return the months whose declared figures this run has changed."""
    return tuple(run_sql(entrepot, "mesures/select_mois.sql", depot=depot, run_id=run_id).scalars())


def write_modeles(partage: Partage, dossier: str) -> int:
    """Bring the templates of the national folder to the declared measures; return the number of files written."""
    modeles = f"{dossier}/{RETOURS}/{MODELES}"
    ecrits = 0
    for nom, octets in build_modeles(load_mesures_declarees().values(), load_enquetes().values()).items():
        if partage.read(f"{modeles}/{nom}") != octets:
            partage.write(f"{modeles}/{nom}", octets)
            ecrits += 1
    return ecrits
