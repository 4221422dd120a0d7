"""Telephones: what is valid in a French region or abroad, as a person dials it from France."""

from __future__ import annotations

import re
from functools import cache
from itertools import chain

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    format_number,
    is_valid_number,
    parse,
)

from aller_vers.requete.nettoyage.tableur import undo, undo_nombre
from aller_vers.requete.nettoyage.valeur import (
    CHAMPS_INVERSES,
    LONGUEUR_MAXIMALE,
    TELEPHONE_ABSENT,
    TELEPHONE_INVALIDE,
    TELEPHONE_MULTIPLE,
    Nettoye,
)
from aller_vers.socle.referentiel import find_region_telephone

_REGIONS = ("FR", "GP", "MQ", "GF", "RE", "YT")
_GENRES = (
    "fixed_line", "mobile", "toll_free", "premium_rate", "shared_cost", "voip", "personal_number", "pager", "uan",
    "voicemail",
)  # fmt: skip
_INDICATIF_METROPOLE = 33
_INDICATIFS = {_INDICATIF_METROPOLE, 590, 594, 596, 262}
_CHIFFRES_FRANCAIS = 10
# As it is dialled in France, its zero lost or not; and after a country code, with its « + » or « 00 », lost or not.
_NATIONAL = re.compile(r"0?([1-9][0-9]{8})")
_APRES_INDICATIF = re.compile(rf"00.*|(?:{'|'.join(map(str, _INDICATIFS))})0*\d{{9}}")

_ETIQUETTE = re.compile(r"t[eé]l(?:[eé]phone)?\b[\s.:]*", re.IGNORECASE)
_NUMERO = re.compile(r"\+?[\d\s().\u2010-\u2015/-]+")  # no letter: no extension, no vanity number, no formula
# « (+33) 1 99 00 12 34 », « (0032) 470 12 34 56 »: a country code in brackets is a country code.
_INDICATIF_ENTRE_PARENTHESES = re.compile(
    r"[(\[]\s*(?:\+|00)\s*(\d{1,3})\s*[)\]]|\+\s*[(\[]\s*(\d{1,3})\s*[)\]]"
)
# Nine figures that lost their zero as a French person groups them: alone, then by twos.
_GROUPES_SANS_ZERO = [1, 2, 2, 2, 2]
_ENTRE_DEUX = re.compile(r"[^\d\s+().-]+|\s+(?=\+)")
_COURRIEL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def clean_telephone(brut: str | None, code_postal: str | None) -> Nettoye:
    """Return a number in national form, ``06 12 34 56 78``, or a foreign one as ``0032 470 12 34 56``.

    A number is kept where libphonenumber holds it valid in the region of the postcode, in another French
    region, or abroad (data contracts, « The national request », Cleaning; facts of the domain, « Conventions
    of French files »). The French regions have one numbering plan, in which ten figures name one line
    (Arcep, decision 2018-0881): all are written alike, and the postcode only says which region to try
    first. Never a leading « + », which a spreadsheet takes for a formula. Nothing is guessed: two numbers,
    or a number and words, give an empty value.

    Args:
        brut: as typed in.
        code_postal: as typed in; an unusable one counts as metropolitan.
    """
    texte = undo(brut or "")
    if not texte:
        return Nettoye(None, TELEPHONE_ABSENT)
    if len(texte) > LONGUEUR_MAXIMALE:
        return Nettoye(None, TELEPHONE_INVALIDE)
    valeur = read_telephone(texte, find_region_telephone(code_postal))
    if valeur is not None:
        return Nettoye(valeur, None)
    if _COURRIEL.search(texte):
        return Nettoye(None, CHAMPS_INVERSES)
    return Nettoye(None, TELEPHONE_MULTIPLE if _holds_several(texte) else TELEPHONE_INVALIDE)


