"""Tasks of ``rapports``: the diffusion of a month, the open data set, the reports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import read_execution, tache


@tache()
def publish_diffusion() -> dict[str, Any]:
    """Publish the month under the statistical secret once it is due, and every other one that has become so."""
    from aller_vers.diffusion import publication
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.modele import load_reseau

    execution, reglages, aujourd_hui = read_execution(), load_reglages(), datetime.now(PARIS).date()
    du = publication.is_due(execution.mois, aujourd_hui, reglages.mois_avant_diffusion)
    with open_base("av_entrepot") as entrepot:
        autres = set(publication.list_dus(entrepot, aujourd_hui, reglages.mois_avant_diffusion)) - {
            execution.mois
        }
    dictionnaire, reseau, bilans = load_dictionnaire(), load_reseau(), {}
    for mois in sorted(autres | ({execution.mois} if du else set())):
        with open_base("av_entrepot") as entrepot:
            bilans[mois] = publication.publish_diffusion(
                entrepot, mois, dictionnaire, reseau, reglages.seuil_diffusion
            )
    devenus_dus = {"devenus_dus": [str(m) for m in sorted(autres)]}
    if not du:
        return {"publie": False, "motif": "mois trop récent", **devenus_dus}
    bilan = bilans[execution.mois]
    return {
        "publie": bilan.millesime is not None,
        "cellules": bilan.cellules,
        "part_secret": round(bilan.part_secret, 4),
        "en_attente": bilan.en_attente,
        **devenus_dus,
    }


@tache()
def write_rapports() -> dict[str, int]:
    """Write the reports and the open data set of the month, and of those whose first vintage nobody was given."""
    from aller_vers.diffusion.publication import read_cases
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.rapports.ecriture import export_jeu, list_a_editer, read_sources
    from aller_vers.rapports.ecriture import write_rapports as write

    execution, reglages, partage = read_execution(), load_reglages(), open_partage()
    partage.check()
    national, seuil, dictionnaire = reglages.dossier_national, reglages.seuil_diffusion, load_dictionnaire()
    comptes: dict[str, int] = {}
    with open_base("av_entrepot") as entrepot:
        autres = list_a_editer(entrepot, partage, execution.mois, national)
        for mois in [*autres, execution.mois]:
            cases = read_cases(entrepot, mois)
            sources = read_sources(entrepot, mois, dictionnaire, cases, seuil)
            comptes = write(partage, sources, national, reglages.dossier_cpam)
            # The package comes last: it says that the month's reports stand beside its first vintage.
            comptes["cellules"] = export_jeu(entrepot, partage, sources, national) if cases else 0
    return {**comptes, "autres_mois": len(autres)}
