"""« Les Caf » and « Une Caf »."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from aller_vers.pilotage.etats import VIDE, load_etats
from aller_vers.pilotage.une_caf import load_vue_caf
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.carnet import CarnetDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()


@routes.get("/caf")
def show_liste(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show every Caf, to find one."""
    suivis = load_etats(
        pilotage, choix.require, datetime.now(PARIS).date(), load_reglages().jours_ouvres_transmission
    )
    return render(request, "liste_caf.html", lecteur, choix=choix, onglet="caf", suivis=suivis)


@routes.get("/caf/{code_caf}")
def show_caf(
    request: Request,
    code_caf: str,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    carnet: CarnetDep,
) -> Response:
    """Show one Caf's month."""
    vue = load_vue_caf(
        pilotage,
        code_caf,
        choix.require,
        datetime.now(PARIS).date(),
        load_reglages(),
    )
    carnet.note("caf", code_caf, choix.require)
    return render(request, "caf.html", lecteur, choix=choix, onglet="caf", vue=vue, etats={"vide": VIDE})
