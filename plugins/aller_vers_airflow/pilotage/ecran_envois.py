"""« Boîte d'envoi »: notices as they were sent; one that left is sent again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from aller_vers.pilotage.envois import load_envois, resend
from aller_vers_airflow.pilotage.acces import LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()


@routes.get("/envois")
def show_envois(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show the last hundred notices, of the Caf that was chosen or of all."""
    return render(
        request, "envois.html", lecteur, choix=choix, onglet="sante",
        envois=load_envois(pilotage, choix.caf.code_caf if choix.caf else None),
        fait=request.query_params.get("fait", ""),
    )  # fmt: skip


@routes.post("/envois", dependencies=[Depends(require_formulaire)])
def send_again(
    request: Request,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    cle: Annotated[str, Form(max_length=400)],
) -> RedirectResponse:
    """Send a notice again in the name of the person."""
    require_droit(lecteur.peut_transmettre)
    fait = "remis" if resend(pilotage, cle, lecteur.nom) else "attend"
    suite = urlencode({"fait": fait, **({"caf": choix.caf.code_caf} if choix.caf else {})})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/envois?{suite}", 303)
