"""« Trace »: for the data-protection officer: the ledger, its chains, the register, the certificates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from aller_vers.lots.fiche_de_registre import NATIONALE, build_classeur, build_fiche
from aller_vers.pilotage.lectures import load_lectures
from aller_vers.pilotage.trace import (
    find_certificat,
    load_certificats,
    load_destructions_cpam,
    load_evenements,
)
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.trace import Anomalie, Evenement, export, verify_trace
from aller_vers.suivi.trace import load_evenements as load_export
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import PilotageDep
from aller_vers_airflow.pilotage.carnet import CarnetDep
from aller_vers_airflow.pilotage.choix import MoisDep
from aller_vers_airflow.pilotage.rendu import attach, render

routes = APIRouter()
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Fiche = Annotated[str, Query(alias="caf", max_length=9)]
Numero = Annotated[int, Path(ge=1, le=2**62)]


class Recherche:
    """What is searched: a month, a Caf, a version; empty fields ask nothing.

    Raises:
        ErreurAllerVers: one of them is not what it has to be.
    """

    def __init__(self, periode: str = "", caf: str = "", version: str = "") -> None:
        self.periode, self.caf, self.version = periode.strip(), caf.strip(), version.strip()
        if self.caf and not (self.caf.isdecimal() and len(self.caf) == 3):
            raise ErreurAllerVers("Ce n'est pas un code de Caf.", "donner trois chiffres, par exemple 831.")
        if self.version and not (self.version.isdecimal() and len(self.version) < 5):
            raise ErreurAllerVers("Ce n'est pas une version.", "donner un nombre, par exemple 1.")
        self.lu = Mois.parse(self.periode) if self.periode else None
        self.mois = str(self.lu) if self.lu else None
        self.code_caf, self.numero = self.caf or None, int(self.version) if self.version else None


RechercheDep = Annotated[Recherche, Depends()]


@routes.get("/trace")
def show_trace(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, recherche: RechercheDep,
    carnet: CarnetDep, verifier: bool = False,
) -> Response:  # fmt: skip
    """Search the ledger, the certificates and the readings, and say whether the chains hold."""
    r, delai = recherche, load_reglages().mois_certificat
    carnet.note("trace", r.code_caf, r.lu)
    return render(
        request, "trace.html", lecteur, choix=choix, onglet="trace", recherche=r,
        evenements=load_evenements(pilotage, r.mois, r.code_caf, r.numero), verification=verify(pilotage, verifier),
        certificats=load_certificats(pilotage, r.mois, r.code_caf), jour=datetime.now(PARIS).date(),
        destructions=load_destructions_cpam(
            pilotage, delai, r.mois, r.code_caf, choix.connus[0].shift(-11) if choix.connus else None
        ), mois_certificat=delai,
        lectures=load_lectures(pilotage, r.mois, r.code_caf), mois_lectures=load_reglages().mois_lectures,
        caf=load_caf().values(), nationale=NATIONALE,
    )  # fmt: skip


@dataclass(frozen=True)
class Verification:
    """What was found when every event was hashed again, and when that was."""

    anomalies: tuple[Anomalie, ...]
    le: datetime


_DUREE = timedelta(minutes=5)
_derniere: dict[str, Verification] = {}


def verify(pilotage: PilotageDep, maintenant: bool) -> Verification:
    """Verify the whole ledger, at most every five minutes in a process unless somebody asks for it now."""
    connue = _derniere.get("tout")
    if connue is None or maintenant or connue.anomalies or datetime.now(PARIS) - connue.le > _DUREE:
        connue = _derniere["tout"] = Verification(tuple(verify_trace(pilotage)), datetime.now(PARIS))
    return connue


@routes.get("/trace.csv")
def export_csv(
    lecteur: LecteurDep, pilotage: PilotageDep, recherche: RechercheDep, carnet: CarnetDep
) -> Response:
    """Give every event of the search as a file that a spreadsheet opens."""
    octets = export(_load_export(pilotage, recherche), "csv")
    carnet.note("trace", recherche.code_caf, recherche.lu, fichier="csv")
    return attach(octets, "text/csv; charset=utf-8", "trace.csv")


@routes.get("/trace.json")
def export_json(
    lecteur: LecteurDep, pilotage: PilotageDep, recherche: RechercheDep, carnet: CarnetDep
) -> Response:
    """Give every event of the search with all that its hash seals: whoever has the file can verify it."""
    octets = export(_load_export(pilotage, recherche), "json")
    carnet.note("trace", recherche.code_caf, recherche.lu, fichier="json")
    return attach(octets, "application/json", "trace.json")


@routes.get("/registre")
def show_fiche(
    request: Request, lecteur: LecteurDep, pilotage: PilotageDep, choix: MoisDep, carnet: CarnetDep,
    caf: Fiche = NATIONALE,
) -> Response:  # fmt: skip
    """Show a sheet of the register of processing: the nation's or a Caf's."""
    fiche = build_fiche(caf, load_reglages())
    carnet.note("registre", caf)
    return render(
        request, "registre.html", lecteur, choix=choix, onglet="trace", code=caf, caf=load_caf().values(),
        fiche=fiche, nationale=NATIONALE, jour=datetime.now(PARIS).date(),
    )  # fmt: skip


@routes.get("/registre.xlsx")
def export_fiche(lecteur: LecteurDep, carnet: CarnetDep, caf: Fiche = NATIONALE) -> Response:
    """Give the same sheet as the workbook that each Caf finds on its share."""
    fiche = build_fiche(caf, load_reglages())
    carnet.note("registre", caf, fichier="xlsx")
    return attach(build_classeur(fiche), _XLSX, fiche.nom)


@routes.get("/certificats/{numero}")
def show_certificat(
    request: Request,
    numero: Numero,
    lecteur: LecteurDep,
    pilotage: PilotageDep,
    choix: MoisDep,
    carnet: CarnetDep,
) -> Response:
    """Show one certificate of destruction, made to be printed, and whether its chain holds."""
    certificat = find_certificat(pilotage, numero)
    carnet.note("certificat", str(numero), certificat.mois)
    anomalies = verify_trace(pilotage, str(certificat.mois))
    return render(
        request, "certificat.html", lecteur, choix=choix, onglet="trace", c=certificat,
        anomalies=[a for a in anomalies if a.code_caf == certificat.code_caf],
    )  # fmt: skip


@routes.get("/certificats/{numero}/preuve.json")
def export_certificat(
    lecteur: LecteurDep, pilotage: PilotageDep, numero: Numero, carnet: CarnetDep
) -> Response:
    """Give the event that is the certificate, as the ledger holds it."""
    certificat = find_certificat(pilotage, numero)
    carnet.note("certificat", str(numero), certificat.mois, fichier="json")
    evenements = load_export(pilotage, str(certificat.mois), certificat.code_caf)
    octets = export([e for e in evenements if e.id == numero], "json")
    return attach(octets, "application/json", f"certificat_{numero}.json")


def _load_export(pilotage: PilotageDep, recherche: Recherche) -> list[Evenement]:
    evenements = load_export(pilotage, recherche.mois, recherche.code_caf)
    return [e for e in evenements if recherche.numero in (None, e.version)]
