"""What a person types through Airflow's interface: refused before Airflow keeps it, or passed on byte for byte."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from aller_vers_airflow.saisies import REFUS, SaisiesMiddleware

REPONSE = "/api/v2/dags/decisions_lots/dagRuns/lot-2025-06-831/taskInstances/ask_decision/-1/hitlDetails"
MOTIF = "Réponse de la Caf du 2025-07-04 : 12 personnes, accord confirmé."
RECUS: list[bytes] = []


async def keep(requete: Request) -> Response:
    RECUS.append(await requete.body())
    return Response("reçu")


@pytest.fixture
def api() -> TestClient:
    """Give an API that keeps what reaches it, behind the project's check."""
    RECUS.clear()
    application = Starlette(routes=[Route("/{chemin:path}", keep, methods=["GET", "POST", "PATCH"])])
    application.add_middleware(SaisiesMiddleware)
    return TestClient(application)


def answer(saisie: Any) -> dict[str, Any]:
    return {"chosen_options": ["Libérer le lot"], "params_input": saisie}


@pytest.mark.parametrize(
    ("methode", "chemin", "corps"),
    [
        ("PATCH", REPONSE, answer({"motif": "Accord reçu de zoe@example.org"})),
        ("PATCH", REPONSE, answer({"motif": "rappelée au 01 99 00 12 34"})),
        ("PATCH", REPONSE, answer({"motif": "NIR 2 75 06 83 123 456 78"})),
        ("PATCH", REPONSE, answer({"motif": 199001234})),
        ("PATCH", REPONSE, answer({"motif": "accord", "autre": ["zoe@example.org"]})),
        ("PATCH", REPONSE, answer({"zoe@example.org": "accord"})),
        ("PATCH", f"/aller-vers{REPONSE}", answer({"motif": "zoe@example.org"})),
        ("POST", "/api/v2/dags/depots_caf/dagRuns", {"conf": {"motif": "demande de zoe@example.org"}}),
        ("PATCH", "/api/v2/dags/depots_caf/dagRuns/r1", {"note": "voir avec zoe@example.org"}),
        ("POST", "/api/v2/assets/3/materialize", {"note": "voir avec zoe@example.org"}),
        ("POST", "/api/v2/backfills", {"dag_run_conf": {"motif": "demande de zoe@example.org"}}),
    ],
)
def test_a_text_that_names_somebody_goes_no_further_and_is_not_repeated(
    api: TestClient, methode: str, chemin: str, corps: dict[str, Any]
) -> None:
    reponse = api.request(methode, chemin, json=corps)
    assert (reponse.status_code, reponse.json()) == (422, {"detail": REFUS})
    assert RECUS == []


@pytest.mark.parametrize(
    ("methode", "chemin", "corps"),
    [
        ("PATCH", REPONSE, json.dumps(answer({"motif": MOTIF}))),
        ("PATCH", REPONSE, json.dumps(answer({"motif": None}))),
        ("PATCH", REPONSE, "{ce n'est pas du JSON"),
        (
            "POST",
            "/api/v2/dags/depots_caf/dagRuns",
            '{"dag_run_id": "manual__2025-07-01T04:05:00.123456789"}',
        ),
        ("POST", "/api/v2/connections", '{"connection_id": "av_smtp", "login": "equipe@example.org"}'),
        ("POST", "/auth/token", '{"username": "zoe@example.org", "note": "zoe@example.org"}'),
        ("GET", REPONSE, ""),
    ],
)
def test_anything_else_passes_as_it_came(api: TestClient, methode: str, chemin: str, corps: str) -> None:
    reponse = api.request(methode, chemin, content=corps)
    assert (reponse.status_code, reponse.text) == (200, "reçu")
    assert [corps.encode()] == RECUS


def test_a_body_that_comes_in_pieces_is_read_whole(api: TestClient) -> None:
    octets = json.dumps(answer({"motif": "zoe@example.org"})).encode()
    assert api.patch(REPONSE, content=iter([octets[:40], octets[40:]])).status_code == 422
    octets = json.dumps(answer({"motif": MOTIF})).encode()
    assert api.patch(REPONSE, content=iter([octets[:40], octets[40:]])).status_code == 200
    assert [octets] == RECUS


def test_airflow_is_told_of_it() -> None:
    from aller_vers_plugin import AllerVersPlugin

    [declare] = AllerVersPlugin.fastapi_root_middlewares
    assert declare["middleware"] is SaisiesMiddleware
