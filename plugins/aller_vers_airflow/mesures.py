"""Steps of the measures that the request does not give: what the source counts, what files declare."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.mesures.a_la_source import announce_caf_inconnues, copy_mesures, list_mois_ouverts
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import MESURES_SERVICES
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import etape, read_execution


@etape
def measure_services() -> dict[str, dict[str, int]]:
    """Compute the measures of the month, and again those of the months still followed; tell which have changed."""
    execution, reglages = read_execution(), load_reglages()
    caf = tuple(load_caf())
    evenement = get_current_context()["outlet_events"][MESURES_SERVICES]
    bilans = {}
    for mois in list_mois_ouverts(execution.mois, reglages):
        with open_base("av_source") as source, open_base("av_entrepot") as entrepot:
            bilan = copy_mesures(source, entrepot, mois, reglages, caf, suivi=mois != execution.mois)
            announce_caf_inconnues(entrepot, mois, bilan)
        bilans[str(mois)] = {"lignes": bilan.lignes, "hors_reference": bilan.hors_reference}
        evenement.add_partitions(str(mois))
    return bilans


@etape
def write_modeles() -> dict[str, int]:
    """Bring the templates of the national folder to the declared measures."""
    from aller_vers.retours.mesures_deposees import write_modeles

    return {"modeles": write_modeles(open_partage(), load_reglages().dossier_mesures)}


@etape
def collect_mesures() -> dict[str, Any]:
    """Take the files of the national folder, each whole or not at all; every other one is handled."""
    from aller_vers.retours.mesures_deposees import take_mesures
    from aller_vers_airflow.reception import collect_files

    maintenant, run_id, depot = datetime.now(UTC), _run_id(), load_reglages().dossier_mesures
    return collect_files(
        [depot],
        ("mesure",),
        lambda e, _, __, tableau: take_mesures(e, tableau, depot, run_id, maintenant),
        maintenant,
    )


@etape
def announce_mesures() -> list[str]:
    """Tell the DAGs that follow which months have changed; nothing is told when none did."""
    from aller_vers.retours.mesures_deposees import list_mois

    with open_base("av_entrepot") as entrepot:
        mois = list(list_mois(entrepot, load_reglages().dossier_mesures, _run_id()))
    if not mois:
        raise AirflowSkipException("Aucun mois n'a changé : rien à annoncer.")
    get_current_context()["outlet_events"][MESURES_SERVICES].add_partitions(mois)
    return mois


@etape
def check_mesures(bilan: Any) -> None:
    """Fail, once everything else is done, if a file could be neither taken nor refused."""
    from aller_vers.retours.fichiers.boite import Bilan

    Bilan(bloques=tuple(bilan["bloques"])).require_all()


def _run_id() -> str:
    return str(get_current_context()["dag_run"].run_id)
