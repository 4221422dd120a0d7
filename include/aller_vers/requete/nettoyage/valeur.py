"""What cleaning a value gives."""

from __future__ import annotations

from typing import NamedTuple

COURRIEL_ABSENT = "courriel_absent"
COURRIEL_INVALIDE = "courriel_invalide"
COURRIEL_MULTIPLE = "courriel_multiple"
TELEPHONE_ABSENT = "telephone_absent"
TELEPHONE_INVALIDE = "telephone_invalide"
TELEPHONE_MULTIPLE = "telephone_multiple"
CHAMPS_INVERSES = "champs_inverses"

LONGUEUR_MAXIMALE = 1000
"""Beyond it a value is no contact, and no library is asked: some take quadratic time."""


class Nettoye(NamedTuple):
    """A usable value, or the code of the reason that emptied it: exactly one of the two."""

    valeur: str | None
    motif: str | None
