"""The question put to the national team on a held lot: Airflow's own approval, whose answer goes to the ledger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from airflow.providers.standard.operators.hitl import HITLBranchOperator

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers_airflow.parametres import MOTIF_ADMIS, MOTIF_MAXIMAL

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
        from aller_vers_airflow.decisions import record

        if "error" not in event:
            motif = read_motif(event.get("params_input") or {})
            personne = event.get("responded_by_user") or {}
            record(
                context["ti"].xcom_pull(task_ids="read_lot"),
                liberer=LIBERER in event["chosen_options"],
                acteur=str(personne.get("name") or personne.get("id") or ""),
                motif=motif,
            )
        return super().execute_complete(context, event)


def read_motif(saisie: Mapping[str, Any]) -> str:
    """Return the reason of a form.

    Raises:
        ErreurAllerVers: it cannot be kept; it is not repeated, and the question is asked again.
    """
    motif = str(saisie.get("motif") or "").strip()
    if len(motif) > MOTIF_MAXIMAL or not re.fullmatch(MOTIF_ADMIS, motif):
        raise ErreurAllerVers(
            "Le motif est trop long, ou ressemble à une donnée personnelle (courriel, téléphone ou NIR) : "
            "la réponse n'est pas retenue.",
            f"répondre de nouveau, sans courriel ni numéro, en {MOTIF_MAXIMAL} caractères au plus ; la question "
            "est posée de nouveau dans quelques instants.",
            passagere=True,
        )
    return motif
