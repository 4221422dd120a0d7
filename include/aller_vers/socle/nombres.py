"""Numbers as people write them in French files, read one way everywhere; and written for a French spreadsheet."""

from __future__ import annotations

import re
from decimal import Decimal

# « 4.000 » is four for one and four thousand for another.
_AMBIGU = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", flags=re.ASCII)
_NOMBRE = re.compile(r"[+-]?\d+(?:[.,]\d+)?|[+-]?\d{1,3}(?: \d{3})+(?:,\d+)?", flags=re.ASCII)


def read_nombre(texte: str) -> Decimal:
    """Return a number written the French way or not: « 1 234,5 », 1234.5; typographic spaces separate too.

    Raises:
        ValueError: it is none, or could be two; the sentence says what is expected, never what was there.
    """
    net = " ".join(texte.split())
    if not _NOMBRE.fullmatch(net):
        raise ValueError("un nombre, ou rien s'il n'est pas connu")
    if _AMBIGU.fullmatch(net):
        raise ValueError("un nombre sans séparateur de milliers, et avec deux décimales au plus")
    return Decimal(net.replace(" ", "").replace(",", "."))


def write_nombre(nombre: Decimal) -> str:
    """Return a number as a French spreadsheet reads it: plain decimals, a comma."""
    texte = f"{nombre:f}"
    return (texte.rstrip("0").rstrip(".") if "." in texte else texte).replace(".", ",")