def read_telephone(texte: str, region: str = "FR") -> str | None:
    """Return the one valid number that a trimmed text is, this French region tried first, or None."""
    numero = undo_nombre(_ETIQUETTE.sub("", texte, count=1) if _ETIQUETTE.match(texte) else texte)
    if indicatif := _INDICATIF_ENTRE_PARENTHESES.match(numero):
        numero = f"+{indicatif[1] or indicatif[2]} {numero[indicatif.end() :]}"
    numero = _replace_lettre_o(numero)
    if not _NUMERO.fullmatch(numero) or _is_ambigu(numero):
        return None
    chiffres = re.sub(r"\D", "", numero)
    if "+" not in numero and chiffres.isascii():
        if national := _NATIONAL.fullmatch(chiffres):
            return _write_francais(national[1]) if _load_plan().fullmatch(national[1]) else None
        if not _APRES_INDICATIF.fullmatch(chiffres):
            return None
    try:
        lus = (_parse(numero, essai) for essai in (region, *(autre for autre in _REGIONS if autre != region)))
        return next((_write(lu) for lu in lus if lu is not None), None)
    except NumberParseException:
        return None  # as it is to every region


@cache
def _load_plan() -> re.Pattern[str]:
    """Return what nine figures are a number in some French region: all that the library holds valid, tried at once."""
    regions = chain.from_iterable(COUNTRY_CODE_TO_REGION_CODE[indicatif] for indicatif in _INDICATIFS)
    plans = [PhoneMetadata.metadata_for_region(region) for region in regions]
    genres = [getattr(plan, genre) for plan in plans for genre in _GENRES]
    return re.compile("|".join(g.national_number_pattern for g in genres if g and g.national_number_pattern))


def _replace_lettre_o(numero: str) -> str:
    """Return a number whose letters O stand for zeros: figures, separators and nothing else, mostly figures."""
    lettres = numero.count("o") + numero.count("O")
    if lettres and lettres < sum(c.isdecimal() for c in numero):
        return re.sub("[oO]", "0", numero)
    return numero


def _is_ambigu(numero: str) -> bool:
    """Tell whether nine figures may be a number that lost its zero, or one of a neighbour (Luxembourg: 6x1).

    Bare, or grouped as in France once the zero is gone, they are French; grouped otherwise, nothing is guessed.
    """
    groupes = re.findall(r"\d+", numero)
    chiffres = "".join(groupes)
    if len(chiffres) != 9 or chiffres.startswith("0") or numero.lstrip().startswith("+"):
        return False
    return len(groupes) > 1 and [len(groupe) for groupe in groupes] != _GROUPES_SANS_ZERO


def _parse(numero: str, region: str) -> PhoneNumber | None:
    lu = parse(numero, region)
    if not is_valid_number(lu) and lu.country_code == _INDICATIF_METROPOLE:
        # Forms put +33 before any French number: 0690 is Guadeloupe's, whatever stands before it.
        lu = parse(f"0{lu.national_number}", region)
    return lu if is_valid_number(lu) else None


def _write(numero: PhoneNumber) -> str:
    if numero.country_code in _INDICATIFS:
        return _write_francais(str(numero.national_number))
    international = format_number(numero, PhoneNumberFormat.INTERNATIONAL)
    return "00" + re.sub(r"\D+", " ", international.removeprefix("+"))


def _write_francais(national: str) -> str:
    chiffres = f"0{national}"
    return " ".join(chiffres[rang : rang + 2] for rang in range(0, len(chiffres), 2))


def _holds_several(texte: str) -> bool:
    """Tell whether a text holds at least two valid numbers, with something, or nothing, between them."""
    chiffres = re.sub(r"\D", "", texte)
    moities = [chiffres[:_CHIFFRES_FRANCAIS], chiffres[_CHIFFRES_FRANCAIS:]]
    morceaux = moities if len(chiffres) == 2 * _CHIFFRES_FRANCAIS else _ENTRE_DEUX.split(texte)
    if len(morceaux) == 1:
        return False
    return sum(read_telephone(morceau.strip()) is not None for morceau in morceaux) > 1
