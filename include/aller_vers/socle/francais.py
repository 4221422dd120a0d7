"""How people read French: one way to write a number, a share, a date, a plural. Rules and signs are Babel's (CLDR).

The minus sign is U+2212, and the thousands are told apart by the narrow space of French, which no line breaks at.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import format_decimal, get_plus_sign_symbol

from aller_vers.socle.calendrier import PARIS

LANGUE = Locale.parse("fr_FR")
ABSENT = "—"
FINE = "\u202f"
MOINS = "−"
_ELISION = tuple("aeiouyàâéèêëîïôùûh")
_LETTRES = [
    "aucun",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
]


@lru_cache(maxsize=4096, typed=True)
def write_nombre(valeur: float | Decimal | None, decimales: int = 0) -> str:
    """« 1 645 », « −3,5 »: a half away from zero; a dash where nothing is known."""
    if valeur is None:
        return ABSENT
    arrondi = Decimal(str(valeur)).quantize(Decimal(1).scaleb(-decimales), rounding=ROUND_HALF_UP)
    motif = "#,##0" + ("." + "0" * decimales if decimales else "")
    return format_decimal(arrondi or abs(arrondi), motif, LANGUE).replace("-", MOINS)


def write_part(valeur: float | Decimal | None, decimales: int = 1) -> str:
    """« 6,7 % » of a share from 0 to 1."""
    return ABSENT if valeur is None else f"{write_nombre(Decimal(str(valeur)) * 100, decimales)}{FINE}%"


def write_ecart(valeur: float | Decimal | None, decimales: int = 0) -> str:
    """« +12 », « −3 »; « = » where nothing moves."""
    if valeur is None:
        return ABSENT
    texte = write_nombre(valeur, decimales)
    if not texte.strip("0,"):
        return "="
    return texte if texte.startswith(MOINS) else get_plus_sign_symbol(LANGUE) + texte


def write_jour(valeur: date | datetime | None) -> str:
    """« 04/07/2025 », in Paris."""
    if isinstance(valeur, datetime):
        valeur = valeur.astimezone(PARIS)
    return ABSENT if valeur is None else _format(valeur, "dd/MM/yyyy")


def write_instant(valeur: datetime | None) -> str:
    """« 04/07/2025 à 06:12 », in Paris."""
    return ABSENT if valeur is None else _format(valeur.astimezone(PARIS), "dd/MM/yyyy 'à' HH:mm")


def write_mois(jour: date) -> str:
    """« août 2025 », the month of this day."""
    return _format(jour, "MMMM yyyy")


def write_de(nom: str) -> str:
    """« d'août 2025 », « de juin 2025 »."""
    return f"d'{nom}" if nom[:1].lower() in _ELISION else f"de {nom}"


def is_pluriel(nombre: float | Decimal) -> bool:
    """Tell whether a noun takes its plural after this number: from 2 in French, not from 1,5."""
    return abs(Decimal(nombre)) >= 2


def agree(nombre: float | Decimal, mots: str) -> str:
    """Return these words in the number's form: an ``s`` to each, but for ``avis``, ``Caf`` and their like."""
    if not is_pluriel(nombre):
        return mots
    return " ".join(m if m[-1] in "sxz" or m[0].isupper() else f"{m}s" for m in mots.split(" "))


def count(nombre: int, mots: str, *, feminin: bool = False) -> str:
    """« 2 lots retenus », « 1 lot retenu », « aucun lot retenu »; ``mots`` in the singular."""
    if nombre == 0:
        return f"aucun{'e' if feminin else ''} {mots}"
    return f"{write_nombre(nombre)} {agree(nombre, mots)}"


def conjugate(nombre: int, nom: str, singulier: str, pluriel: str, *, feminin: bool = False) -> str:
    """« 1 avis attend », « 2 avis attendent », « aucun avis n'attend »: the verb has the number of its subject."""
    verbe = pluriel if is_pluriel(nombre) else singulier
    if nombre == 0:
        verbe = f"n'{verbe}" if verbe[:1].lower() in _ELISION else f"ne {verbe}"
    return f"{count(nombre, nom, feminin=feminin)} {verbe}"


def write_duree(nombre: int, unite: str) -> str:
    """« un mois », « trois mois », « 36 mois »: in letters up to twelve, as a sentence says it."""
    return (
        f"{_LETTRES[nombre] if 0 < nombre < len(_LETTRES) else write_nombre(nombre)} {agree(nombre, unite)}"
    )


def enumerate_mots(mots: Iterable[str], lien: str = "et") -> str:
    """« a, b et c »."""
    *premiers, dernier = mots
    return f"{', '.join(premiers)} {lien} {dernier}" if premiers else dernier


@lru_cache(maxsize=4096, typed=True)
def _format(jour: date, motif: str) -> str:
    # Slow to import, and reading the DAGs writes no date.
    from babel.dates import format_date, format_datetime

    if isinstance(jour, datetime):  # a naive one is taken for UTC, and shown there
        return format_datetime(jour.replace(tzinfo=None), motif, locale=LANGUE)
    return format_date(jour, motif, LANGUE)
