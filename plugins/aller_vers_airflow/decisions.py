"""Steps of ``decisions_lots``, and the questions that ``depots_caf`` asks it to put."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.qualite.decisions import DecisionRefuseeError, LotRetenu, decide, list_lots_retenus
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import etape, read_execution


@etape
def list_questions() -> list[dict[str, Any]]:
    """Return one run of ``decisions_lots`` a held lot that nobody has decided on; its name is its verdict's."""
    execution = read_execution()
    with open_base("av_entrepot") as entrepot:
        lots = list_lots_retenus(entrepot, execution.mois)
    return [
        {"trigger_run_id": lot.question, "conf": {"mois": lot.mois, "caf": lot.code_caf}}
        for lot in lots
        if lot.decision is None
    ]


@etape
def read_lot() -> dict[str, Any]:
    """Return the question on this run's lot: what the person reads, and the verdict that it is about.

    Raises:
        AirflowSkipException: the lot is not held, or is released already.
    """
    parametres = get_current_context()["params"]
    mois, code_caf = Mois.parse(str(parametres["mois"])), str(parametres["caf"])
    lot = _find(str(mois), code_caf)
    if lot.decision == "libere":
        raise AirflowSkipException(f"Le lot {mois} de la Caf {lot.libelle} est déjà libéré.")
    constats = "\n".join(f"- {constat}" for constat in lot.constats)
    return {
        "mois": lot.mois,
        "code_caf": lot.code_caf,
        "regles": dict(lot.regles),
        "objet": f"Caf {lot.libelle}, {mois.libelle} : déposer le lot retenu ?",
        "texte": f"La porte de la requête retient ce lot :\n\n{constats}\n\n"
        "**Libérer** : le lot de cette seule Caf est déposé, avec ces règles en avertissement et le motif dans son "
        "manifeste. **Garder** : rien n'est déposé. Sans réponse dans le délai, le lot reste retenu.\n\n"
        "Le motif entre au registre : aucun nom, courriel ni numéro de personne.",
    }


@etape
def record(question: Mapping[str, Any], *, liberer: bool, acteur: str, motif: str) -> None:
    """Write the answer into the ledger; without anybody's (time-out), tell the team that the lot stays held."""
    lot = replace(_find(question["mois"], question["code_caf"]), regles=question["regles"])
    with open_base("av_entrepot") as entrepot:
        if not acteur:
            _announce_silence(entrepot, lot)
            return
        try:
            decide(entrepot, lot, "libere" if liberer else "garde", acteur, motif)
        except DecisionRefuseeError:
            raise
        except ErreurAllerVers as refus:  # of the reason: the question is asked again
            raise ErreurAllerVers(refus.constat, refus.remede, passagere=True) from None


def _announce_silence(entrepot: Any, lot: LotRetenu) -> None:
    from aller_vers.suivi.avis import EQUIPE, queue_avis

    queue_avis(
        entrepot,
        cle=f"silence/{lot.question}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : lot {lot.mois} de la Caf {lot.libelle}, sans décision",
        corps=f"Personne n'a répondu dans le délai : le lot de la Caf {lot.libelle} reste retenu. "
        f"{' ; '.join(lot.constats)}. Pour en décider : lancer decisions_lots avec ce mois et cette Caf.",
    )


def _find(mois: str, code_caf: str) -> LotRetenu:
    with open_base("av_entrepot") as entrepot:
        lots = list_lots_retenus(entrepot, Mois.parse(mois), code_caf)
    if not lots:
        raise AirflowSkipException(f"Le lot {mois} de la Caf {code_caf} n'est pas retenu, ou ne l'est plus.")
    return lots[0]
