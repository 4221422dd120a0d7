"""Who reads and who acts: Airflow's own users and rights, asked for every route; forms protected against forgery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep
from airflow.configuration import conf
from fastapi import Depends, Form, HTTPException, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

_DUREE_JETON = 12 * 3600
_SANS_DROIT = "Votre compte Airflow ne donne pas ce droit."


@dataclass(frozen=True)
class Lecteur:
    """The person behind a request: name, as the ledger keeps it, and what Airflow lets them do."""

    nom: str
    peut_decider: bool
    peut_transmettre: bool


def find_lecteur(user: GetUserDep) -> Lecteur:
    """Return who asks, if they may read the DAGs that the page tells of.

    Raises:
        HTTPException: 403, they may not; 401 comes from Airflow when there is nobody.
    """
    droits = get_auth_manager()

    def may(dag: str, methode: str, objet: DagAccessEntity | None = None) -> bool:
        return bool(
            droits.is_authorized_dag(
                method=methode,  # type: ignore[arg-type]
                access_entity=objet,
                details=DagDetails(id=dag),
                user=user,
            )
        )

    if not may("marts_indicateurs", "GET"):
        raise HTTPException(403, _SANS_DROIT)
    return Lecteur(
        user.get_name(),
        peut_decider=may("decisions_lots", "PUT", DagAccessEntity.HITL_DETAIL),
        peut_transmettre=may("suivi_transmissions", "POST", DagAccessEntity.RUN),
    )


LecteurDep = Annotated[Lecteur, Depends(find_lecteur)]


def make_jeton(lecteur: Lecteur) -> str:
    """Return what a form of this person carries, and nobody else can make."""
    return _signer().dumps(lecteur.nom)


def require_formulaire(request: Request, lecteur: LecteurDep, jeton: Annotated[str, Form()] = "") -> None:
    """Refuse what was not sent from one of our own forms, by the person to whom it was shown.

    Raises:
        HTTPException: 403.
    """
    # Without a referrer, a browser calls the origin of its own form « null »: where it comes from is said besides.
    site, origine = request.headers.get("sec-fetch-site"), request.headers.get("origin", "")
    meme = site == "same-origin" if site else urlsplit(origine).netloc == request.headers.get("host")
    try:
        auteur = _signer().loads(jeton, max_age=_DUREE_JETON)
    except BadSignature:
        auteur = None
    if not meme or auteur != lecteur.nom:
        raise HTTPException(403, "Ce formulaire a expiré ou ne vient pas de cette page : la recharger.")


def require_droit(accorde: bool) -> None:
    """Refuse an action.

    Raises:
        HTTPException: 403.
    """
    if not accorde:
        raise HTTPException(403, _SANS_DROIT)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get("api", "secret_key"), salt="pilotage")
