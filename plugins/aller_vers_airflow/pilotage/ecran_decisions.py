"""« Décisions »: held lots; release with a written reason, or keep; look again at what was decided.

The same ledger as Airflow's approval: the last word stands, whoever said it and wherever.
"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from aller_vers.qualite.decisions import DecisionRefuseeError, list_lots_retenus, record_decision
from aller_vers.socle.mois import Mois
from aller_vers_airflow.pilotage.acces import LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.appels_airflow import close_question, trigger_depot
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep, forget_a_faire
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
_MOTIFS = {"libere": "lot libéré par une décision", "repris": "lot retenu par une décision"}


@routes.get("/decisions")
def show_decisions(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep
) -> HTMLResponse:
    """Show the held lots of every month that waits, and what was decided."""
    lots = list_lots_retenus(pilotage)
    return render(
        request, "decisions.html", lecteur, choix=choix, onglet="decisions",
        attendent=[lot for lot in lots if lot.attend], decides=[lot for lot in lots if lot.decision and not lot.attend],
        fait=request.query_params.get("fait", ""), caf=request.query_params.get("caf", ""),
    )  # fmt: skip


@routes.post("/decisions", dependencies=[Depends(require_formulaire)])
def take_decision(
    request: Request,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    mois: Annotated[str, Form(max_length=7)],
    code_caf: Annotated[str, Form(pattern="^[0-9]{3}$")],
    question: Annotated[str, Form(max_length=60)],
    decision: Annotated[str, Form(pattern="^(libere|garde)$")],
    motif: Annotated[str, Form(max_length=500)] = "",
) -> RedirectResponse:
    """Record what the person decided on the verdict that they read.

    A release drops the lot of that Caf alone; one that is taken back suspends what was dropped.

    Raises:
        DecisionRefuseeError: the verdict is not the one that the form showed.
    """
    require_droit(lecteur.peut_decider)
    lots = list_lots_retenus(pilotage, Mois.parse(mois), code_caf)
    if not lots or lots[0].question != question:
        caf = lots[0].libelle if lots else code_caf
        raise DecisionRefuseeError(
            f"Le lot {mois} de la Caf {caf} n'est plus retenu, ou son verdict a changé.",
            "relire la liste des lots retenus avant de décider.",
        )
    record_decision(pilotage, lots[0], "libere" if decision == "libere" else "garde", lecteur.nom, motif)
    [dit] = list_lots_retenus(pilotage, Mois.parse(mois), code_caf)
    # The word is in the ledger before the drop is asked for: the drop reads it there.
    pilotage.commit()
    fait = "repris" if decision == "garde" and lots[0].decision == "libere" else decision
    if dit.decision == "propose":
        fait = "propose"  # the question stays open: it is for a second person
    else:
        close_question(request, question)
    if fait not in ("garde", "propose") and not trigger_depot(request, mois, code_caf, _MOTIFS[fait]):
        fait += "_sans_depot"
    forget_a_faire()
    suite = urlencode({"mois": mois, "fait": fait, "caf": lots[0].libelle})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/decisions?{suite}", 303)
