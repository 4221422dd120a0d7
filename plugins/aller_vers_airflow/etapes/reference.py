"""The task of ``reference``: what was dropped is in force, or nothing changed."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import tache


@tache()
def apply_reference() -> dict[str, Any]:
    """Put the reference files that were dropped in force, in the name of who asked for it."""
    from aller_vers.socle.reference_deposee import apply_reference as apply

    contexte = get_current_context()
    with open_base("av_entrepot") as entrepot:
        prise = apply(
            entrepot, acteur=contexte["dag_run"].triggering_user_name or "ligne de commande",
            motif=contexte["params"].get("motif") or "", exemples=load_reglages().conventions_exemples,
        )  # fmt: skip
    return {"prise": prise.nom, "deposes": list(prise.deposes), "changes": list(prise.changes)}
