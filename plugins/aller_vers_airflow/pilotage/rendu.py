"""From what the domain says to a page: templates, and how French writes numbers and dates."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from airflow.configuration import conf
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers_airflow.pilotage.acces import Lecteur, make_jeton

_ICI = Path(__file__).parent
_FINE = "\u202f"


def render(
    request: Request, gabarit: str, lecteur: Lecteur | None = None, *, statut: int = 200, **valeurs: Any
) -> HTMLResponse:
    """Return a page. ``lecteur`` is None on the pages of errors, which show no menu."""
    texte = (
        load_gabarits()
        .get_template(gabarit)
        .render(
            racine=request.scope.get("root_path", ""),
            chemin=request.url.path,
            airflow=conf.get("api", "base_url", fallback="").rstrip("/"),
            lecteur=lecteur,
            jeton=make_jeton(lecteur) if lecteur else "",
            statut=statut,
            **valeurs,
        )
    )
    return HTMLResponse(texte, statut)


@cache
def load_gabarits() -> Environment:
    """Return the templates: everything escaped, an unknown name is an error."""
    gabarits = Environment(
        loader=FileSystemLoader(_ICI / "gabarits"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    gabarits.filters |= {
        "nombre": format_nombre,
        "part": format_part,
        "jour": format_jour,
        "instant": format_instant,
        "ecart": format_ecart,
        "valeur": format_valeur,
        "du_mois": format_du_mois,
        "phrase": lambda texte: texte[:1].upper() + texte[1:],
    }
    gabarits.globals |= {"Mois": Mois}
    return gabarits


def format_nombre(valeur: float | Decimal | None, decimales: int = 0) -> str:
    """« 1 645 », with the narrow space of French; a dash where nothing is known."""
    if valeur is None:
        return "—"
    return f"{valeur:,.{decimales}f}".replace(",", _FINE).replace(".", ",")


def format_du_mois(mois: Mois) -> str:
    """« de juin 2025 », « d'août 2025 »."""
    return ("d'" if mois.libelle[0] in "ao" else "de ") + mois.libelle


def format_part(valeur: float | Decimal | None) -> str:
    """« 65,5 % » of a share from 0 to 1."""
    return "—" if valeur is None else f"{format_nombre(valeur * 100, 1)}{_FINE}%"


def format_valeur(valeur: float | Decimal | None, unite: str) -> str:
    """The value in its unit: a share in percent, what is counted as a whole number when it is one."""
    if valeur is None or unite == "part":
        return format_part(valeur)
    return format_nombre(valeur, 0 if valeur == int(valeur) else 1)


def format_ecart(valeur: float | Decimal | None, decimales: int = 0) -> str:
    """« +12 » or « −3 », with the true minus sign."""
    if valeur is None:
        return "—"
    if not valeur:
        return "="
    return f"{'+' if valeur > 0 else '−'}{format_nombre(abs(float(valeur)), decimales)}"


def format_jour(valeur: date | datetime | None) -> str:
    """« 04/07/2025 », Paris."""
    if isinstance(valeur, datetime):
        valeur = valeur.astimezone(PARIS)
    return "—" if valeur is None else f"{valeur:%d/%m/%Y}"


def format_instant(valeur: datetime | None) -> str:
    """« 04/07/2025 à 06:12 », Paris."""
    return "—" if valeur is None else f"{valeur.astimezone(PARIS):%d/%m/%Y à %H:%M}"
