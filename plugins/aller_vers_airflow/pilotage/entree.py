"""What Airflow mounts: an application that is imported by the first request, so that no other process pays for it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

PREFIXE = "/pilotage"
Portee = MutableMapping[str, Any]
Echange = Callable[..., Awaitable[Any]]


class Pilotage:
    """An ASGI application."""

    async def __call__(self, scope: Portee, receive: Echange, send: Echange) -> None:
        """Serve one request."""
        await _load()(scope, receive, send)


@cache
def _load() -> Callable[..., Awaitable[None]]:
    from aller_vers_airflow.pilotage.application import create_application

    return create_application()
