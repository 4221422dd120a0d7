"""Asking Airflow for the drop of one Caf, by its own interface and in the name of the person: their rights decide."""

from __future__ import annotations

import logging

import httpx
from airflow.api_fastapi.auth.managers.base_auth_manager import COOKIE_NAME_JWT_TOKEN
from airflow.configuration import conf
from fastapi import Request

_journal = logging.getLogger(__name__)


def trigger_depot(request: Request, mois: str, code_caf: str, motif: str) -> bool:
    """Start ``depots_caf`` for one Caf; False when Airflow refused or did not answer."""
    jeton = request.cookies.get(COOKIE_NAME_JWT_TOKEN) or request.headers.get("authorization", "")[7:]
    try:
        reponse = httpx.post(
            f"{find_adresse()}/api/v2/dags/depots_caf/dagRuns",
            json={"logical_date": None, "conf": {"mois": mois, "caf": [code_caf], "motif": motif}},
            headers={"Authorization": f"Bearer {jeton}"},
            timeout=20,
            trust_env=False,
        )
    except httpx.HTTPError as erreur:
        _journal.error("Pilotage : depots_caf n'a pas pu être lancé (%s)", type(erreur).__name__)
        return False
    if reponse.is_error:
        _journal.error("Pilotage : depots_caf n'a pas pu être lancé (réponse %s)", reponse.status_code)
    return reponse.is_success


def find_adresse() -> str:
    """Return where Airflow's processes reach its interface: workers use the same."""
    interne = conf.get("core", "execution_api_server_url", fallback="") or conf.get("api", "base_url")
    return interne.rstrip("/").removesuffix("/execution")
