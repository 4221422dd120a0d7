"""« Transmissions »: what a Caf says it sent; who is late; reminders sent; certificates that are due."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from aller_vers.pilotage.envois import load_envois
from aller_vers.pilotage.etats import ETATS, load_grille
from aller_vers.pilotage.recus import load_fichiers_recus, load_retours_recus
from aller_vers.retours.accuse import PORTAILS, Accuse, record_transmission
from aller_vers.retours.relances import (
    Copie,
    list_destructions,
    list_en_attente,
    list_retours_en_retard,
)
from aller_vers.socle.calendrier import PARIS, count_jours_ouvres
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.acces import Lecteur, LecteurDep, require_droit, require_formulaire
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import ChoixMois, MoisDep, forget_a_faire
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
Code = Annotated[str, Form(pattern="^[0-9]{3}$")]
Portail = Annotated[str, Form(pattern="^(bluefiles|peps|interne)$")]
_MOIS_DE_GRILLE = 6
_LOT = re.compile(r"(\d{4}-\d{2})-(\d{3})-(\d{1,3})-(\d{3})")


@dataclass(frozen=True)
class Saisie:
    """Several acknowledgements of one day by one portal: lots by their ``cle``, with a number of people each."""

    portail: str
    date_transmission: date
    lots: Mapping[str, str]

    def read(self, lot: str, lignes: str) -> Accuse:
        """Return one of them.

        Raises:
            ErreurAllerVers: it names no lot, or its number is none.
        """
        cle = _LOT.fullmatch(lot)
        if cle is None:
            raise ErreurAllerVers("Un lot coché n'est pas reconnu.", "recharger la page.")
        mois, code_caf, version, code_cpam = cle.groups()
        if not re.fullmatch(r"\d{1,6}", lignes):
            raise ErreurAllerVers(
                f"Le nombre de personnes envoyées par la Caf {code_caf} à la Cpam {code_cpam} manque.",
                "l'écrire, ou 0 si rien n'était pour elle.",
            )
        return Accuse(
            code_caf,
            Mois.parse(mois),
            int(version),
            code_cpam,
            int(lignes),
            self.portail,
            self.date_transmission,
        )


@routes.get(
    "/transmissions/plusieurs"
)  # where a refusal leaves its reader, whose links sort, search and page
@routes.get("/transmissions")
def show_transmissions(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep
) -> Response:
    """Show what is awaited, the late first, and record an acknowledgement."""
    return _show(request, lecteur, pilotage, choix)


def _show(
    request: Request,
    lecteur: Lecteur,
    pilotage: Connection,
    choix: ChoixMois,
    saisie: Saisie | None = None,
    refus: Sequence[ErreurAllerVers] = (),
) -> Response:
    jour = datetime.now(PARIS).date()
    reglages = load_reglages()
    attendues = list_en_attente(pilotage)
    retards = {
        a
        for a in attendues
        if count_jours_ouvres(a.depose_le, jour, a.code_caf) > reglages.jours_ouvres_transmission
    }
    attendues = tuple(sorted(attendues, key=lambda a: (a not in retards, a.depose_le, a.code_caf)))
    dues = list_destructions(pilotage, jour, reglages.mois_certificat, reglages.jours_retour)
    choisie = request.query_params.get("lot", "")
    return render(
        request, "transmissions.html", lecteur, choix=choix, onglet="transmissions", attendues=attendues,
        retards=retards, saisie=saisie, refus=refus, statut=400 if refus else 200,
        certificats=[d for d in dues if not isinstance(d, Copie)], copies=[d for d in dues if isinstance(d, Copie)],
        mois_certificat=reglages.mois_certificat, portails=PORTAILS, jour=jour,
        relances=load_envois(pilotage, rappels=True, nombre=50), fichiers=load_fichiers_recus(pilotage),
        retours=load_retours_recus(pilotage),
        sans_retour=list_retours_en_retard(pilotage, jour, reglages.jours_retour),
        fait=request.query_params.get("fait", ""),
        choisie=next((a for a in attendues if choisie == a.cle), None),
    )  # fmt: skip


@routes.get("/transmissions/grille")
def show_grille(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> Response:
    """Show where each Caf's lot stands over six months, the one that was chosen first."""
    mois = [m for m in choix.connus if m <= choix.require][:_MOIS_DE_GRILLE]
    grille = load_grille(
        pilotage, mois, datetime.now(PARIS).date(), load_reglages().jours_ouvres_transmission
    )
    return render(
        request, "grille.html", lecteur, choix=choix, onglet="transmissions", mois=mois,
        rangees=list(zip(*grille.values(), strict=True)),
        compte=[(etat, n) for etat in ETATS if (n := sum(s.etat is etat for s in grille[mois[0]]))],
    )  # fmt: skip


async def read_saisie(
    request: Request, portail: Portail, date_transmission: Annotated[date, Form()]
) -> Saisie:
    """Return the acknowledgements that were ticked, each with its number of people as it was typed."""
    formulaire = await request.form()
    return Saisie(
        portail,
        date_transmission,
        {lot: str(formulaire.get(f"lignes-{lot}", "")) for lot in map(str, formulaire.getlist("lot"))},
    )


@routes.post("/transmissions/plusieurs", dependencies=[Depends(require_formulaire)])
def take_accuses(
    request: Request,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    saisie: Annotated[Saisie, Depends(read_saisie)],
) -> Response:
    """Record several acknowledgements in the name of the person: all of them, or none and what was typed is there."""
    require_droit(lecteur.peut_transmettre)
    refus: list[ErreurAllerVers] = []
    essai = pilotage.begin_nested()
    if not saisie.lots:
        refus.append(ErreurAllerVers("Aucun lot n'est coché.", "cocher ceux qui ont été envoyés."))
    for lot, lignes in saisie.lots.items():
        try:
            with pilotage.begin_nested():
                record_transmission(pilotage, saisie.read(lot, lignes), lecteur.nom)
        except ErreurAllerVers as erreur:
            if erreur.passagere:
                raise
            refus.append(erreur)
    if refus:
        essai.rollback()
        return _show(request, lecteur, pilotage, choix, saisie, refus)
    essai.commit()
    forget_a_faire()
    fait = (
        "Les transmissions cochées sont inscrites" if len(saisie.lots) > 1 else "La transmission est inscrite"
    )
    suite = urlencode({"mois": str(choix.choisi or ""), "fait": fait})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/transmissions?{suite}", 303)


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
    portail: Portail,
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
    suite = urlencode({"mois": mois, "fait": f"La transmission {code_caf} vers {code_cpam} est inscrite"})
    return RedirectResponse(f"{request.scope.get('root_path', '')}/transmissions?{suite}", 303)
