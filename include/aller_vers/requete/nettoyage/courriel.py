"""E-mail addresses: checked by email-validator, in the one form that any mail server takes."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from aller_vers.requete.nettoyage.tableur import PONCTUATION_FINALE, undo
from aller_vers.requete.nettoyage.telephone import read_telephone
from aller_vers.requete.nettoyage.valeur import (
    CHAMPS_INVERSES,
    COURRIEL_ABSENT,
    COURRIEL_INVALIDE,
    COURRIEL_MULTIPLE,
    LONGUEUR_MAXIMALE,
    Nettoye,
)
from aller_vers.socle.referentiel import load_extensions

_ETIQUETTE = re.compile(r"(?:mailto|e-?mail|mail|courriel)\s*:\s*", re.IGNORECASE)
_SEPARATEURS = re.compile(r"[\s;,/|<>\"()]+")


def clean_courriel(brut: str | None) -> Nettoye:
    """Return an address in lower case and ASCII (an international domain in its « xn-- » form).

    Source: data contracts, « The national request », Cleaning; syntax after RFC 5321 (local part of 64
    octets at most, §4.5.3.1.1) and RFC 5322, as email-validator reads them, without DNS. A top-level domain
    that does not exist (``extension_internet.csv``) is no address. What no doubt allows is repaired:
    « mailto: », what a spreadsheet adds, final punctuation, a display name. Nothing is guessed: an inner
    space, an accent before the @ or a second address give an empty value.

    Special-use domains (RFC 6761: .test, .invalid, .local, .localhost, .onion, .arpa) are refused, as the
    library does by default; example.org, example.com and example.net are none to it (RFC 6761 §6.5: to be
    treated as any other), so that synthetic addresses pass without a switch that production lacks.
    """
    texte = _trim(brut or "")
    if not texte:
        return Nettoye(None, COURRIEL_ABSENT)
    if len(texte) > LONGUEUR_MAXIMALE:
        return Nettoye(None, COURRIEL_INVALIDE)
    if texte.count("@") > 1:
        return Nettoye(None, COURRIEL_MULTIPLE if _holds_several(texte) else COURRIEL_INVALIDE)
    valeur = _read_courriel(texte)
    if valeur is not None:
        return Nettoye(valeur, None)
    return Nettoye(None, CHAMPS_INVERSES if read_telephone(texte) else COURRIEL_INVALIDE)


def _trim(brut: str) -> str:
    visible = undo(brut)
    if visible.isascii():
        return visible
    # In an international domain a zero-width joiner has a meaning: there, only the ends are cleaned.
    debut, fin = visible[:1], visible[-1:]
    return brut[brut.index(debut) : brut.rindex(fin) + 1]


def _read_courriel(texte: str) -> str | None:
    adresse = _ETIQUETTE.sub("", texte, count=1) if _ETIQUETTE.match(texte) else texte
    try:
        lue = validate_email(
            adresse.rstrip(PONCTUATION_FINALE),
            allow_smtputf8=False,
            allow_display_name=True,
            strict=True,
            check_deliverability=False,
        )
    except (EmailNotValidError, UnicodeError):
        return None
    if lue.ascii_email is None:
        return None
    adresse = lue.ascii_email.lower()
    return adresse if adresse.rpartition(".")[2] in load_extensions() else None


def _holds_several(texte: str) -> bool:
    """Tell whether a text holds at least two valid addresses."""
    return sum(_read_courriel(morceau) is not None for morceau in _SEPARATEURS.split(texte)) > 1
