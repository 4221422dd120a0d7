"""A wire to a server that is cut after so many bytes: wherever that is, in the middle of a file too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Fil:
    """A relay on 127.0.0.1; ``passes`` counts the bytes that went to the server."""

    def __init__(self, port_serveur: int, coupe_apres: int | None) -> None:
        self.passes = 0
        self._port_serveur = port_serveur
        self._coupe_apres = coupe_apres
        self._prises: list[socket.socket] = []
        self._verrou = threading.Lock()
        self._ecoute = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._ecoute.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Close every connection, and take no other."""
        with self._verrou:
            for prise in (self._ecoute, *self._prises):
                with suppress(OSError):
                    prise.shutdown(socket.SHUT_RDWR)
                prise.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._ecoute.accept()
                serveur = socket.create_connection(("127.0.0.1", self._port_serveur))
            except OSError:
                return
            self._prises += [client, serveur]
            threading.Thread(target=self._relay, args=(client, serveur, True), daemon=True).start()
            threading.Thread(target=self._relay, args=(serveur, client, False), daemon=True).start()

    def _relay(self, source: socket.socket, cible: socket.socket, compte: bool) -> None:
        with suppress(OSError):
            while octets := source.recv(4096):
                if compte:
                    reste = None if self._coupe_apres is None else self._coupe_apres - self.passes
                    self.passes += len(octets)
                    if reste is not None and reste < len(octets):
                        cible.sendall(octets[: max(reste, 0)])
                        return self.cut()
                cible.sendall(octets)
        for prise in (source, cible):
            with suppress(OSError):
                prise.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(port_serveur: int, coupe_apres: int | None = None) -> Iterator[Fil]:
    """Relay to this server until that many bytes went to it, then to nobody."""
    fil = Fil(port_serveur, coupe_apres)
    try:
        yield fil
    finally:
        fil.cut()
