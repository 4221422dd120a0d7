"""Tasks of ``depots_caf``: which Caf, one lot each, read back, judged, told; the questions on those that are held."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from airflow.sdk import get_current_context

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import DEMANDEURS, LOTS
from aller_vers_airflow.connexions import find_base, find_secret_lot, open_base, open_partage
from aller_vers_airflow.contexte import do_each, link_execution, read_execution, tache


@tache()
def list_lots() -> list[list[str]]:
    """Return the codes of the Caf whose lots this run writes, by task: those it is asked for, else all."""
    from aller_vers.lots.a_deposer import choose_caf
    from aller_vers.socle.donnees_personnelles import check_motif

    execution = read_execution()
    demande = get_current_context()["params"]
    check_motif(demande.get("motif") or "")
    with open_base("av_entrepot") as entrepot:
        codes = choose_caf(entrepot, execution.mois, demande.get("caf") or ())
    if codes:
        open_partage().check()
    taille = load_reglages().caf_par_tache
    return [codes[rang : rang + taille] for rang in range(0, len(codes), taille)]


@tache(map_index_template="{{ libelle }}")
def write_lot(codes: list[str]) -> list[dict[str, Any]]:
    """Bring the share to what core holds for these Caf, each in its own transaction, then read their lots back.

    A new try finds done what was. What was read is recorded apart: the ledger keeps the lot, whatever reading finds.
    The task's index reads « 831 · Var », or « 051 · Hautes-Alpes à 131 · Bouches-du-Rhône ».
    """
    from aller_vers.lots import depot, relecture

    contexte = get_current_context()
    execution, partage = read_execution(), open_partage()
    open_entrepot = find_base("av_entrepot")

    def write(code_caf: str) -> depot.LotDepose:
        with open_entrepot() as entrepot:
            return depot.write_lot(
                entrepot, partage, load_reglages(), execution.mois, code_caf, datetime.now(UTC),
                motif=contexte["params"].get("motif"), trouver_secret=find_secret_lot,
            )  # fmt: skip

    lots = do_each(codes, write)
    with open_entrepot() as entrepot:
        relecture.profile_lots(
            entrepot, partage, execution.mois, execution.run_id, find_secret_lot, codes, do_each
        )
    noms = dict.fromkeys((lots[0].libelle, lots[-1].libelle))
    contexte["libelle"] = " à ".join(noms)  # type: ignore[typeddict-unknown-key]
    return [
        {"code_caf": lot.code_caf, "etat": lot.etat, "version": lot.version, "lignes": lot.lignes}
        for lot in lots
    ]


@tache(trigger_rule="all_done")  # a lot that fails leaves no held one without its question
def list_questions() -> list[dict[str, Any]]:
    """Return one run of ``decisions_lots`` a held lot that nobody has decided on; its name is its verdict's."""
    from aller_vers.qualite.decisions import list_lots_retenus

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        lots = list_lots_retenus(entrepot, execution.mois)
    return [
        {"trigger_run_id": lot.question, "conf": {"mois": lot.mois, "caf": lot.code_caf}}
        for lot in lots
        if lot.attend
    ]


@tache(trigger_rule="none_failed")
def check_lots() -> dict[str, Any]:
    """Judge what was read back of every lot, those that this run did not write read here; refuse a broken one.

    Once judged, a lot may change: cleared alone, this task reads every lot again.
    """
    from aller_vers.lots.a_deposer import drops_lots
    from aller_vers.lots.relecture import GATE, judge_lots, list_non_lues, profile_lots
    from aller_vers.qualite.bulletin import announce_porte

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        if not drops_lots(entrepot, execution.mois):
            return {}
        profile_lots(
            entrepot, open_partage(), execution.mois, execution.run_id, find_secret_lot,
            list_non_lues(entrepot, execution.mois, execution.run_id),
        )  # fmt: skip
    with open_base("av_qualite") as qualite:
        jugement = judge_lots(qualite, execution.mois, execution.run_id)
    with open_base("av_entrepot") as entrepot:
        announce_porte(entrepot, GATE, execution.mois, jugement, link_execution(), datetime.now(UTC))
    jugement.require_caf()
    return {str(decision): n for decision, n in jugement.count().items()}


@tache()
def write_registres(groupes: list[list[str]]) -> int:
    """Put the register sheet of these Caf into their folder, where it changed."""
    from aller_vers.lots import fiche_de_registre

    return fiche_de_registre.write_registres(
        open_partage(), load_reglages(), [code for codes in groupes for code in codes]
    )


@tache(inlets=[DEMANDEURS], outlets=[LOTS])
def announce_depots() -> dict[str, int]:
    """Put the digest of the month into the outbox, and tell the DAGs that follow."""
    from aller_vers.lots.avis import queue_digest

    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        bilan = queue_digest(entrepot, execution.mois)
    evenement = get_current_context()["outlet_events"][LOTS]
    evenement.extra = dict(bilan)
    evenement.add_partitions(str(execution.mois))
    return bilan
