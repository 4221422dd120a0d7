"""The question put to the national team on a held lot: Airflow's own approval, whose answer goes to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.donnees_personnelles import LONGUEUR_MAXIMALE, check_motif
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.suivi.acteurs import DAGS
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import etape

if TYPE_CHECKING:
    from aller_vers.qualite.decisions import LotRetenu

LIBERER, GARDER = "Libérer le lot", "Garder le lot retenu"


class DecisionOperator(HITLBranchOperator):
    """Asks, waits without holding anything, records the answer, and follows the branch of its option.

    The reason goes to the ledger and nowhere else: no XCom holds it. One that cannot be kept fails this try
    without being repeated; the next one asks again.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(options=[LIBERER, GARDER], defaults=GARDER, multiple=False, **arguments)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Record the decision, then go on with the task of the option that was chosen."""
        if "error" not in event:
            question = context["ti"].xcom_pull(task_ids="read_lot")
            motif = read_motif(event.get("params_input") or {}, question["code_caf"])
            personne = event.get("responded_by_user") or {}
            record_decision(
                question,
                liberer=LIBERER in event["chosen_options"],
                acteur=str(personne.get("name") or personne.get("id") or ""),
                motif=motif,
            )
        return super().execute_complete(context, event)


def read_motif(saisie: Mapping[str, Any], code_caf: str) -> str:
    """Return the reason of a form.

    Raises:
        ErreurAllerVers: it cannot be kept; it is not repeated, and the question is asked again.
    """
    try:
        return check_motif(str(saisie.get("motif") or ""))
    except ErreurAllerVers:
        raise ErreurAllerVers(
            f"Le motif donné pour le lot de la Caf {code_caf} est trop long, ou ressemble à une donnée personnelle "
            "(courriel, téléphone, NIR, nom, adresse) : la réponse n'est pas retenue.",
            f"répondre de nouveau, sans ce qui désigne quelqu'un, en {LONGUEUR_MAXIMALE} caractères au plus ; la "
            "question est posée de nouveau dans quelques instants.",
            passagere=True,
        ) from None


@etape
def record_decision(question: Mapping[str, Any], *, liberer: bool, acteur: str, motif: str) -> None:
    """Write the answer into the ledger; without anybody's (time-out), tell the team that the lot stays held."""
    from aller_vers.qualite.decisions import DecisionRefuseeError, list_lots_retenus, record_decision

    lot = replace(
        find_lot_retenu(Mois.parse(question["mois"]), question["code_caf"]), regles=question["regles"]
    )
    with open_base("av_entrepot") as entrepot:
        if not acteur:
            if lot.attend:
                _announce_silence(entrepot, lot)
            return
        try:
            record_decision(entrepot, lot, "libere" if liberer else "garde", acteur, motif)
        except DecisionRefuseeError:
            raise
        except ErreurAllerVers as refus:  # of the reason: the question is asked again
            raise ErreurAllerVers(refus.constat, refus.remede, passagere=True) from None
        [dit, *_] = list_lots_retenus(entrepot, Mois.parse(lot.mois), lot.code_caf) or [lot]
    if dit.decision == "propose":
        raise ErreurAllerVers(
            f"La libération du lot {lot.mois} de la Caf {lot.libelle} est proposée : il compte beaucoup de personnes.",
            "une seconde personne répond à la question, posée de nouveau dans quelques instants.",
            passagere=True,
        )


def _announce_silence(entrepot: Any, lot: LotRetenu) -> None:
    from aller_vers.suivi.avis import EQUIPE, queue_avis

    queue_avis(
        entrepot,
        cle=f"silence/{lot.question}",
        destinataire=EQUIPE,
        objet=f"Proches aidants : lot {lot.mois} de la Caf {lot.libelle}, sans décision",
        corps=f"Personne n'a répondu dans le délai : le lot de la Caf {lot.libelle} reste retenu. "
        f"{' ; '.join(lot.constats)}. Pour en décider : lancer « {DAGS['decisions_lots']} » avec ce mois et cette Caf.",
    )


def find_lot_retenu(mois: Mois, code_caf: str) -> LotRetenu:
    """Return this held lot.

    Raises:
        AirflowSkipException: it is not held, or no longer.
    """
    from aller_vers.qualite.decisions import list_lots_retenus

    with open_base("av_entrepot") as entrepot:
        lots = list_lots_retenus(entrepot, mois, code_caf)
    if not lots:
        raise AirflowSkipException(f"Le lot {mois} de la Caf {code_caf} n'est pas retenu, ou ne l'est plus.")
    return lots[0]
