"""Rooms where the national team reads its alerts (Tchap, Mattermost, Teams...): any target that Apprise knows."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from aller_vers.suivi.messagerie import EchecEnvoiError, Message

_DELAI = 20.0


class Salons:
    """Rooms by name; the address of a room is a secret: nothing ever repeats it."""

    def __init__(self, cibles: Mapping[str, str]) -> None:
        self._cibles = dict(cibles)

    def send(self, message: Message) -> None:
        """Give the message to the room that it is for, and return once it has accepted it.

        Raises:
            EchecEnvoiError: the room did not take it, or its address is none.
        """
        # Loaded here alone: it brings every service that it knows.
        from apprise import Apprise, AppriseAsset, NotifyFormat, OverflowMode

        _silence()
        reglages = AppriseAsset(  # its redirections could lead elsewhere than where was said
            storage_mode="memory", secure_logging=True, http_redirects=False, service_timeout=_DELAI
        )
        try:
            salon = Apprise.instantiate(self._cibles[message.adresses[0]], asset=reglages)
        except Exception:  # noqa: BLE001 - its text may quote the address
            salon = None
        if salon is None:
            raise EchecEnvoiError("salon_invalide", arret=True)
        if salon.overflow_mode == OverflowMode.UPSTREAM:
            salon.overflow_mode = OverflowMode.SPLIT  # a long digest leaves whole
        try:
            pris = bool(
                Apprise(services=[salon], asset=reglages).notify(
                    title=message.objet, body=message.corps, body_format=NotifyFormat.TEXT
                )
            )
        except Exception:  # noqa: BLE001 - its text may quote the address
            pris = False
        if not pris:
            raise EchecEnvoiError("salon_refuse", arret=True)


def _silence() -> None:
    """Keep what libraries say of a request out of the logs: it may hold the address, and that is a secret."""
    for nom in ("apprise", "urllib3", "requests"):
        logging.getLogger(nom).disabled = True
    for nom in list(logging.root.manager.loggerDict):
        if nom.startswith(("apprise.", "urllib3.")):
            logging.getLogger(nom).disabled = True
