"""Confirming from the page how a Caf's lot is shared out between its Cpam."""

from __future__ import annotations

import re
from collections.abc import Iterator

import psycopg
import pytest
from jeu_pilotage import MOIS
from serveur_page import Page

CADRE = {"Sec-Fetch-Site": "same-origin"}
MOTIF = "Liste reçue des deux Cpam en juillet."
ADRESSE = f"/pilotage/caf/761?mois={MOIS[-1]}"
ACTE = f"/pilotage/caf/761/perimetre?mois={MOIS[-1]}"


@pytest.fixture(autouse=True)
def _forget(page: Page) -> Iterator[None]:
    yield
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute("DELETE FROM suivi.perimetre_confirme")


def read_section(page: Page, compte: str) -> str:
    with page.open(compte) as client:
        reponse = client.get(ADRESSE)
    assert reponse.status_code == 200, reponse.text
    return reponse.text.split('<h2 id="perimetre">')[1].split("</section>")[0]


def read_formulaire(section: str) -> dict[str, str]:
    return dict(re.findall(r'name="(jeton|empreinte|acte)" value="([^"]*)"', section))


def post(page: Page, compte: str, **champs: str) -> int:
    with page.open(compte) as client:
        return client.post(ACTE, data=champs, headers=CADRE).status_code


def test_a_person_confirms_what_they_read_then_takes_it_back(page: Page) -> None:
    section = read_section(page, "decideuse")
    assert "<p>À confirmer</p>" in section
    assert "763 · Cpam du Havre : 17 codes postaux" in section
    assert "À répartir par la Caf : 2 codes postaux" in section
    assert post(page, "decideuse", **read_formulaire(section), motif=MOTIF) == 303
    confirmee = read_section(page, "decideuse")
    assert re.search(r"<p>Confirmé par decideuse le [\d/]+ à [\d:]+ : un fichier par Cpam</p>", confirmee)
    assert MOTIF in confirmee
    with page.open("lectrice") as client:
        liste = client.get(f"/pilotage/caf?mois={MOIS[-1]}").text.split('id="perimetres"')[1]
    assert liste.count("À confirmer</td>") == 4
    assert liste.count("un fichier par Cpam</td>") == 1
    assert post(page, "decideuse", **read_formulaire(confirmee), motif="La liste était ancienne.") == 303
    assert "Confirmation reprise par decideuse" in read_section(page, "lectrice")


def test_a_reader_sees_it_and_may_not_act_and_no_other_site_may(page: Page) -> None:
    assert "<form" not in read_section(page, "lectrice")
    champs = read_formulaire(read_section(page, "decideuse")) | {"motif": MOTIF}
    assert post(page, "lectrice", **champs) == 403
    with page.open("decideuse") as client:
        ailleurs = client.post(ACTE, data=champs, headers={"Sec-Fetch-Site": "cross-site"})
        perime = client.post(ACTE, data=champs | {"empreinte": "0" * 64}, headers=CADRE)
        seule = client.post(ACTE.replace("761", "831"), data=champs, headers=CADRE)
    assert ailleurs.status_code == 403
    assert "ont changé depuis leur lecture" in perime.text
    assert "pas plusieurs Cpam" in seule.text
    assert "<p>À confirmer</p>" in read_section(page, "lectrice")


def test_a_caf_of_one_cpam_has_nothing_to_confirm(page: Page) -> None:
    with page.open("decideuse") as client:
        reponse = client.get(f"/pilotage/caf/831?mois={MOIS[-1]}")
    assert reponse.status_code == 200
    assert 'id="perimetre"' not in reponse.text
