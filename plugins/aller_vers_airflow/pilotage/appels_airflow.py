"""What the page asks of Airflow, by its own interface and in the name of the person: their rights decide."""

from __future__ import annotations

import logging
from typing import Any

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.configuration import conf
from fastapi import Request

_journal = logging.getLogger(__name__)


def trigger_depot(request: Request, mois: str, code_caf: str, motif: str) -> bool:
    """Start ``depots_caf`` for one Caf; False when Airflow refused or did not answer."""
    return _call(
        request, "POST", "/dags/depots_caf/dagRuns",
        {"logical_date": None, "conf": {"mois": mois, "caf": [code_caf], "motif": motif}},
    )  # fmt: skip


def close_question(request: Request, question: str) -> bool:
    """End the run in which Airflow asks what was just decided here: nobody is asked twice."""
    return _call(
        request, "PATCH", f"/dags/decisions_lots/dagRuns/{question}", {"state": "success"}, absent=True
    )


def find_adresse() -> str:
    """Return where Airflow's processes reach its interface: workers use the same."""
    interne = conf.get("core", "execution_api_server_url", fallback="") or conf.get("api", "base_url")
    return interne.rstrip("/").removesuffix("/execution")


def _call(
    request: Request, methode: str, chemin: str, corps: dict[str, Any], *, absent: bool = False
) -> bool:
    jeton = request.cookies.get(COOKIE_NAME_JWT_TOKEN) or request.headers.get("authorization", "")[7:]
    try:
        reponse = httpx.request(
            methode, f"{find_adresse()}/api/v2{chemin}", json=corps, timeout=20, trust_env=False,
            headers={"Authorization": f"Bearer {jeton}"},
        )  # fmt: skip
    except httpx.HTTPError as erreur:
        _journal.error(
            "Pilotage : Airflow ne répond pas (%s, %s)", type(erreur).__name__, chemin.split("/")[2]
        )
        return False
    if reponse.is_error and not (absent and reponse.status_code == 404):
        _journal.error("Pilotage : Airflow refuse (%s, %s)", reponse.status_code, chemin.split("/")[2])
    return reponse.is_success
