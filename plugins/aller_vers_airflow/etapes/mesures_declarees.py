"""Tasks of ``mesures_declarees``: what the files of the national folder declare."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import MESURES
from aller_vers_airflow.connexions import open_base, open_partage, read_horloge
from aller_vers_airflow.contexte import read_run_id, tache
from aller_vers_airflow.etapes.fichiers_recus import collect_files

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aller_vers.retours.fichiers.formes import Forme, Nom
    from aller_vers.retours.fichiers.tableau import Tableau


@tache()
def write_modeles() -> dict[str, int]:
    """Bring the templates of the national folder to the declared measures."""
    from aller_vers.retours import mesures_deposees

    return {"modeles": mesures_deposees.write_modeles(open_partage(), load_reglages().dossier_mesures)}


@tache()
def collect_mesures() -> dict[str, Any]:
    """Take the files of the national folder, each whole or not at all; every other one is handled.

    The margins of a survey come before its answers, whatever their dates.
    """
    from aller_vers.retours.enquetes_deposees import Depot, take_enquete
    from aller_vers.retours.fichiers.boite import BilanReception
    from aller_vers.retours.mesures_deposees import take_mesures

    maintenant, run_id, dossier = read_horloge(), read_run_id(), load_reglages().dossier_mesures
    depot = Depot(open_partage(), dossier, run_id, maintenant)

    def take(entrepot: Connection, _: str, forme: Forme, tableau: Tableau) -> None:
        if forme.nom == "mesure":
            take_mesures(entrepot, tableau, dossier, run_id, maintenant)
        else:
            take_enquete(entrepot, depot, forme, tableau)

    formes: tuple[tuple[Nom, ...], ...] = (("marges",), ("mesure", "reponses"))
    marges, autres = (BilanReception(**collect_files([dossier], f, take, maintenant)) for f in formes)
    return asdict(marges + autres)


@tache(outlets=[MESURES])
def announce_mesures() -> list[str]:
    """Tell the DAGs that follow which months have changed; nothing is told when none did."""
    from aller_vers.retours.mesures_deposees import list_mois

    with open_base("av_entrepot") as entrepot:
        mois = list(list_mois(entrepot, load_reglages().dossier_mesures, read_run_id()))
    if not mois:
        raise AirflowSkipException("Aucun mois n'a changé : rien à annoncer.")
    get_current_context()["outlet_events"][MESURES].add_partitions(mois)
    return mois
