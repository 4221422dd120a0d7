"""Steps of ``marts_indicateurs``: measures, indicators, reconciliation."""

from __future__ import annotations

from airflow.sdk import get_current_context

from aller_vers.indicateurs import check_marts, compute_indicateurs, load_dictionnaire
from aller_vers.mesures import store_mesures
from aller_vers_airflow.actifs import MARTS_INDICATEURS
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import etape, read_execution


@etape
def measure() -> dict[str, int]:
    """Store the measures that the ledger gives."""
    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        return store_mesures(entrepot, "marts_indicateurs", str(execution.mois))


@etape
def compute() -> dict[str, int]:
    """Compute the month's indicators and reconcile them, in one transaction: wrong ones are never seen."""
    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        nombre = compute_indicateurs(entrepot, execution.mois, load_dictionnaire())
        check_marts(entrepot, execution.mois)
    get_current_context()["outlet_events"][MARTS_INDICATEURS].add_partitions(str(execution.mois))
    return {"indicateurs": nombre}
