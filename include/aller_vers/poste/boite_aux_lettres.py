"""The mailbox of a demonstration: ``python -m aller_vers.poste.boite_aux_lettres PORT DOSSIER``, on loopback alone.

Whatever is sent to whomever becomes a file that a mail program opens; nothing leaves this machine.
"""

from __future__ import annotations

import asyncio
import re
import sys
from datetime import datetime
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from aller_vers.socle.calendrier import PARIS


class BoiteAuxLettres:
    """Keeps each message in its own file, named after its day, its recipient and its subject."""

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier
        self._rang = count(1 + len(list(dossier.glob("*.eml"))))

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a message; the answer is given once its file is whole."""
        octets = envelope.original_content or b""
        objet = str(message_from_bytes(octets, policy=policy.default)["Subject"] or "")
        destinataire = (envelope.rcpt_tos or ["personne"])[0].partition("@")[0]
        nom = f"{datetime.now(PARIS):%Y-%m-%d} {next(self._rang):04d} {_clean(destinataire)} {_clean(objet)[:80]}"
        temporaire = self.dossier / f".{nom.strip()}"
        temporaire.write_bytes(octets)
        temporaire.replace(self.dossier / f"{nom.strip()}.eml")
        return "250 OK"


async def serve(port: int, dossier: Path) -> None:
    """Take messages until somebody ends this process."""
    dossier.mkdir(mode=0o700, exist_ok=True)
    boite = BoiteAuxLettres(dossier)
    serveur = await asyncio.get_running_loop().create_server(
        lambda: SMTP(boite, hostname="localhost", enable_SMTPUTF8=True), "127.0.0.1", port
    )
    async with serveur:
        await serveur.serve_forever()


def _clean(texte: str) -> str:
    return re.sub(r"[^\w.-]+", " ", texte).strip()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
