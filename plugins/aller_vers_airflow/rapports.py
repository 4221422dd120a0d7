"""Steps of ``rapports``: the diffusion of a month, the open data set, the reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aller_vers.calendrier import PARIS
from aller_vers.reglages import load_reglages
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import etape, read_execution


@etape
def publish() -> dict[str, Any]:
    """Publish the month under the statistical secret, once its returns have had time to come in."""
    from aller_vers.diffusion import is_due, publish_diffusion
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.modele import load_reseau

    execution, reglages = read_execution(), load_reglages()
    if not is_due(execution.mois, datetime.now(PARIS).date(), reglages.mois_avant_diffusion):
        return {"publie": False, "motif": "mois trop récent"}
    with open_base("av_entrepot") as entrepot:
        bilan = publish_diffusion(
            entrepot, execution.mois, load_dictionnaire(), load_reseau(), reglages.seuil_diffusion
        )
    return {
        "publie": bilan.millesime is not None,
        "cellules": bilan.cellules,
        "part_secret": round(bilan.part_secret, 4),
        "en_attente": bilan.en_attente,
    }


@etape
def write() -> dict[str, int]:
    """Write the reports of the nation, of each Caf and of each Cpam, and the open data set, onto the share."""
    from aller_vers.diffusion import read_cases
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.rapports.edition import export_jeu, read_sources, write_rapports

    execution, reglages, partage = read_execution(), load_reglages(), open_partage()
    partage.check()
    with open_base("av_entrepot") as entrepot:
        cases = read_cases(entrepot, execution.mois)
        sources = read_sources(entrepot, execution.mois, load_dictionnaire(), cases, reglages.seuil_diffusion)
        cellules = export_jeu(entrepot, partage, sources, reglages.dossier_national, cases) if cases else 0
    return {**write_rapports(partage, sources, reglages.dossier_national), "cellules": cellules}
