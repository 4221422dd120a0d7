"""The national folder of declared measures: files taken whole or refused, figures corrected by replacement.

Received like the returns of the Cpam and kept beside them (``staging.retour``: every version of a figure, the last one
stands), so that a figure means one thing wherever it came from. What differs: any caisse may be named, and the nation.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

from sqlalchemy import Connection

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.enquetes import load_enquetes
from aller_vers.mesures.modeles import build_modeles
from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.conservation import MODELES, RETOURS
from aller_vers.retours.fichiers.fautes import Fautes
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.fichiers.valeurs import read_code, read_compte, read_periode, read_valeur
from aller_vers.retours.lecture import Retour, read_modalite, read_mot
from aller_vers.retours.publication import store_declarees
from aller_vers.retours.recus import insert_retour, require_coherence
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import load_caf, load_cpam
from aller_vers.socle.sql import run_sql

Cellules = dict[str, str]


def read_mesures(tableau: Tableau) -> list[Retour]:
    """Return the figures of a file, those left empty apart; all of them or none.

    Raises:
        FichierRefuseError: a cell is not what its column expects, a figure comes twice, or there is none.
    """
    fautes, lues = Fautes(), list[tuple[int, Retour]]()
    for numero, cellules in tableau.rows():
        if cellules.get("valeur") and (retour := _read_ligne(numero, cellules, fautes)):
            lues.append((numero, retour))
    fautes.require_unique(lues, lambda retour: retour.cle, "une autre ligne donne la même mesure")
    if not lues:
        raise FichierRefuseError(
            "Aucune ligne de ce fichier n'a de valeur.",
            "compléter le modèle ; laisser vide ce qui n'est pas connu, écrire 0 pour zéro.",
        )
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


def _read_ligne(numero: int, cellules: Cellules, fautes: Fautes) -> Retour | None:
    declarees = load_mesures_declarees()
    code = fautes.require(numero, cellules, "mesure", partial(read_mot, mots=tuple(declarees)))
    if code is None:
        return None
    declaree = declarees[code]
    periode = fautes.require(numero, cellules, "periode", partial(read_periode, maille=declaree.periode))
    cpam = fautes.read(numero, cellules, "code_cpam", lambda t: read_code(t, load_cpam(), "Cpam"))
    caf = fautes.read(numero, cellules, "code_caf", lambda t: read_code(t, load_caf(), "Caf"))
    attendus = {"caf": (False, True), "cpam": (True, False), "national": (False, False)}[declaree.niveau]
    if (bool(cellules.get("code_cpam")), bool(cellules.get("code_caf"))) != attendus:
        fautes.add(numero, _NIVEAUX[declaree.niveau])
    modalite = read_modalite(numero, cellules, declaree, fautes)
    lecteur: Callable[[str], Decimal | int] = read_valeur if declaree.type == "somme" else read_compte
    valeur = fautes.read(numero, cellules, "valeur", lecteur)
    if periode is None or valeur is None:
        return None
    return Retour(
        "mesure", periode, cpam, caf, code, modalite, {"valeur": f"{Decimal(valeur).normalize():f}"}
    )


_NIVEAUX = {
    "caf": "cette mesure est celle d'une Caf : remplir code_caf seul",
    "cpam": "cette mesure est celle d'une Cpam : remplir code_cpam seul",
    "national": "cette mesure est nationale : laisser code_caf et code_cpam vides",
}
