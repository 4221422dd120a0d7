"""« Qualité »: verdicts, rules, derogations."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from aller_vers.pilotage.le_mois import PORTES, load_portes
from aller_vers.pilotage.qualite import load_defauts, load_derogations_lues, load_verdicts
from aller_vers.qualite.libelles import load_explications
from aller_vers.socle.calendrier import PARIS
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()


@routes.get("/qualite")
def show_qualite(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show verdicts by gate and rule, what each rule means, and the derogations in force."""
    mois = choix.require
    return render(
        request, "qualite.html", lecteur, choix=choix, onglet="qualite", portes=load_portes(pilotage, mois),
        defauts=load_defauts(pilotage, mois), verdicts=load_verdicts(pilotage, mois), noms=PORTES,
        explications=load_explications(), derogations=load_derogations_lues(pilotage, mois, datetime.now(PARIS).date()),
    )  # fmt: skip
