"""What a lot holds: its rows, who they are for, and the keyed identity of that content."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from aller_vers.sql import run_sql

A_REPARTIR = "a_repartir"


class Ligne(NamedTuple):
    """One person as a Caf and a Cpam see them; an empty text is an unknown value."""

    courriel: str
    telephone: str
    code_postal: str


COLONNES = Ligne._fields


@dataclass(frozen=True)
class Contenu:
    """The content of one Caf's lot of a month.

    ``par_destinataire`` maps a recipient (a Cpam's code, ``a_repartir``, or None: one file for the Caf to send)
    to its rows, sorted. Values never show in ``repr``.
    """

    par_destinataire: dict[str | None, tuple[Ligne, ...]] = field(repr=False)

    @property
    def lignes(self) -> int:
        """Number of people."""
        return sum(len(lignes) for lignes in self.par_destinataire.values())

    def compute_identite(self, cle: bytes) -> str:
        """Return the HMAC-SHA256 of the canonical rows: equal for equal content, and tells nothing without the key."""
        canonique = [
            [destinataire or "", *ligne]
            for destinataire, lignes in sorted(
                self.par_destinataire.items(), key=lambda paire: paire[0] or ""
            )
            for ligne in lignes
        ]
        texte = json.dumps([sorted(d or "" for d in self.par_destinataire), canonique], ensure_ascii=False)
        return hmac.new(cle, texte.encode(), hashlib.sha256).hexdigest()


def load_contenu(entrepot: Connection, mois: str, code_caf: str) -> Contenu:
    """Read a Caf's rows of the month from core, split by recipient where that is certain.

    They are split only where the Caf has several Cpam and all of their perimeters are confirmed; a postcode
    that nothing attributes is then ``a_repartir``. The program never guesses a recipient.
    """
    lignes = run_sql(entrepot, "depots_caf/select_lignes.sql", mois=mois, code_caf=code_caf).all()
    par_destinataire: dict[str | None, list[Ligne]] = {}
    for courriel, telephone, code_postal, destinataire in lignes:
        par_destinataire.setdefault(destinataire, []).append(Ligne(courriel, telephone, code_postal))
    if not par_destinataire:
        par_destinataire = {None: []}
    return Contenu({d: tuple(sorted(rangees)) for d, rangees in par_destinataire.items()})
