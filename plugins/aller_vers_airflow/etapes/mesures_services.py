"""The tasks of ``mesures_services`` and ``reprise_historique``: what the source counts."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import get_current_context

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import MESURES, SOURCE
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import read_execution, tache


@tache(inlets=[SOURCE], outlets=[MESURES])
def measure_services() -> dict[str, dict[str, int]]:
    """Compute the measures of the month, and again those of the months still followed; tell which have changed."""
    from aller_vers.mesures.a_la_source import announce_caf_inconnues, copy_mesures, list_mois_ouverts

    execution, reglages = read_execution(), load_reglages()
    caf = tuple(load_caf())
    evenement = get_current_context()["outlet_events"][MESURES]
    bilans = {}
    for mois in list_mois_ouverts(execution.mois, reglages):
        with open_base("av_source") as source, open_base("av_entrepot") as entrepot:
            bilan = copy_mesures(source, entrepot, mois, reglages, caf, suivi=mois != execution.mois)
            announce_caf_inconnues(entrepot, mois, bilan)
        bilans[str(mois)] = {"lignes": bilan.lignes, "hors_reference": bilan.hors_reference}
        evenement.add_partitions(str(mois))
    return bilans


@tache()
def measure_historique() -> dict[str, int]:
    """Take up again what is cumulated since the origin, in one pass, over the months that nobody computed."""
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.historique import resume_historique

    depuis = Mois.parse(str(get_current_context()["params"]["depuis"]))
    dernier = Mois.last_complete(datetime.now(PARIS).date())
    with open_base("av_source") as source, open_base("av_entrepot") as entrepot:
        mois = resume_historique(
            source, entrepot, depuis, dernier, load_reglages(), load_dictionnaire(), tuple(load_caf())
        )
    return {"mois": len(mois)}
