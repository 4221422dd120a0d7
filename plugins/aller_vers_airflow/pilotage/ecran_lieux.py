"""Where one can go by a few letters of its name; the statement of accessibility."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from aller_vers.pilotage.indicateurs import load_definitions
from aller_vers.socle.referentiel import load_caf
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import ECRANS, MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()


@routes.get("/lieux.json")
def list_lieux(lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> JSONResponse:
    """Return each place: its name, its kind, the way to it."""
    suite = f"?mois={choix.choisi}" if choix.choisi else ""
    lieux = [
        *((nom, "écran", choix.follow("" if code == "a_faire" else code)) for code, nom in ECRANS.items()),
        *((c.libelle, "Caf", f"/caf/{c.code_caf}{suite}") for c in load_caf().values()),
        *((m.libelle, "mois", f"/mois?mois={m}") for m in choix.connus),
        *(
            (i.libelle, "indicateur", f"/indicateurs/{i.code}{suite}")
            for i in {d.code: d for d in load_definitions().values()}.values()
        ),
    ]
    return JSONResponse([{"nom": nom, "genre": genre, "lien": lien} for nom, genre, lien in lieux])


@routes.get("/accessibilite")
def show_accessibilite(request: Request, lecteur: LecteurDep, choix: MoisDep) -> Response:
    """Say what of the page is accessible, what was tried and what was not."""
    return render(request, "accessibilite.html", lecteur, choix=choix, onglet="accessibilite")
