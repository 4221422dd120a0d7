"""Cells of a received table as codes, dates, periods and numbers, with what a spreadsheet does to each undone."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from aller_vers.retours.depots import NATIONAL, find_cpam
from aller_vers.retours.fichiers.tableau import normalise_titre
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.nombres import read_nombre
from aller_vers.socle.referentiel import load_caf, load_cpam

Maille = Literal["mois", "trimestre", "semestre", "annee"]
_ENTIER_MAX = 99_999_999
_FORMES_JOUR = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%y")
# The hour that a spreadsheet or a person adds to a day says nothing of it.
_HEURE = re.compile(
    r"[T ,]*(?:à|a)? ?(?:[01]?\d|2[0-3]) ?[h:](?: ?[0-5]\d)?(?::[0-5]\d(?:[.,]\d{1,9})?)?(?: ?Z|[+-]\d\d:?\d\d)?",
    flags=re.IGNORECASE | re.ASCII,
)
# 2,02507E+11, 04/07/2025, 12-mars, #####, #NOM?
_ABIMEE = re.compile(
    r"[+-]?\d+(?:[.,]\d+)?E[+-]?\d+|\d{1,2}[-/. ][^\W\d_]{3,9}\.?(?:[-/. ]\d{2,4})?|[^\W\d_]{3,9}\.?[-/. ]\d{2}"
    r"|\d{4}-\d{2}-\d{2}(?: [\d:]+)?|\d{1,2}/\d{1,2}/\d{2,4}(?: [\d:]+)?|#.*|VRAI|FAUX",
    flags=re.IGNORECASE,
)
_NOMS = {
    nom: numero
    for numero, noms in enumerate(
        ("janv janvier jan", "fevr fevrier fev feb", "mars mar", "avr avril apr", "mai may", "juin jun",
         "juil juillet jul", "aout aug", "sept septembre sep", "oct octobre", "nov novembre", "dec decembre"),
        start=1,
    )
    for nom in noms.split()
}  # fmt: skip


class ValeurRefuseeError(ValueError):
    """A cell that is not what its column expects; says what was expected, never what was there."""


@dataclass(frozen=True)
class Periode:
    """What a figure covers: ``2025-06``, ``2025-T2``, ``2025-S1`` or ``2025``."""

    texte: str
    maille: Maille
    dernier_mois: Mois


def read_code(texte: str, connus: Collection[str], quoi: str) -> str:
    """Return a code of a caisse; the zeros that a spreadsheet took off come back when that gives a known one.

    Raises:
        ValeurRefuseeError: it is none of the known codes.
    """
    code = texte.zfill(3) if texte.isdecimal() else texte
    if code not in connus:
        raise ValeurRefuseeError(f"un code de {quoi} connu, à trois chiffres")
    return code


def read_sienne(texte: str, depot: str) -> str:
    """Return the code of the Caf that puts the file there, of any in the folder of a Cpam or of the nation.

    Raises:
        ValeurRefuseeError: it is another's, or none.
    """
    code = read_code(texte, load_caf(), "Caf")
    if depot not in (NATIONAL, code) and find_cpam(depot) is None:
        raise ValeurRefuseeError(f"le code de la Caf qui dépose, {depot}")
    return code


def read_cpam(texte: str, depot: str) -> str:
    """Return the code of a Cpam, of the one alone whose folder this is.

    Raises:
        ValeurRefuseeError: it is another's, or none.
    """
    code, sienne = read_code(texte, load_cpam(), "Cpam"), find_cpam(depot)
    if sienne not in (None, code):
        raise ValeurRefuseeError(f"le code de la Cpam qui dépose, {sienne}")
    return code


def read_version(texte: str) -> int:
    """Return the version of a lot: 2, or v2.

    Raises:
        ValeurRefuseeError: it is none.
    """
    version = read_compte(texte.lower().removeprefix("v"))
    if not 1 <= version <= 999:
        raise ValeurRefuseeError("le numéro de version du lot, par exemple 1")
    return version


def read_jour(texte: str) -> date:
    """Return a day written JJ/MM/AAAA or ISO, with an hour or not.

    Raises:
        ValeurRefuseeError: it is no day, or one before 2020.
    """
    coupe = re.match(r"[\d./-]{6,10}", texte)
    if coupe and _HEURE.fullmatch(texte, coupe.end()):
        texte = coupe[0]
    for forme in _FORMES_JOUR:
        try:
            jour = datetime.strptime(texte, forme).date()
        except ValueError:
            continue
        if jour.year >= 2020:
            return jour
    raise ValeurRefuseeError("une date écrite JJ/MM/AAAA, par exemple 04/07/2025")


def read_mois(texte: str) -> Mois:
    """Return a month: 2025-06, 06/2025, 202506, « juin-25 », or the first day that a spreadsheet made of it.

    Raises:
        ValeurRefuseeError: it is no month.
    """
    try:
        if ":" in texte or "h" in texte.lower():  # the midnight that a spreadsheet adds to a first day
            jour = read_jour(texte)
            texte = f"{jour:%Y-%m-%d}"
        mots = normalise_titre(texte).split("_")
        if len(mots) == 1 and len(mots[0]) == 6 and mots[0].isdecimal():
            return Mois(int(mots[0][:4]), int(mots[0][4:]))
        if len(mots) == 2:
            annee, mois = (
                (mots[0], mots[1]) if len(mots[0]) == 4 and mots[0].isdecimal() else (mots[1], mots[0])
            )
            numero = _NOMS.get(mois) or int(mois)
            return Mois(int(annee) + (2000 if len(annee) == 2 else 0), numero)
        jour = read_jour(texte)
        if jour.day == 1:
            return Mois.of(jour)
    except (ErreurAllerVers, ValueError):
        pass
    raise ValeurRefuseeError("un mois écrit AAAA-MM, par exemple 2025-06")


def read_periode(texte: str, maille: Maille) -> Periode:
    """Return a period of this length: a month; 2025-T2; 2025-S1; 2025.

    Raises:
        ValeurRefuseeError: it is not one.
    """
    if maille == "mois":
        mois = read_mois(texte)
        return Periode(str(mois), maille, mois)
    serre = normalise_titre(texte).replace("_", "")
    if maille == "annee":
        if re.fullmatch(r"20\d{2}", serre):
            return Periode(serre, maille, Mois(int(serre), 12))
        raise ValeurRefuseeError("une année, par exemple 2025")
    lettre, mot, parts = ("t", "trimestre", 4) if maille == "trimestre" else ("s", "semestre", 2)
    trouve = re.fullmatch(
        rf"(?P<a>20\d{{2}})(?:{lettre}|{mot})?(?P<n>\d)|(?:{lettre}|{mot})?(?P<m>\d)(?:er|e|eme|nd)?"
        rf"(?:{lettre}|{mot})?(?P<b>20\d{{2}})",
        serre,
    )
    rang = int(trouve["n"] or trouve["m"]) if trouve else 0
    if trouve is None or not 1 <= rang <= parts:
        exemple = f"2025-{lettre.upper()}1"
        raise ValeurRefuseeError(f"un {mot} écrit {exemple[:4]}-{lettre.upper()}n, par exemple {exemple}")
    annee = int(trouve["a"] or trouve["b"])
    return Periode(f"{annee}-{lettre.upper()}{rang}", maille, Mois(annee, rang * 12 // parts))


def read_reference(texte: str) -> str:
    """Return what a portal gave, if a spreadsheet has not made a number or a date of it.

    Raises:
        ValeurRefuseeError: it has; nobody can give back what was there.
    """
    if _ABIMEE.fullmatch(texte):
        raise ValeurRefuseeError(
            "la référence que donne le portail : un tableur l'a changée en nombre ou en date ; mettre la colonne au "
            "format « Texte » et l'écrire de nouveau, ou la laisser vide"
        )
    return texte


def read_valeur(texte: str) -> Decimal:
    """Return a number written the French way or not: « 1 234,5 », 1234.5.

    Raises:
        ValeurRefuseeError: it is no number, or a negative one.
    """
    try:
        valeur = read_nombre(texte)
    except ValueError as faute:
        raise ValeurRefuseeError(str(faute)) from None
    if valeur < 0 or valeur > 10**15:
        raise ValeurRefuseeError("un nombre positif")
    return valeur


def read_compte(texte: str) -> int:
    """Return a count of people: « 12 », « 12,0 », « 1 234 ».

    Raises:
        ValeurRefuseeError: it is no whole number.
    """
    valeur = read_valeur(texte)
    if valeur != valeur.to_integral_value() or valeur > _ENTIER_MAX:
        raise ValeurRefuseeError("un nombre entier de personnes, ou rien s'il n'est pas connu")
    return int(valeur)
