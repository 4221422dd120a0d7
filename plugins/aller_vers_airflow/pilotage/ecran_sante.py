"""« Santé »: whether what a month needs is well, as this page and its reader may see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from airflow.api.common.airflow_health import get_airflow_health
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.common.db.common import SessionDep
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.models import DagModel, DagTag
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.state import TaskInstanceState
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy import exists, func, select

from aller_vers.pilotage.sante import load_sante
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
_COMPOSANTS = {
    "metadatabase": "Base d'Airflow", "scheduler": "Ordonnanceur", "dag_processor": "Lecture des DAG",
    "triggerer": "Triggerer",
}  # fmt: skip


@dataclass(frozen=True)
class Composant:
    """A part of Airflow; ``bon`` None: there is none here."""

    nom: str
    bon: bool | None
    vu_le: datetime | None


@dataclass(frozen=True)
class Dernier:
    """A DAG and its last run; ``etat``: Airflow's, or that of its task that waits for a person; None: it never ran."""

    dag: str
    en_pause: bool
    etat: str | None
    run_id: str | None
    mois: str | None
    commence_le: datetime | None
    fini_le: datetime | None


@routes.get("/sante")
def show_sante(
    request: Request,
    lecteur: LecteurDep,
    utilisateur: GetUserDep,
    pilotage: PilotageDep,
    session: SessionDep,
    choix: MoisDep,
) -> Response:
    """Show Airflow's parts, the last run of each DAG that the reader may see, the outbox and the purge."""
    permis = get_auth_manager().get_authorized_dag_ids(user=utilisateur, session=session)
    vue = load_sante(pilotage, datetime.now(PARIS).date(), load_reglages())
    return render(
        request, "sante.html", lecteur, choix=choix, onglet="sante", vue=vue,
        composants=read_composants(get_airflow_health()),
        derniers=[d for d in load_derniers(session) if d.dag in permis],
    )  # fmt: skip


def read_composants(sante: Mapping[str, Any]) -> list[Composant]:
    """Return what Airflow says of its own parts."""
    composants = []
    for code, nom in _COMPOSANTS.items():
        lu = sante.get(code) or {}
        vu = next((v for cle, v in lu.items() if cle.startswith("latest_") and v), None)
        statut = lu.get("status")
        composants.append(
            Composant(
                nom,
                None if statut is None else statut == "healthy",
                datetime.fromisoformat(vu) if vu else None,
            )
        )
    return composants


def load_derniers(session: Any) -> list[Dernier]:
    """Return the project's DAGs with their last run, those that failed first."""
    rang = func.row_number().over(partition_by=DagRun.dag_id, order_by=DagRun.run_after.desc())
    derniers = select(
        DagRun.dag_id, DagRun.state, DagRun.run_id, DagRun.partition_key, DagRun.start_date, DagRun.end_date,
        DagRun.conf,
        rang.label("rang"),
    ).subquery()  # fmt: skip
    # Of the last runs alone: Airflow keeps thousands.
    attend = exists().where(
        TaskInstance.dag_id == derniers.c.dag_id, TaskInstance.run_id == derniers.c.run_id,
        TaskInstance.state == TaskInstanceState.AWAITING_INPUT,
    )  # fmt: skip
    lignes = session.execute(
        select(DagModel.dag_id, DagModel.is_paused, derniers, attend.label("attend"))
        .join(DagTag, (DagTag.dag_id == DagModel.dag_id) & (DagTag.name == "aller-vers"))
        .outerjoin(derniers, (derniers.c.dag_id == DagModel.dag_id) & (derniers.c.rang == 1))
        .where(~DagModel.is_stale)
        .order_by(DagModel.dag_id)
    )
    lus = [
        Dernier(
            li[0], li.is_paused, TaskInstanceState.AWAITING_INPUT.value if li.attend else li.state, li.run_id,
            li.partition_key or (li.conf or {}).get("mois"),
            li.start_date, li.end_date,
        )
        for li in lignes
    ]  # fmt: skip
    return sorted(lus, key=lambda d: d.etat != "failed")
