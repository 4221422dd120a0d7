"""What cleaning a value gives, and the characters that nobody sees."""

from __future__ import annotations

import unicodedata
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


def trim(texte: str) -> str:
    """Remove spaces of any kind and invisible characters (zero-width, control) at both ends."""
    if texte.isprintable():
        return texte.strip()
    pleins = [
        rang for rang, caractere in enumerate(texte) if not (caractere.isspace() or _is_invisible(caractere))
    ]
    return texte[pleins[0] : pleins[-1] + 1] if pleins else ""


def remove_invisibles(texte: str) -> str:
    """Remove invisible characters everywhere; spaces, tabs and line ends stay."""
    if texte.isprintable():
        return texte
    return "".join(caractere for caractere in texte if caractere.isspace() or not _is_invisible(caractere))


def _is_invisible(caractere: str) -> bool:
    return unicodedata.category(caractere) in {"Cf", "Cc"}
