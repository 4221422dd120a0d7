"""« Les Caf » and « Une Caf »."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import RedirectResponse, Response

from aller_vers.lots.perimetres import confirm_perimetre, list_parts, list_perimetres
from aller_vers.pilotage.etats import VIDE, load_etats
from aller_vers.pilotage.une_caf import load_vue_caf
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.donnees_personnelles import check_motif
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.appels_airflow import trigger_depot
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
    return render(
        request, "liste_caf.html", lecteur, choix=choix, onglet="caf", suivis=suivis,
        perimetres=list_perimetres(pilotage),
    )  # fmt: skip


@routes.get("/caf/{code_caf}")
def show_caf(
    request: Request,
    code_caf: str,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    carnet: CarnetDep,
    avec: Annotated[str, Query(max_length=3)] = "",
    contre: Annotated[str, Query(max_length=7)] = "",
) -> Response:
    """Show one Caf's month, beside another Caf's or another month's if it is asked for."""
    reglages = load_reglages()
    vue = load_vue_caf(
        pilotage,
        code_caf,
        choix.require,
        datetime.now(PARIS).date(),
        reglages,
        avec,
        choix.find_connu(contre),
    )
    carnet.note("caf", code_caf, choix.require)
    return render(
        request, "caf.html", lecteur, choix=choix, onglet="caf", vue=vue, etats={"vide": VIDE},
        taches=[t for g in choix.attentes for _, taches in g.genres for t in taches if t.code_caf == code_caf],
        perimetre=next(iter(list_perimetres(pilotage, code_caf)), None),
        parts=list_parts(pilotage, code_caf, datetime.now(PARIS).date()),
        fait=request.query_params.get("fait", ""), avec=load_caf().get(avec), caf=load_caf().values(),
        partage=reglages.nom_partage.rstrip("/"),
    )  # fmt: skip


@routes.post("/caf/{code_caf}/depot", dependencies=[Depends(require_formulaire)])
def ask_depot(
    request: Request,
    code_caf: Annotated[str, Path(pattern="^[0-9]{3}$")],
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    motif: Annotated[str, Form(min_length=10, max_length=500)],
) -> RedirectResponse:
    """Ask for the lot of the month to be dropped again: the same content again changes nothing."""
    require_droit(lecteur.peut_decider)
    mois = choix.require
    demande = trigger_depot(request, str(mois), code_caf, check_motif(motif))
    suite = urlencode({"mois": str(mois), "fait": "demande" if demande else "refus"})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/caf/{code_caf}?{suite}#lot", 303)


@routes.post("/caf/{code_caf}/perimetre", dependencies=[Depends(require_formulaire)])
def take_perimetre(
    request: Request,
    code_caf: Annotated[str, Path(pattern="^[0-9]{3}$")],
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    acte: Annotated[str, Form(pattern="^(confirme|reprend)$")],
    empreinte: Annotated[str, Form(pattern="^[0-9a-f]{64}$")],
    motif: Annotated[str, Form(min_length=10, max_length=500)],
) -> RedirectResponse:
    """Record that the person confirms the perimeters that they read, or takes it back: the next lot follows."""
    require_droit(lecteur.peut_decider)
    confirm_perimetre(
        pilotage, code_caf, confirme=acte == "confirme", empreinte=empreinte, acteur=lecteur.nom,
        motif=check_motif(motif),
    )  # fmt: skip
    return RedirectResponse(
        f"{request.scope.get('root_path', '')}/caf/{code_caf}?{urlencode({'mois': choix.require})}#perimetre",
        303,
    )
