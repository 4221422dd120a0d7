"""The application: routes, headers, pages of errors. Every route asks Airflow who reads."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path

from airflow.api_fastapi.app import get_auth_manager
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import OperationalError

from aller_vers.socle.erreurs import ErreurAllerVers, IntrouvableError, RefusError
from aller_vers_airflow.pilotage import (
    ecran_a_faire,
    ecran_caf,
    ecran_decisions,
    ecran_envois,
    ecran_indicateurs,
    ecran_lieux,
    ecran_mois,
    ecran_qualite,
    ecran_sante,
    ecran_trace,
    ecran_transmissions,
)
from aller_vers_airflow.pilotage.base import SansBaseError
from aller_vers_airflow.pilotage.rendu import render

ENTETES = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STATIQUES = "/statique/"
_journal = logging.getLogger(__name__)
_ERREURS = {
    403: ("Accès refusé", "Demander ce droit à l'administrateur d'Airflow."),
    404: ("Introuvable", "Vérifier l'adresse, ou revenir au mois en cours."),
}


def create_application() -> FastAPI:
    """Return the application, without documentation pages: it has no public interface."""
    application = FastAPI(title="Pilotage", docs_url=None, redoc_url=None, openapi_url=None)
    application.mount(_STATIQUES, StaticFiles(directory=Path(__file__).parent / "statiques"))
    for ecran in (
        ecran_a_faire, ecran_mois, ecran_decisions, ecran_transmissions, ecran_qualite, ecran_indicateurs, ecran_caf,
        ecran_trace, ecran_sante, ecran_lieux, ecran_envois,
    ):  # fmt: skip
        application.include_router(ecran.routes)
    application.middleware("http")(add_entetes)
    application.exception_handler(HTTPException)(show_refus)
    application.exception_handler(404)(show_refus)
    application.exception_handler(RequestValidationError)(show_saisie)
    application.exception_handler(SansBaseError)(show_sans_base)
    application.exception_handler(ErreurAllerVers)(show_erreur)
    return application


async def add_entetes(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Forbid other origins, inline scripts and caches of what is not an asset; no error leaves with its text."""
    try:
        reponse = await call_next(request)
    except Exception as erreur:  # noqa: BLE001 - told by type and place: a library's text may quote a value
        reponse = show_imprevu(request, erreur)
    for nom, valeur in ENTETES.items():
        reponse.headers.setdefault(nom, valeur)  # an image has its own
    statique = _STATIQUES in request.url.path
    reponse.headers["Cache-Control"] = "private, max-age=3600" if statique else "no-store"
    return reponse


async def show_refus(request: Request, erreur: Exception) -> Response:
    """Nobody: to Airflow's login; no right or no such page: a page that says so."""
    statut = getattr(erreur, "status_code", 404)
    if statut == 401 and request.method == "GET":
        return RedirectResponse(get_auth_manager().get_url_login(next_url=str(request.url)), 303)
    titre, remede = _ERREURS.get(statut, ("Action impossible", "Recharger la page, puis recommencer."))
    detail = getattr(erreur, "detail", "")
    constat = detail if detail and detail != "Not Found" else "Cette page n'existe pas."
    return render(request, "erreur.html", statut=statut, titre=titre, constat=constat, remede=remede)


async def show_saisie(request: Request, _: Exception) -> Response:
    """Tell that the address or the form does not hold what it has to."""
    return render(
        request, "erreur.html", statut=422, titre="Demande incomplète",
        constat="L'adresse ou le formulaire ne contient pas ce qui est attendu.",
        remede="Revenir à la page précédente et vérifier la saisie (un mois s'écrit AAAA-MM).",
    )  # fmt: skip


async def show_sans_base(request: Request, erreur: Exception) -> Response:
    """Tell that the warehouse does not answer; why is in the log."""
    _journal.error("Pilotage : %s", erreur)
    return render(
        request, "erreur.html", statut=503, titre="L'entrepôt ne répond pas",
        constat="La page ne peut pas lire l'entrepôt (connexion Airflow av_pilotage).",
        remede="Attendre une minute et recharger ; si cela dure, prévenir l'exploitation.",
    )  # fmt: skip


async def show_erreur(request: Request, erreur: Exception) -> Response:
    """Show an error of the domain: what was found, what to do; a database that stops midway is no database."""
    assert isinstance(erreur, ErreurAllerVers)
    if isinstance(erreur, RefusError):
        _journal.error("Pilotage : %s", erreur.constat)
        return render(
            request, "erreur.html", statut=500, titre="L'entrepôt refuse",
            constat=erreur.constat,
            remede="Recharger ; si cette phrase revient, la donner à l'exploitation : python -m aller_vers verifier "
            "dit quel droit ou quelle migration manque.",
        )  # fmt: skip
    if erreur.passagere:
        return await show_sans_base(request, erreur)
    absent = isinstance(erreur, IntrouvableError)
    return render(
        request, "erreur.html", statut=404 if absent else 400,
        titre="Introuvable" if absent else "Action impossible", constat=erreur.constat, remede=erreur.remede,
    )  # fmt: skip


def show_imprevu(request: Request, erreur: Exception) -> Response:
    """Tell an unforeseen error by its type alone, here and in the log."""
    lieu = traceback.extract_tb(erreur.__traceback__)[-1]
    _journal.error("Pilotage : %s, %s ligne %s", type(erreur).__name__, Path(lieu.filename).name, lieu.lineno)
    if isinstance(erreur, OperationalError):  # not the warehouse's: those are translated
        return render(
            request, "erreur.html", statut=503, titre="La base d'Airflow ne répond pas",
            constat="Airflow ne peut pas dire qui vous êtes ni ce que vous pouvez voir.",
            remede="Attendre une minute et recharger ; si cela dure, prévenir l'exploitation.",
        )  # fmt: skip
    return render(
        request, "erreur.html", statut=500, titre="Erreur imprévue",
        constat=f"La page n'a pas pu être préparée ({type(erreur).__name__}).",
        remede="Recharger ; si l'erreur revient, la signaler avec l'adresse de la page.",
    )  # fmt: skip
