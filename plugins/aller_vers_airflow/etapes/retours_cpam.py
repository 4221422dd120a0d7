"""Tasks of ``retours_cpam``: the returns that came, judged and measured; the templates of those awaited."""

from __future__ import annotations

from collections import Counter
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import LOTS, RETOURS
from aller_vers_airflow.connexions import open_base, open_partage, read_horloge
from aller_vers_airflow.contexte import link_execution, read_run_id, tache
from aller_vers_airflow.etapes.fichiers_recus import collect_files

_MOIS_DE_MODELES = 6


@tache()
def read_retours() -> dict[str, Any]:
    """Take the returns of every Caf and Cpam; every other file that can be handled is."""
    from aller_vers.retours.depots import list_depots_cpam
    from aller_vers.retours.fichiers.formes import DES_CPAM
    from aller_vers.retours.recus import take_retours

    maintenant = read_horloge()
    return collect_files(
        [*sorted(load_caf()), *list_depots_cpam(load_reglages().dossier_cpam)],
        DES_CPAM,
        lambda e, caf, forme, tableau: take_retours(e, caf, forme, tableau, maintenant),
        maintenant,
    )


@tache()
def judge_retours() -> dict[str, int]:
    """Count the rules over what is to be judged, then let Great Expectations judge the counts."""
    from aller_vers.retours import bulletin, jugement

    run_id = read_run_id()
    with open_base("av_entrepot") as entrepot:
        jugement.profile_retours(entrepot, run_id)
    with open_base("av_qualite") as qualite:
        retours = jugement.judge_retours(qualite, run_id)
    maintenant = read_horloge()
    with open_base("av_entrepot") as entrepot:
        jugement.save_decisions(entrepot, run_id, retours.decisions)
        bulletin.announce_retours(entrepot, retours, link_execution(), maintenant)
    return dict(Counter(str(decision) for decision in retours.decisions.values()))


@tache()
def publish_retours() -> dict[str, int]:
    """Give each return its verdict, tell the ledger, measure the months that changed."""
    from aller_vers.retours import publication

    with open_base("av_entrepot") as entrepot:
        bilan = publication.publish_retours(entrepot, read_run_id(), load_reglages())
    return {
        "juges": bilan.juges,
        "inscrits": bilan.inscrits,
        "avis": bilan.avis,
        "mois": len(bilan.mois),
    }


@tache()
def write_modeles() -> dict[str, int]:
    """Bring the templates of every Caf to what is still awaited."""
    from aller_vers.retours import modeles

    jour = read_horloge().astimezone(PARIS).date()
    with open_base("av_entrepot") as entrepot:
        attendus = modeles.list_attendus(entrepot, Mois.of(jour).shift(-_MOIS_DE_MODELES))
    return {"modeles": modeles.write_modeles(open_partage(), attendus, jour, load_reglages())}


@tache(inlets=[LOTS], outlets=[RETOURS])
def announce_retours() -> list[str]:
    """Tell the DAGs that follow which months changed; nothing is told when none did."""
    from aller_vers.retours.publication import list_mois

    with open_base("av_entrepot") as entrepot:
        mois = list_mois(entrepot, read_run_id())
    if not mois:
        raise AirflowSkipException("Aucun mois n'a changé : rien à annoncer.")
    evenement = get_current_context()["outlet_events"][RETOURS]
    for cle in mois:
        evenement.add_partitions(cle)
    return list(mois)
