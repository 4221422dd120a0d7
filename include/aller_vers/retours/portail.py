"""The way from a Caf to its Cpam: an interface for the day when a portal has one, and a simulated portal.

BlueFiles and PEPS are used by hand (IT 2025-098 §2.1). What a portal did is an acknowledgement like any other; a
portal that sent nothing gives none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from aller_vers.retours.accuse import Accuse, record_transmission
from aller_vers.retours.relances import Attendue


class Portail(Protocol):
    """A channel by which a lot reaches its Cpam."""

    def send(self, attendue: Attendue) -> Accuse | None:
        """Send one recipient's part of a lot; return what the portal acknowledges, None if nothing left."""


@dataclass
class PortailSimule:
    """A portal that only notes what it was asked: it opens no file, sends nothing, acknowledges nothing."""

    demandes: list[Attendue]

    def send(self, attendue: Attendue) -> Accuse | None:
        """Note the request."""
        self.demandes.append(attendue)
        return None


def send_lots(connexion: Connection, portail: Portail, attendues: Sequence[Attendue]) -> int:
    """Offer what awaits to a portal; return how many it acknowledged, which the ledger then holds."""
    envoyes = 0
    for attendue in attendues:
        accuse = portail.send(attendue)
        if accuse is not None:
            envoyes += record_transmission(connexion, accuse, f"portail {accuse.portail}")
    return envoyes
