"""From what the domain says to a page: the templates."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from airflow.configuration import conf
from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment

from aller_vers.socle.gabarits import load_gabarits as gabarits_francais
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.tableur import build_csv
from aller_vers.suivi.acteurs import name_acteur
from aller_vers_airflow.pilotage.acces import Lecteur, make_jeton
from aller_vers_airflow.pilotage.choix import ECRANS
from aller_vers_airflow.pilotage.etincelles import draw_etincelle
from aller_vers_airflow.pilotage.formats import format_ecart, format_valeur
from aller_vers_airflow.pilotage.tableaux import Demande, equip

_ICI = Path(__file__).parent


def render(
    request: Request, gabarit: str, lecteur: Lecteur | None = None, *, statut: int = 200, **valeurs: Any
) -> Response:
    """Return a page, or the table of it that the address asks for as CSV.

    ``lecteur`` is None on the pages of errors, which show no menu.
    """
    caf = valeurs["choix"].caf if "choix" in valeurs else None
    demande = Demande(
        load_gabarits().get_template("outils.html"), request.query_params.items(), caf.code_caf if caf else ""
    )
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
            ecrans=ECRANS,
            **valeurs,
        )
    )
    page = equip(texte, demande)
    if demande.csv in demande.vus:
        octets = build_csv(*demande.vus[demande.csv])
        return attach(octets, "text/csv; charset=utf-8", f"{demande.csv}.csv")
    return HTMLResponse(page, statut)


def attach(octets: bytes, genre: str, nom: str) -> Response:
    """Return a file to download."""
    return Response(
        octets, media_type=genre, headers={"Content-Disposition": f'attachment; filename="{nom}"'}
    )


@cache
def load_gabarits() -> Environment:
    """Return the templates: everything escaped, an unknown name is an error."""
    gabarits = gabarits_francais(_ICI / "gabarits", html=True)
    gabarits.filters |= {
        "valeur": format_valeur,
        "acteur": name_acteur,
        "ecart_valeur": format_ecart,
        "etincelle": draw_etincelle,
        "phrase": lambda texte: texte[:1].upper() + texte[1:],
    }
    gabarits.globals |= {"Mois": Mois, "petit": f"0 à {load_reglages().seuil_diffusion - 1}"}
    return gabarits
