"""Tasks of ``purge``: destroy what has served, prove it, clean Airflow, seal the ledger."""

from __future__ import annotations

from pathlib import Path

from airflow.sdk.configuration import conf

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import find_metadonnees, open_base, open_partage, read_horloge
from aller_vers_airflow.contexte import read_run_id, tache


@tache()
def purge_personnes() -> dict[str, int]:
    """Destroy every lot and month that is due, and certify what is gone."""
    from aller_vers.destruction import purge

    bilan = purge.purge_personnes(
        lambda: open_base("av_entrepot"), open_partage(), load_reglages(), read_horloge(), read_run_id()
    )
    bilan.require_complete()
    return {
        "lots": bilan.lots, "mois": bilan.mois, "sans_suite": bilan.sans_suite,
        "en_attente": len(bilan.en_attente),
    }  # fmt: skip


@tache()
def prove_destruction() -> dict[str, int]:
    """Look again for everything whose destruction is certified."""
    from aller_vers.destruction.preuve import prove_destructions

    with open_base("av_entrepot") as entrepot:
        return prove_destructions(entrepot, open_partage())


@tache()
def purge_fichiers() -> dict[str, int]:
    """Remove received files, refused, taken or in quarantine, backups past their time, and what a cut writing left."""
    from aller_vers.destruction.echeances import limite
    from aller_vers.destruction.fichiers import purge_dossier, purge_partiels, purge_refuses
    from aller_vers.retours.depots import list_depots_cpam
    from aller_vers.retours.fichiers.conservation import purge_traites
    from aller_vers.retours.fichiers.quarantaine import Quarantaine, purge_quarantaine
    from aller_vers.socle.sql import run_sql

    reglages, maintenant, partage = load_reglages(), read_horloge(), open_partage()
    sauvegardes, depots = reglages.dossier_sauvegardes, list_depots_cpam(reglages.dossier_cpam)
    gardes = max(reglages.jours_fichiers_refuses, reglages.jours_fichiers_traites)
    with open_base("av_entrepot") as entrepot:
        run_sql(entrepot, "retours/delete_fichiers_recus.sql", avant=limite(maintenant, gardes))
    return {
        "sauvegardes": purge_dossier(sauvegardes, limite(maintenant, reglages.jours_sauvegardes))
        if sauvegardes
        else 0,
        "refuses": purge_refuses(partage, limite(maintenant, reglages.jours_fichiers_refuses), depots),
        "traites": purge_traites(partage, limite(maintenant, reglages.jours_fichiers_traites), depots),
        "quarantaine": purge_quarantaine(partage, Quarantaine.of(reglages), maintenant),
        # No writing lasts a day.
        "partiels": purge_partiels(partage, limite(maintenant, 1)),
    }


@tache()
def clean_airflow() -> dict[str, int]:
    """Remove Airflow's own runs, XComs, rendered fields and task logs past their time."""
    from aller_vers.destruction.echeances import limite
    from aller_vers.destruction.fichiers import purge_dossier
    from aller_vers_airflow.metadonnees import clean_metadonnees

    avant = limite(read_horloge(), load_reglages().jours_traces_airflow)
    clean_metadonnees(find_metadonnees(), avant)
    return {"journaux": purge_dossier(Path(conf.get("logging", "base_log_folder")), avant)}


@tache()
def seal_trace() -> dict[str, object]:
    """Seal the ledger once a month, after purging of it and of the memory what is past its time; have it dated."""
    from aller_vers.destruction.memoire import forget_transmis
    from aller_vers.suivi.horodatage import timestamp_sceaux
    from aller_vers.suivi.trace import purge_trace, require_intact, seal, verify_jour

    reglages, maintenant = load_reglages(), read_horloge()
    with open_base("av_entrepot") as entrepot:
        require_intact(verify_jour(entrepot, maintenant))
        purges = purge_trace(entrepot, reglages, maintenant)
        purges["memoire"] = forget_transmis(entrepot, reglages, maintenant.date())
        scelle = seal(entrepot, maintenant)
    dates = timestamp_sceaux(lambda: open_base("av_entrepot"), reglages.autorite_horodatage, maintenant)
    return {"scelle": scelle, **purges, **dates}
