"""What a person writes through Airflow's own interface: a reason that names somebody is refused before it is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aller_vers.socle.donnees_personnelles import tells_of_somebody

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CHEMIN = re.compile(
    "/api/v[0-9]+/"
)  # all of it: a run is asked for by its DAG, by its asset or by a backfill
REFUS = (
    "Ce texte ressemble à une donnée personnelle (courriel, téléphone, NIR, nom, adresse) : rien n'est gardé ni fait. "
    "Remède : le récrire sans ce qui désigne quelqu'un."
)
_LIBRES = {"motif", "note", "params_input"}  # free text, in Airflow's requests and in this project's forms


class SaisiesMiddleware:
    """Answers 422, in French, to a request whose reason or note looks like somebody's data.

    Airflow keeps each request in its log, and each answer in its tables, before any task reads it: the form's own
    check does not bind who speaks to the API.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through as it came, unless it is refused."""
        if (
            scope["type"] != "http"
            or scope["method"] not in ("PATCH", "POST")
            or not _CHEMIN.search(scope["path"])
        ):
            await self.app(scope, receive, send)
            return
        messages = [message async for message in _read(receive)]
        if any(map(tells_of_somebody, list_saisies(b"".join(m.get("body", b"") for m in messages)))):
            from starlette.responses import JSONResponse

            await JSONResponse({"detail": REFUS}, status_code=422)(scope, receive, send)
            return

        async def replay() -> Message:
            return messages.pop(0) if messages else await receive()

        await self.app(scope, replay, send)


def list_saisies(corps: bytes) -> list[str]:
    """Return what a person wrote freely in a request's body; nothing when it is no JSON, which Airflow refuses."""
    try:
        return list(_find_saisies(json.loads(corps), libre=False))
    except ValueError:
        return []


def _find_saisies(valeur: Any, *, libre: bool) -> Iterator[str]:
    if isinstance(valeur, dict):
        for cle, contenu in valeur.items():
            if libre:
                yield cle
            yield from _find_saisies(contenu, libre=libre or cle in _LIBRES)
    elif isinstance(valeur, list):
        for contenu in valeur:
            yield from _find_saisies(contenu, libre=libre)
    elif libre and valeur is not None:
        yield str(valeur)


async def _read(receive: Receive) -> Any:
    while True:
        message = await receive()
        yield message
        if message["type"] != "http.request" or not message.get("more_body", False):
            return
