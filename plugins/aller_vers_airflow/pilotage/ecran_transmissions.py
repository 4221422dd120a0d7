"""« Transmissions »: what a Caf says it sent; who is late; reminders sent; certificates that are due."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from aller_vers.pilotage.frise import load_destinataires
from aller_vers.pilotage.recus import load_fichiers_recus, load_retours_recus
from aller_vers.pilotage.relances import load_relances
from aller_vers.retours.accuse import PORTAILS, Accuse, record_transmission
from aller_vers.retours.relances import (
    list_certificats_en_retard,
    list_copies,
    list_en_attente,
    list_retours_en_retard,
)
from aller_vers.socle.calendrier import PARIS, count_jours_ouvres
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep, forget_a_faire
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
Code = Annotated[str, Form(pattern="^[0-9]{3}$")]


@routes.get("/transmissions")
def show_transmissions(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep
) -> Response:
    """Show what is awaited, the late first, and record an acknowledgement."""
    jour = datetime.now(PARIS).date()
    reglages = load_reglages()
    attendues = list_en_attente(pilotage)
    retards = {
        a
        for a in attendues
        if count_jours_ouvres(a.depose_le, jour, a.code_caf) > reglages.jours_ouvres_transmission
    }
    attendues = tuple(sorted(attendues, key=lambda a: (a not in retards, a.depose_le, a.code_caf)))
    choisie = request.query_params.get("lot", "")
    lot = next((a for a in attendues if choisie == f"{a.mois}-{a.code_caf}-{a.version}-{a.code_cpam}"), None)
    return render(
        request, "transmissions.html", lecteur, choix=choix, onglet="transmissions", attendues=attendues,
        retards=retards,
        certificats=list_certificats_en_retard(pilotage, jour, reglages.mois_certificat, reglages.jours_retour),
        mois_certificat=reglages.mois_certificat, portails=PORTAILS, jour=jour,
        relances=load_relances(pilotage), fichiers=load_fichiers_recus(pilotage),
        retours=load_retours_recus(pilotage), copies=list_copies(pilotage),
        sans_retour=list_retours_en_retard(pilotage, jour, reglages.jours_retour),
        fait=request.query_params.get("fait", ""),
        choisie=lot,
        # All of the lot is for the one Cpam that it has; of several, nobody but the Caf knows how many were for each.
        seule=lot is not None
        and len(load_destinataires(pilotage, Mois.parse(lot.mois), lot.code_caf, reglages)) == 1,
    )  # fmt: skip


@routes.post("/transmissions", dependencies=[Depends(require_formulaire)])
def take_accuse(
    request: Request,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    mois: Annotated[str, Form(max_length=7)],
    code_caf: Code,
    code_cpam: Code,
    version: Annotated[int, Form(ge=1, le=999)],
    lignes: Annotated[int, Form(ge=0, le=1_000_000)],
    portail: Annotated[str, Form(pattern="^(bluefiles|peps|interne)$")],
    date_transmission: Annotated[date, Form()],
    reference: Annotated[str, Form(max_length=80)] = "",
) -> RedirectResponse:
    """Record an acknowledgement in the name of the person."""
    require_droit(lecteur.peut_transmettre)
    accuse = Accuse(
        code_caf, Mois.parse(mois), version, code_cpam, lignes, portail, date_transmission, reference.strip()
    )
    record_transmission(pilotage, accuse, lecteur.nom)
    forget_a_faire()
    suite = urlencode({"mois": mois, "fait": f"{code_caf} vers {code_cpam}"})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/transmissions?{suite}", 303)
