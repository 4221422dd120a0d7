"""Tasks of ``marts_indicateurs``: measures, indicators, gate."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import get_current_context

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import INDICATEURS, LOTS, MESURES, RETOURS
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import link_execution, read_execution, tache


@tache()
def measure_depots() -> dict[str, int]:
    """Store the measures that the warehouse itself gives."""
    from aller_vers.mesures.stockage import store_mesures

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        return store_mesures(entrepot, "indicateurs", execution.mois)


@tache(inlets=[LOTS, RETOURS, MESURES], outlets=[INDICATEURS])
def compute_indicateurs() -> dict[str, int]:
    """Compute the month's indicators, have them judged, publish them: wrong ones are never seen.

    So are the months of which a value was waiting for a day that has come since.
    """
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.marts import list_echus
    from aller_vers.indicateurs.porte import GATE, publish_marts, require_marts
    from aller_vers.qualite.bulletin import announce_porte

    execution = read_execution()
    dictionnaire, seuil = load_dictionnaire(), load_reglages().seuil_homogeneite
    with open_base("av_entrepot") as entrepot:
        echus = [m for m in list_echus(entrepot) if m != execution.mois]
    evenement = get_current_context()["outlet_events"][INDICATEURS]
    calcules = 0
    for mois in filter(None, ([execution.mois], echus)):
        with open_base("av_entrepot") as entrepot:
            bilan, jugements = publish_marts(entrepot, mois, execution.run_id, dictionnaire, seuil)
            for juge, jugement in jugements.items():
                announce_porte(entrepot, GATE, juge, jugement, link_execution(), datetime.now(UTC))
        if (
            execution.mois in jugements
        ):  # the others, held, are announced: they do not hold the month of this run
            require_marts(execution.mois, jugements[execution.mois])
        for touche in bilan.mois:
            evenement.add_partitions(touche)
        calcules += bilan.indicateurs
    return {"indicateurs": calcules, "mois": 1 + len(echus)}
