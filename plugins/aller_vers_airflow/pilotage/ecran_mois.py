"""« Le mois »."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from aller_vers.pilotage.etats import load_tuiles
from aller_vers.pilotage.le_mois import load_mois
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()


@routes.get("/mois")
def show_mois(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show where the month stands."""
    if choix.choisi is None:
        return render(request, "aucun_mois.html", lecteur, choix=choix, onglet="mois")
    vue = load_mois(
        pilotage, choix.choisi, datetime.now(PARIS).date(), load_reglages().jours_ouvres_transmission
    )
    return render(request, "mois.html", lecteur, choix=choix, onglet="mois", vue=vue, tuiles=load_tuiles())
