"""French texts for people, in Jinja files beside the code that fills them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aller_vers.socle import francais
from aller_vers.socle.fichiers_edites import refuse
from aller_vers.socle.tableur import encode

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
    """Return a plain text."""
    return load_gabarits(gabarit.parent, html=False).get_template(gabarit.name).render(**valeurs)


def write_notice(gabarit: Path, **valeurs: Any) -> bytes:
    """Return a plain text as Windows opens it."""
    return encode(write_texte(gabarit, **valeurs))


def write_html(gabarit: Path, **valeurs: Any) -> bytes:
    """Return a page."""
    return load_gabarits(gabarit.parent, html=True).get_template(gabarit.name).render(**valeurs).encode()
