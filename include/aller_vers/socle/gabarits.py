"""French texts for people, in Jinja files beside the code that fills them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aller_vers.socle import francais
from aller_vers.socle.fichiers_edites import refuse
from aller_vers.socle.tableur import encode

_LARGEUR = 78
# What a line begins with: its indent, and the dash, the number or the name that the rest stands beside.
_LIGNE = re.compile(r"^(\s*(?:- |\d+\. |\S+ {2,})?)(.*)$")
# French puts a space there, where no line may end.
_PONCTUATION = re.compile(r" (?=[:;?!»])|(?<=«) ")
_FINS = (".", "?", "!", "»")
FILTRES = {
    "nombre": francais.write_nombre,
    "part": francais.write_part,
    "ecart": francais.write_ecart,
    "jour": francais.write_jour,
    "instant": francais.write_instant,
    "duree": francais.write_duree,
    "compte": francais.count,
    "conjugue": francais.conjugate,
    "accord": francais.agree,
    "de": francais.write_de,
    "enumere": francais.enumerate_mots,
}


def preload(*gabarits: Path) -> None:
    """Read these templates, and the names of months: tasks find it done where their parent did it."""
    francais.write_mois(date.min)
    for gabarit in gabarits:
        load_gabarits(gabarit.parent, html=".html" in gabarit.suffixes).get_template(gabarit.name)


@cache
def load_gabarits(dossier: Path, *, html: bool) -> Environment:
    """Return the templates of a folder: an unknown name is an error, and how French is written are filters."""
    gabarits = Environment(
        loader=FileSystemLoader(dossier),
        autoescape=html,  # noqa: S701 - a text for people is no page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not html,
    )
    gabarits.filters |= FILTRES
    return gabarits


def fill(texte: str, valeurs: Mapping[str, object], fichier: Path) -> str:
    """Return a sentence of a file that people edit, with what stands between braces replaced.

    Raises:
        FichierEditeError: a brace of it names nothing; the names that there are are told.
    """
    try:
        return texte.format_map(valeurs)
    except (KeyError, ValueError, IndexError, AttributeError):
        raise refuse(
            fichier, f"entre accolades, « {texte[:40]}… » ne nomme pas l'un de : {', '.join(sorted(valeurs))}",
            "corriger ce nom, ou retirer l'accolade.",
        ) from None  # fmt: skip


def write_texte(gabarit: Path, **valeurs: Any) -> str:
    """Return a plain text, its lines filled to the width of a narrow window."""
    return fill_lignes(load_gabarits(gabarit.parent, html=False).get_template(gabarit.name).render(**valeurs))


def write_notice(gabarit: Path, **valeurs: Any) -> bytes:
    """Return a plain text as Windows opens it."""
    return encode(write_texte(gabarit, **valeurs))


def write_html(gabarit: Path, **valeurs: Any) -> bytes:
    """Return a page."""
    return load_gabarits(gabarit.parent, html=True).get_template(gabarit.name).render(**valeurs).encode()


def fill_lignes(texte: str) -> str:
    """Return a text with its long lines filled again: an item or a column under its mark, an address whole.

    A line without a mark goes on with the one above it where that one was broken, being long, inside a sentence.
    """
    blocs: list[list[str]] = []
    longue = False
    for ligne in texte.split("\n"):
        [(marque, corps)] = _LIGNE.findall(ligne)
        ici = len(marque) in (len(blocs[-1][0]), _indent(blocs[-1][0])) if blocs else False
        if longue and corps and ici and not marque.strip() and not blocs[-1][1].endswith(_FINS):
            blocs[-1][1] += f" {corps}"
        else:
            blocs.append([marque, corps])
        longue = len(ligne) > _LARGEUR
    return "\n".join(_fill(*bloc) for bloc in blocs)


def _indent(marque: str) -> int:
    return len(marque) - len(marque.lstrip())


def _fill(marque: str, corps: str) -> str:
    if len(marque) + len(corps) <= _LARGEUR and "\t" not in corps:  # most lines
        return f"{marque}{corps}".rstrip().replace("\N{NO-BREAK SPACE}", " ")
    colle = _PONCTUATION.sub("\N{NO-BREAK SPACE}", corps)
    pleine = textwrap.fill(
        colle, _LARGEUR, initial_indent=marque, subsequent_indent=" " * len(marque),
        break_long_words=False, break_on_hyphens=False,
    ) or marque.rstrip()  # fmt: skip
    return pleine.replace("\N{NO-BREAK SPACE}", " ")
