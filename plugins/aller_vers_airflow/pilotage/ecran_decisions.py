"""« Décisions »: held lots; release with a written reason, or keep; look again at what was decided.

The same ledger as Airflow's approval: the last word stands, whoever said it and wherever.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from aller_vers.pilotage.preuves import list_anciens, load_preuves
from aller_vers.qualite.decisions import DecisionRefuseeError, LotRetenu, list_lots_retenus, record_decision
from aller_vers.socle.donnees_personnelles import tells_of_somebody
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import Lecteur, LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.appels_airflow import close_question, trigger_depot
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import ChoixMois, MoisDep, forget_a_faire
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
_MOTIFS = {"libere": "lot libéré par une décision", "repris": "lot retenu par une décision"}


@dataclass(frozen=True)
class Refus:
    """A decision that was not taken: on which lot, why, what to do, and the reason as it was typed."""

    lot: tuple[str, str]
    constat: str
    remede: str
    motif: str


@routes.get("/decisions")
def show_decisions(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show the held lots of every month that waits, and what was decided."""
    return _show(request, lecteur, pilotage, choix)


def _show(
    request: Request, lecteur: Lecteur, pilotage: Connection, choix: ChoixMois, refus: Refus | None = None
) -> Response:
    lots = list_lots_retenus(pilotage)
    return render(
        request, "decisions.html", lecteur, statut=400 if refus else 200, choix=choix, onglet="decisions",
        attendent=[lot for lot in lots if lot.attend], decides=[lot for lot in lots if lot.decision],
        fait=request.query_params.get("fait", ""), caf=request.query_params.get("caf", ""),
        seuil=load_reglages().seuil_double_regard,
        preuves=load_preuves(pilotage, lots), anciens=lambda lot: list_anciens(lots, lot), refus=refus,
        tenus={(str(lot.mois), lot.code_caf) for lot in lots if not lot.detruit},
    )  # fmt: skip


@routes.post("/decisions", dependencies=[Depends(require_formulaire)])
def take_decision(
    request: Request,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    mois: Annotated[str, Form(max_length=7)],
    code_caf: Annotated[str, Form(pattern="^[0-9]{3}$")],
    question: Annotated[str, Form(max_length=60)],
    decision: Annotated[str, Form(pattern="^(libere|garde)$")],
    motif: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Record what the person decided on the verdict that they read; what is refused stays in the form.

    A release drops the lot of that Caf alone; one that is taken back suspends what was dropped.
    """
    require_droit(lecteur.peut_decider)
    try:
        lot = _record(pilotage, mois, code_caf, question, decision, lecteur.nom, motif)
    except ErreurAllerVers as erreur:
        if erreur.passagere:
            raise
        # What looks like somebody's data is not written again, not even to who typed it.
        tape = "" if tells_of_somebody(motif) else motif
        return _show(
            request, lecteur, pilotage, choix, Refus((mois, code_caf), erreur.constat, erreur.remede, tape)
        )
    [dit] = list_lots_retenus(pilotage, Mois.parse(mois), code_caf)
    # The word is in the ledger before the drop is asked for: the drop reads it there.
    pilotage.commit()
    fait = "repris" if decision == "garde" and lot.decision == "libere" else decision
    if dit.decision == "propose":
        fait = "propose"  # the question stays open: it is for a second person
    else:
        close_question(request, question)
    if fait not in ("garde", "propose") and not trigger_depot(request, mois, code_caf, _MOTIFS[fait]):
        fait += "_sans_depot"
    forget_a_faire()
    suite = urlencode({"mois": mois, "fait": fait, "caf": lot.libelle})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/decisions?{suite}", 303)


def _record(
    pilotage: Connection, mois: str, code_caf: str, question: str, decision: str, acteur: str, motif: str
) -> LotRetenu:
    lots = list_lots_retenus(pilotage, Mois.parse(mois), code_caf)
    if not lots or lots[0].question != question:
        caf = lots[0].libelle if lots else code_caf
        raise DecisionRefuseeError(
            f"Le lot {mois} de la Caf {caf} n'est plus retenu, ou son verdict a changé.",
            "relire la liste des lots retenus avant de décider.",
        )
    record_decision(pilotage, lots[0], "libere" if decision == "libere" else "garde", acteur, motif)
    return lots[0]
