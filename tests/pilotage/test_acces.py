"""Who may read and act, asked of Airflow's real user management; what every answer carries."""

from __future__ import annotations

import re

import pytest
from jeu_pilotage import CERTIFICAT
from serveur_page import Page

ECRANS = (
    "/pilotage/", "/pilotage/mois", "/pilotage/caf", "/pilotage/caf/831", "/pilotage/qualite", "/pilotage/trace",
    "/pilotage/trace.csv", "/pilotage/decisions", "/pilotage/transmissions", "/pilotage/transmissions/grille", "/pilotage/transmissions/plusieurs", "/pilotage/indicateurs",
    "/pilotage/indicateurs/demandeurs", "/pilotage/indicateurs/demandeurs/evolution.svg", "/pilotage/indicateurs.csv",
    "/pilotage/indicateurs.xlsx", "/pilotage/trace.json", "/pilotage/registre", "/pilotage/registre.xlsx",
    f"/pilotage/certificats/{CERTIFICAT}", f"/pilotage/certificats/{CERTIFICAT}/preuve.json", "/pilotage/sante",
    "/pilotage/accessibilite", "/pilotage/lieux.json", "/pilotage/envois",
)  # fmt: skip
LECTEURS = ("lectrice", "decideuse", "administratrice")


@pytest.mark.parametrize("chemin", ECRANS)
def test_nobody_reads_anything_without_an_account(page: Page, chemin: str) -> None:
    with page.open() as client:
        reponse = client.get(chemin)
    assert reponse.status_code == 303
    assert "/auth/login" in reponse.headers["location"]
    assert "Var" not in reponse.text


@pytest.mark.parametrize("chemin", ECRANS)
def test_an_account_without_rights_is_told_so(page: Page, chemin: str) -> None:
    with page.open("inconnue") as client:
        reponse = client.get(chemin)
    assert reponse.status_code == 403
    assert "Demander ce droit" in reponse.text
    assert "831" not in reponse.text


@pytest.mark.parametrize("compte", LECTEURS)
@pytest.mark.parametrize("chemin", ECRANS)
def test_whoever_may_read_the_marts_reads_every_screen(page: Page, chemin: str, compte: str) -> None:
    with page.open(compte) as client:
        assert client.get(chemin).status_code == 200


@pytest.mark.parametrize("chemin", ECRANS)
def test_every_answer_forbids_inline_scripts_other_frames_and_caches(page: Page, chemin: str) -> None:
    for compte in (None, "lectrice"):
        with page.open(compte) as client:
            entetes = client.get(chemin).headers
        regles = entetes["content-security-policy"]
        assert "default-src 'none'" in regles
        assert "frame-ancestors 'self'" in regles
        # An image carries its own style, and no script at all.
        assert "unsafe-inline" not in regles or (chemin.endswith(".svg") and "script-src" not in regles)
        assert "unsafe-eval" not in regles
        assert entetes["referrer-policy"] == "no-referrer"
        assert entetes["x-content-type-options"] == "nosniff"
        assert entetes["cache-control"] == "no-store"


def test_every_route_of_the_page_is_among_those_tested() -> None:
    from aller_vers_airflow.pilotage.application import create_application

    chemins = {
        getattr(r, "path", "") for r in create_application().routes if "GET" in getattr(r, "methods", ())
    }
    exemples = {"{code_caf}": "831", "{code}": "demandeurs", "{numero}": str(CERTIFICAT)}
    connus = {"/pilotage" + re.sub(r"\{.*?\}", lambda trouve: exemples[trouve[0]], c) for c in chemins}
    assert connus == set(ECRANS)
