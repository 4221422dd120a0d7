"""A chat service on loopback: it keeps what is posted to it, and answers what it is told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class ServeurHttp:
    """What was posted, and what is answered instead of 200, used up in order."""

    port: int = 0
    recus: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refus: list[int] = field(default_factory=list)
    renvoi: str = ""

    def salon(self, secret: str) -> str:
        """Return the address of a room of this service, as Apprise writes a Mattermost."""
        return f"mmost://127.0.0.1:{self.port}/{secret}"

    def textes(self, secret: str) -> list[str]:
        """Return what a room was told, oldest first."""
        return [corps["text"] for chemin, corps in self.recus if chemin == f"/hooks/{secret}"]


@contextmanager
def running_http() -> Iterator[ServeurHttp]:
    serveur = ServeurHttp()

    class Reponse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            code = serveur.refus.pop(0) if serveur.refus else 200
            if code == 200:
                serveur.recus.append((self.path, json.loads(corps)))
            self.send_response(code)
            if serveur.renvoi and code in (301, 307):
                self.send_header("Location", serveur.renvoi)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Reponse) as ecoute:
        serveur.port = ecoute.server_address[1]
        fil = threading.Thread(target=ecoute.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        fil.start()
        try:
            yield serveur
        finally:
            ecoute.shutdown()
            fil.join()
