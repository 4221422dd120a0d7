"""Tasks of ``requete_nationale``: extract, clean, judge, publish, measure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import DEMANDEURS, SOURCE
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import link_execution, read_execution, tache


@tache()
def extract_demandeurs() -> dict[str, Any]:
    """Stream the month from the source into staging."""
    from aller_vers.destruction.memoire import leave_out_deja_transmis
    from aller_vers.destruction.oppositions import leave_out_opposants
    from aller_vers.requete import extraction

    execution, reglages = read_execution(), load_reglages()
    jour = datetime.now(PARIS).date()
    with open_base("av_source") as source, open_base("av_entrepot") as entrepot:
        lue = extraction.extract_demandeurs(source, entrepot, execution.mois, reglages.natures, jour)
        leave_out_opposants(entrepot, reglages, execution.mois)
        leave_out_deja_transmis(entrepot, reglages, execution.mois)
    return {"mois": str(execution.mois), "lignes": lue.lignes, "voie": lue.voie}


@tache()
def clean_demandeurs() -> dict[str, int]:
    """Clean the month's e-mails, telephones and postcodes."""
    from aller_vers.requete.nettoyage import passe

    with open_base("av_entrepot") as entrepot:
        bilan = passe.clean_demandeurs(entrepot, str(read_execution().mois))
    return {"lignes": bilan.lignes, "par_bibliotheque": bilan.par_bibliotheque}


@tache()
def judge_requete() -> dict[str, Any]:
    """Count the rules by Caf, then let Great Expectations judge the counts."""
    from aller_vers.qualite.bulletin import announce_porte
    from aller_vers.requete import publication

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        publication.profile(entrepot, execution.mois, execution.run_id)
    with open_base("av_qualite") as qualite:
        jugement = publication.judge_requete(qualite, execution.mois, execution.run_id)
    with open_base("av_entrepot") as entrepot:
        announce_porte(
            entrepot, publication.GATE, execution.mois, jugement, link_execution(), datetime.now(UTC)
        )
    jugement.require_nation()
    return {"nation": jugement.nation, **{str(decision): n for decision, n in jugement.count().items()}}


@tache()
def publish_core() -> dict[str, int]:
    """Publish to core who can be transmitted; a dry run stops here."""
    from aller_vers.requete.publication import publish_mois

    execution = read_execution()
    if execution.a_blanc:
        raise AirflowSkipException(
            "Exécution à blanc : le mois est compté et jugé, rien n'est publié ni déposé."
        )
    with open_base("av_entrepot") as entrepot:
        return publish_mois(entrepot, execution.mois, execution.run_id, depot=execution.depot)


@tache(inlets=[SOURCE], outlets=[DEMANDEURS])
def measure_requete() -> dict[str, int]:
    """Store the measures of the request, and tell the DAGs that follow."""
    from aller_vers.requete.publication import measure_mois

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        lignes = measure_mois(entrepot, execution.mois)
    evenement = get_current_context()["outlet_events"][DEMANDEURS]
    evenement.extra = {"depot": execution.depot}
    evenement.add_partitions(str(execution.mois))
    return lignes
