"""Deciding on a held lot from the page: who may, what the ledger keeps, what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import psycopg
import pytest
from jeu_pilotage import MOIS, RETENUE, TENUE
from serveur_page import Page

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

CADRE = {"Sec-Fetch-Site": "same-origin"}
MOTIF = "Doublon vérifié avec la Caf : deux dossiers distincts."


@pytest.fixture
def navigateur(page: Page) -> Iterator[httpx.Client]:
    with page.open("decideuse") as client:
        yield client


def read_formulaire(client: httpx.Client) -> dict[str, str]:
    texte = (
        client.get("/pilotage/decisions")
        .text.split(f'id="lot-{MOIS[-1]}-{RETENUE}"')[1]
        .split("</article>")[0]
    )
    return dict(re.findall(r'name="(jeton|mois|code_caf|question)" value="([^"]*)"', texte))


def count_a_faire(client: httpx.Client) -> int:
    [nombre] = re.findall(r'id="compte">(\d+)<', client.get("/pilotage/sante").text)
    return int(nombre)


def read_decisions(page: Page) -> list[tuple[str, str, str]]:
    with psycopg.connect(page.dsn) as connexion:
        return connexion.execute(
            "SELECT etat, acteur, motif FROM suivi.evenement WHERE mois = %s AND code_caf = %s "
            "AND preuve ->> 'decision' IS NOT NULL ORDER BY id",
            (MOIS[-1], RETENUE),
        ).fetchall()


def test_a_reader_sees_the_held_lot_and_no_form(page: Page) -> None:
    with page.open("lectrice") as client:
        texte = client.get("/pilotage/decisions").text
    assert "591 · Nord" in texte
    lot = texte.split(f'id="lot-{MOIS[-1]}-{RETENUE}"')[1].split("</article>")[0]
    assert "2 sur 18 (11,1\u202f%), 0,0\u202f% d&#39;habitude" in lot
    assert "Une personne n&#39;est transmise qu&#39;une fois par mois." in lot
    assert "18, d'habitude 16 (de 16 à 17, 2 mois)" in lot
    assert "16 ; 2 ne partiraient pas" in lot
    assert "<form" not in texte
    assert "ne permet pas de décider" in texte


def test_a_reader_who_forges_the_form_is_refused(page: Page) -> None:
    with page.open("decideuse") as client:
        formulaire = read_formulaire(client)
    with page.open("lectrice") as client:
        reponse = client.post(
            "/pilotage/decisions", data={**formulaire, "decision": "libere", "motif": MOTIF}, headers=CADRE
        )
    assert reponse.status_code == 403
    assert read_decisions(page) == []


@pytest.mark.parametrize(
    ("change", "entetes"),
    [
        ({"jeton": ""}, CADRE),
        ({"jeton": "faux.jeton.signe"}, CADRE),
        ({}, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {"Sec-Fetch-Site": "same-site"}),
        ({}, {"Origin": "https://ailleurs.example.org"}),
        ({}, {"Origin": "null"}),
        ({}, {}),
    ],
)
def test_what_was_not_sent_from_our_own_form_is_refused(
    page: Page, navigateur: httpx.Client, change: dict[str, str], entetes: dict[str, str]
) -> None:
    donnees = {**read_formulaire(navigateur), "decision": "libere", "motif": MOTIF, **change}
    reponse = navigateur.post("/pilotage/decisions", data=donnees, headers=entetes)
    assert reponse.status_code == 403
    assert read_decisions(page) == []


@pytest.mark.parametrize(
    ("donnees", "statut", "phrase"),
    [
        ({"motif": "court"}, 400, "sans motif"),
        ({"motif": "voir marie@courriel.example.org"}, 400, "donnée personnelle"),
        ({"motif": MOTIF, "question": "lot-2025-08-591-00000000"}, 400, "son verdict a changé"),
        ({"motif": MOTIF, "code_caf": "831"}, 400, "plus retenu"),
        ({"motif": MOTIF, "decision": "detruire"}, 422, "Demande incomplète"),
    ],
)
def test_a_decision_that_cannot_be_taken_says_why(
    page: Page, navigateur: httpx.Client, donnees: dict[str, str], statut: int, phrase: str
) -> None:
    complet = {**read_formulaire(navigateur), "decision": "libere", **donnees}
    reponse = navigateur.post("/pilotage/decisions", data=complet, headers=CADRE)
    assert (reponse.status_code, phrase in reponse.text) == (statut, True)
    assert "marie@" not in reponse.text
    assert read_decisions(page) == []


def test_what_is_refused_stays_in_its_form_with_what_was_typed(navigateur: httpx.Client) -> None:
    formulaire = {**read_formulaire(navigateur), "decision": "libere"}
    texte = navigateur.post(
        "/pilotage/decisions", data={**formulaire, "motif": "trop bref"}, headers=CADRE
    ).text
    lot = texte.split(f'id="lot-{MOIS[-1]}-{RETENUE}"')[1].split("</article>")[0]
    assert ">trop bref</textarea>" in lot
    assert "ne se libère pas sans motif" in lot
    assert texte.count('role="alert"') == 1
    assert re.findall(r'name="decision" value="(\w+)"', lot) == ["garde", "libere"], "the safe one is first"


def test_a_lot_is_kept_then_released_in_the_name_of_the_user(page: Page, navigateur: httpx.Client) -> None:
    formulaire = read_formulaire(navigateur)
    navigateur.get("/pilotage/")  # it counts anew what other screens keep for half a minute
    avant = count_a_faire(navigateur)
    garde = navigateur.post(
        "/pilotage/decisions", data={**formulaire, "decision": "garde", "motif": ""}, headers=CADRE
    )
    assert garde.status_code == 303
    texte = navigateur.get(garde.headers["location"]).text
    assert "reste retenu" in texte
    assert count_a_faire(navigateur) == avant - 1
    assert "Gardé retenu</strong> par decideuse" in texte
    assert "La même personne figure plusieurs fois dans le mois</p>" in texte, "the gate's own reason"
    assert "<summary>Revoir</summary>" in texte
    # The two screens agree.
    assert "Revoir la décision" in navigateur.get(f"/pilotage/caf/{RETENUE}?mois={MOIS[-1]}").text
    decider = (
        navigateur.get(f"/pilotage/mois?mois={MOIS[-1]}").text.split('id="decider"')[1].split("</section>")[0]
    )
    assert RETENUE not in decider
    assert TENUE in decider

    libere = navigateur.post(
        "/pilotage/decisions", data={**formulaire, "decision": "libere", "motif": MOTIF}, headers=CADRE
    )
    assert libere.status_code == 303
    # No scheduler has read a DAG here: the word is kept, and the page says that the drop was not started.
    assert "n'a pas pu lancer le dépôt" in navigateur.get(libere.headers["location"]).text
    [tenue, liberee] = read_decisions(page)
    assert tenue == ("retenu", "decideuse", "qualité : identite_dupliquee")
    assert liberee == ("prepare", "decideuse", MOTIF)


def test_a_lot_is_dropped_again_with_a_reason_by_who_may_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    from fastapi import HTTPException, Request

    from aller_vers_airflow.pilotage import ecran_caf
    from aller_vers_airflow.pilotage.acces import Lecteur

    demandes: list[tuple[str, ...]] = []
    monkeypatch.setattr(ecran_caf, "trigger_depot", lambda _, *quoi: demandes.append(quoi) is None)
    demande = Request({"type": "http", "method": "POST", "path": "/caf/831/depot", "headers": []})
    choix = SimpleNamespace(require=Mois(2025, 8))

    def ask(motif: str, *, peut_decider: bool = True) -> str:
        lecteur = Lecteur("quelqu'un", peut_decider=peut_decider, peut_transmettre=True)
        reponse = ecran_caf.ask_depot(demande, "831", lecteur, None, choix, motif)  # type: ignore[arg-type]
        return reponse.headers["location"]

    with pytest.raises(HTTPException):
        ask("corrigé à la source", peut_decider=False)
    with pytest.raises(ErreurAllerVers):
        ask("écrire à quelqu.un@example.org")
    assert demandes == []
    assert ask("corrigé  à la source") == "/caf/831?mois=2025-08&fait=demande#lot"
    assert demandes == [("2025-08", "831", "corrigé à la source")]
