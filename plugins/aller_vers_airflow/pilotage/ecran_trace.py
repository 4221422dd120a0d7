"""« Trace »: for the data-protection officer."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.mois import Mois
from aller_vers.pilotage.trace import Evenement, load_evenements
from aller_vers.suivi import verify_chaines
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import render

routes = APIRouter()
_COLONNES = ("le", "mois", "code_caf", "version", "etat", "destinataire", "acteur", "motif", "hash")


class Recherche:
    """What is searched: a month, a Caf, a version; empty fields ask nothing."""

    def __init__(
        self,
        periode: Annotated[str, Query(max_length=7)] = "",
        caf: Annotated[str, Query(max_length=3)] = "",
        version: Annotated[str, Query(max_length=4)] = "",
    ) -> None:
        self.periode, self.caf, self.version = periode.strip(), caf.strip(), version.strip()

    def find(self, pilotage: PilotageDep) -> list[Evenement]:
        """Return the events that are asked for.

        Raises:
            ErreurAllerVers: the month, the Caf or the version is not one.
        """
        if self.caf and not (self.caf.isdecimal() and len(self.caf) == 3):
            raise ErreurAllerVers("Ce n'est pas un code de Caf.", "donner trois chiffres, par exemple 831.")
        if self.version and not self.version.isdecimal():
            raise ErreurAllerVers("Ce n'est pas une version.", "donner un nombre, par exemple 1.")
        return load_evenements(
            pilotage,
            str(Mois.parse(self.periode)) if self.periode else None,
            self.caf or None,
            int(self.version) if self.version else None,
        )


@routes.get("/trace")
def show_trace(request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep) -> HTMLResponse:
    """Search the ledger, and say whether its chains hold."""
    q = request.query_params
    recherche = Recherche(q.get("periode", ""), q.get("caf", ""), q.get("version", ""))
    return render(
        request, "trace.html", lecteur, choix=choix, onglet="trace", recherche=recherche,
        evenements=recherche.find(pilotage), ruptures=verify_chaines(pilotage),
    )  # fmt: skip


@routes.get("/trace.csv")
def export_trace(request: Request, lecteur: LecteurDep, pilotage: PilotageDep) -> Response:
    """Give the events of the search as a file that Excel opens."""
    q = request.query_params
    recherche = Recherche(q.get("periode", ""), q.get("caf", ""), q.get("version", ""))
    texte = io.StringIO()
    sortie = csv.writer(texte, delimiter=";", lineterminator="\r\n")
    sortie.writerow(_COLONNES)
    for e in recherche.find(pilotage):
        sortie.writerow([e.le.isoformat(), *(getattr(e, nom) for nom in _COLONNES[1:])])
    return Response(
        texte.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="trace.csv"'},
    )
