"""Tasks of ``rapports``: the diffusion of a month, the open data set, the reports."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import INDICATEURS, RAPPORTS
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import read_execution, tache


@tache()
def publish_diffusion() -> dict[str, Any]:
    """Publish what is final and due, rounded; what was published and has changed is corrected, at its date."""
    from aller_vers.diffusion import publication
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.modele import load_reseau

    reglages = load_reglages()
    arrondi, dictionnaire, reseau = publication.load_arrondi(reglages), load_dictionnaire(), load_reseau()
    dernier_du = publication.find_dernier_du(datetime.now(PARIS).date(), reglages.mois_avant_diffusion)
    with open_base("av_entrepot") as entrepot:
        bilan = publication.publish_diffusion(entrepot, dictionnaire, reseau, arrondi, dernier_du)
    return {**asdict(bilan), "mois": [str(m) for m in bilan.mois]}


@tache(inlets=[INDICATEURS], outlets=[RAPPORTS])
def write_rapports() -> dict[str, int]:
    """Write the reports and the open data set of the month, and of those of which more or else is published."""
    from aller_vers.diffusion.publication import read_cases
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.rapports.ecriture import export_jeu, list_a_editer
    from aller_vers.rapports.ecriture import write_rapports as write
    from aller_vers.rapports.sources import read_sources

    execution, reglages, partage = read_execution(), load_reglages(), open_partage()
    partage.check()
    national, dictionnaire = reglages.dossier_national, load_dictionnaire()
    comptes: dict[str, int] = {}
    with open_base("av_entrepot") as entrepot:
        autres = list_a_editer(entrepot, partage, execution.mois, national)
        for mois in [*autres, execution.mois]:
            cases = read_cases(entrepot, mois, mois)
            sources = read_sources(entrepot, mois, dictionnaire, cases, reglages)
            comptes = write(partage, sources, national, reglages.dossier_cpam)
            # The package comes last: it says that the month's reports stand beside what is published.
            comptes["cellules"] = export_jeu(entrepot, partage, sources, national) if cases else 0
    return {**comptes, "autres_mois": len(autres)}
