"""« À faire », the first screen."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from aller_vers.pilotage.a_faire import load_a_faire
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
# More of one kind says the same: the screen of the kind shows them all.
_MONTREES = 50


@routes.get("/")
def show_a_faire(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show what waits for a person, whatever its month."""
    if not choix.connus:
        return render(request, "aucun_mois.html", lecteur, choix=choix, onglet="a_faire")
    groupes = load_a_faire(pilotage, datetime.now(PARIS).date(), load_reglages())
    choix.keep_a_faire(groupes)
    return render(
        request, "a_faire.html", lecteur, choix=choix, onglet="a_faire", groupes=groupes, montrees=_MONTREES
    )
