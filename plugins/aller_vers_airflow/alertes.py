"""What Airflow calls when a run fails, succeeds or is late: one notice in the outbox, for the national team.

These functions run outside of any task: in the dag-processor, or for a deadline in the executor. What goes
wrong in them is logged there and raised, so that Airflow counts it; it never reaches the month's own run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from airflow.sdk import DeadlineAlert, DeadlineReference, SyncCallback  # type: ignore[attr-defined]

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.contexte import build_lien

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from aller_vers.suivi.alertes import Incident

_journal = logging.getLogger(__name__)


def announce_echec(context: Mapping[str, Any]) -> None:
    """Tell that a run failed (``on_failure_callback`` of a DAG)."""
    from aller_vers.suivi import alertes

    _announce(context, alertes.announce_echec)


def announce_retour(context: Mapping[str, Any]) -> None:
    """Tell that a month whose failure was told has succeeded (``on_success_callback`` of a DAG)."""
    from aller_vers.suivi import alertes

    _announce(context, alertes.announce_retour)


def announce_retard(context: Mapping[str, Any]) -> None:
    """Tell that a month is late (deadline); a backfill never is."""
    from aller_vers.suivi import alertes

    if context["dag_run"]["run_type"] != "backfill":
        heures = load_reglages().heures_alerte_retard
        _announce(
            context,
            lambda entrepot, incident, maintenant: alertes.announce_retard(
                entrepot, incident, heures, maintenant
            ),
        )


# The run, not each of its tasks: a hundred lots that fail are one notice.
ALERTES: dict[str, Any] = {"on_failure_callback": announce_echec, "on_success_callback": announce_retour}


def build_retard() -> DeadlineAlert:
    """Return the deadline of a month, counted from when its run was queued."""
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(hours=load_reglages().heures_alerte_retard),
        callback=SyncCallback(announce_retard),
        name="mois_en_retard",
    )


def read_incident(context: Mapping[str, Any]) -> Incident:
    """Return what a callback's context is about; Airflow gives objects, texts, or next to nothing."""
    from aller_vers.suivi.alertes import Incident

    run = context.get("dag_run")
    dag = getattr(context.get("dag"), "dag_id", None) or _get(run, "dag_id")
    run_id = str(context.get("run_id") or _get(run, "run_id") or _get(run, "dag_run_id"))
    demande = _get(run, "conf") or {}
    mois, caf = _get(run, "partition_key") or demande.get("mois"), demande.get("caf")
    debut = _get(run, "start_date") or _get(run, "queued_at")
    return Incident(
        dag=str(dag),
        run_id=run_id,
        mois=str(mois or "sans-mois")[:20],
        tache=str(getattr(context.get("task_instance"), "task_id", "")),
        depuis=datetime.fromisoformat(debut) if isinstance(debut, str) else debut,
        lien=build_lien(str(dag), run_id),
        code_caf=caf if isinstance(caf, str) else "",
    )


def _announce(context: Mapping[str, Any], announce: Callable[[Connection, Incident, datetime], bool]) -> None:
    from aller_vers_airflow.connexions import open_base

    try:
        incident = read_incident(context)
        with open_base("av_entrepot") as entrepot:
            announce(entrepot, incident, datetime.now(UTC))
    except Exception as erreur:
        texte = str(erreur) if isinstance(erreur, ErreurAllerVers) else type(erreur).__name__
        _journal.error("L'avis n'a pas pu être mis dans la boîte d'envoi : %s", texte)
        raise


def _get(run: Any, nom: str) -> Any:
    return run.get(nom) if isinstance(run, Mapping) else getattr(run, nom, None)
