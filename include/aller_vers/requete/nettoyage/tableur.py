"""What spreadsheets and copies do to a text, undone: it is the same for an e-mail, a telephone and a postcode."""

from __future__ import annotations

import re
from functools import cache

# Every space that is none on a keyboard, line ends included, becomes a space.
ESPACES = (
    (0x09, 0x0D), (0x1C, 0x1F), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
    (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000),
)  # fmt: skip
# What nobody sees goes: controls, soft hyphen, zero-width and direction marks, variation selectors, tags.
INVISIBLES = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x034F, 0x034F), (0x0600, 0x0605),
    (0x061C, 0x061C), (0x06DD, 0x06DD), (0x070F, 0x070F), (0x0890, 0x0891), (0x08E2, 0x08E2), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD), (0x110CD, 0x110CD), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0001, 0xE0001),
    (0xE0020, 0xE007F), (0xE0100, 0xE01EF),
)  # fmt: skip
# A spreadsheet's mark of a text, typed or made typographic on the way; a value put between quotes ends with one too.
APOSTROPHES = "'\u2018\u2019"
PONCTUATION_FINALE = f" .,;:{APOSTROPHES}"
# « ="0199001234" »: how an export keeps a spreadsheet from taking a text for a number.
_ENTRE_GUILLEMETS = re.compile('=?["\u00ab\u201c]([^"\u00ab\u00bb\u201c\u201d]*)["\u00bb\u201d]')
_DECIMALES = re.compile(r"([0-9]+)[.,]0+")
# « 1.99001234E8 »: a converter's way to write a number; whole only if no figure is rounded away.
_PUISSANCE = re.compile(r"([1-9])[.,]([0-9]+)[eE][+]?0?([1-9][0-9]?)")


def undo(brut: str) -> str:
    """Return the text without what a spreadsheet or a copy added: the same as ``staging.sans_tableur``.

    Spaces of every kind become spaces, invisible characters go, then spaces and apostrophes at both ends,
    punctuation at the last, and the quotes round the whole, with the « = » of a formula or without.
    """
    texte = brut
    if not (brut.isascii() and brut.isprintable()):
        espaces, invisibles = _compile()
        texte = invisibles.sub("", espaces.sub(" ", brut))
    texte = _trim(texte)
    trouve = _ENTRE_GUILLEMETS.fullmatch(texte)
    return _trim(trouve[1]) if trouve else texte


def _trim(texte: str) -> str:
    """Return the text without marks at its ends; punctuation alone stays, for somebody typed it."""
    reste = texte.lstrip(f" {APOSTROPHES}")
    return reste.rstrip(PONCTUATION_FINALE) or reste.rstrip(" ")


def undo_nombre(texte: str) -> str:
    """Return a text of figures without the ``.0``, or the power of ten, of what a spreadsheet takes for a number."""
    puissance = _PUISSANCE.fullmatch(texte)
    if puissance and len(puissance[2]) == int(puissance[3]):
        return puissance[1] + puissance[2]
    trouve = _DECIMALES.fullmatch(texte)
    return trouve[1] if trouve else texte


def write_classe(plages: tuple[tuple[int, int], ...]) -> str:
    """Return these ranges of characters as the inside of a class of a regular expression of Python."""
    return "".join(f"\\U{debut:08x}-\\U{fin:08x}" for debut, fin in plages)


@cache
def _compile() -> tuple[re.Pattern[str], re.Pattern[str]]:
    return re.compile(f"[{write_classe(ESPACES)}]"), re.compile(f"[{write_classe(INVISIBLES)}]")
