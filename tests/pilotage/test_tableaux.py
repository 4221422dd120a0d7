"""Every table is searched, filtered, sorted and given as CSV by the address alone; month and Caf follow the reader."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from jeu_pilotage import MOIS, RETENUE, TRANSMISE
from serveur_page import Page

from aller_vers_airflow.pilotage.rendu import load_gabarits
from aller_vers_airflow.pilotage.tableaux import Demande, equip, make_cle

PAGE = """<div class="defile" role="region" aria-label="Les lots">
<table><caption>Lots</caption><thead><tr><th scope="col">Caf</th><th scope="col" class="n">Personnes</th><th scope="col">État</th>
<th scope="col">Le</th></tr></thead><tbody>{}</tbody></table></div>"""
LIGNES = (
    ("831 · Var", "1 004", "Déposé", "02/01/2026"), ("251 · Doubs", "12", "Retenu", "31/12/2025 à 06:00"),
    ("301 · Hérault &amp; côte", "—", "Déposé", "01/02/2026"), ("591 · Nord", "−3,5", "Retenu", "—"),
)  # fmt: skip


def build(**parametres: str) -> tuple[str, list[tuple[str, ...]]]:
    """Return the page of ten rows as asked for, and the rows that it keeps."""
    lignes = [*LIGNES, *((f"98{n} · Ailleurs", "7", "Déposé", "01/01/2020") for n in range(6))]
    corps = "".join("<tr>" + "".join(f"<td>{c}</td>" for c in ligne) + "</tr>" for ligne in lignes)
    caf = parametres.pop("caf", "")
    demande = Demande(load_gabarits().get_template("outils.html"), parametres.items(), caf)
    texte = equip(PAGE.format(corps), demande)
    return texte, demande.vus["les-lots"][1]


def list_premiers(lignes: list[tuple[str, ...]]) -> list[str]:
    return [ligne[0][:3] for ligne in lignes if not ligne[0].startswith("98")]


@pytest.mark.parametrize(
    ("demande", "attendu"),
    [
        ({}, ["831", "251", "301", "591"]),
        ({"les-lots.q": "HERAULT cote"}, ["301"]),
        ({"les-lots.q": "depose var"}, ["831"]),
        ({"les-lots.2": "Retenu"}, ["251", "591"]),
        ({"les-lots.tri": "1"}, ["591", "251", "831", "301"]),  # what is not known comes last, both ways
        ({"les-lots.tri": "-1"}, ["831", "251", "591", "301"]),
        ({"les-lots.tri": "3"}, ["251", "831", "301", "591"]),
        ({"les-lots.tri": "0", "les-lots.2": "Déposé"}, ["301", "831"]),
        ({"les-lots.tri": "99"}, ["831", "251", "301", "591"]),
        ({"autre.q": "var"}, ["831", "251", "301", "591"]),
        ({"caf": "251"}, ["251"]),
    ],
)
def test_a_table_shows_what_its_address_asks(demande: dict[str, str], attendu: list[str]) -> None:
    assert list_premiers(build(**demande)[1]) == attendu


def test_what_was_asked_stays_in_the_address_and_nothing_of_it_is_written_raw() -> None:
    texte, lignes = build(mois="2025-08", **{"les-lots.q": '"><script>', "les-lots.tri": "1"})
    assert (lignes, "<script>" in texte) == ([], False)
    assert "Rien de tel" in texte
    assert 'name="mois" value="2025-08"' in texte
    assert 'name="les-lots.tri" value="1"' in texte
    assert 'aria-sort="ascending"' in texte
    assert "les-lots.tri=-1" in texte  # the same column again, the other way


def page_longue(**parametres: str) -> tuple[list[str], int, list[str]]:
    """Return what a table of 300 rows shows of them, how many its CSV gives, and where its pages lead."""
    corps = "".join(f"<tr><td>{n} · Caf</td><td>{n}</td></tr>" for n in range(300))
    demande = Demande(load_gabarits().get_template("outils.html"), parametres.items())
    texte = equip(PAGE.format(corps), demande)
    pages = re.findall(r'href="\?([^"#]*)#[^"]*">(?:Précédentes|Suivantes|Toutes)', texte)
    return re.findall(r"<td>(\d+)</td>", texte), len(demande.vus["les-lots"][1]), pages


@pytest.mark.parametrize(
    ("page", "montrees", "menant"),
    [
        ("", range(50), ["les-lots.page=2", "les-lots.page=tout"]),
        ("6", range(250, 300), ["les-lots.page=5", "les-lots.page=tout"]),
        ("99", range(250, 300), ["les-lots.page=5", "les-lots.page=tout"]),
        ("-1", range(50), ["les-lots.page=2", "les-lots.page=tout"]),
        ("tout", range(300), []),
    ],
)
def test_a_long_table_is_read_by_pages_and_given_whole(page: str, montrees: range, menant: list[str]) -> None:
    vues, csv_entier, pages = page_longue(**{"les-lots.page": page})
    assert (vues, csv_entier, pages) == ([str(n) for n in montrees], 300, menant)


def test_a_long_table_is_searched_and_sorted_whole_from_its_first_page() -> None:
    assert page_longue(**{"les-lots.q": "287"})[0] == ["287"]
    vues, _, pages = page_longue(**{"les-lots.tri": "-1", "les-lots.page": "2"})
    assert (vues[0], pages[0]) == ("249", "les-lots.tri=-1&amp;les-lots.page=1")
    corps = "".join(f"<tr><td>{n} · Caf</td></tr>" for n in range(300))
    demande = Demande(load_gabarits().get_template("outils.html"), [("les-lots.page", "3")])
    texte = equip(PAGE.format(corps), demande)
    # Another order or another search starts again at its first page.
    assert (re.findall(r'class="tri" href="([^"#]*)', texte)[0], 'name="les-lots.page"' in texte) == (
        "?les-lots.tri=0",
        False,
    )


def test_a_day_a_number_and_a_word_are_sorted_as_what_they_are() -> None:
    assert make_cle("9,5 %") < make_cle("10,1 %")
    assert make_cle("31/12/2025 à 08:00") < make_cle("31/12/2025 à 10:00") < make_cle("01/01/2026")
    assert make_cle("Été") < make_cle("zone")


def read(page: Page, chemin: str, statut: int = 200) -> str:
    with page.open("lectrice") as client:
        reponse = client.get(f"/pilotage/{chemin}")
    assert reponse.status_code == statut, reponse.text
    return reponse.content.decode("utf-8-sig")


def test_the_screen_and_its_csv_say_the_same(page: Page) -> None:
    demande = f"caf?mois={MOIS[-1]}&liste.q=retenu"
    texte = read(page, demande)
    lignes = list(csv.DictReader(io.StringIO(read(page, f"{demande}&csv=liste")), delimiter=";"))
    assert {ligne["Caf"][:3] for ligne in lignes} == set(
        re.findall(r"<tr><th[^>]*><a[^>]*>(\d{3})", texte.split('id="perimetres"')[0])
    )
    assert RETENUE in {ligne["Caf"][:3] for ligne in lignes}
    assert len(lignes) == 2


def test_month_and_caf_follow_from_screen_to_screen(page: Page) -> None:
    menu = read(page, f"caf/{TRANSMISE}?mois={MOIS[0]}").split("<main")[0]
    assert f'/transmissions?mois={MOIS[0]}&amp;caf={TRANSMISE}"' in menu
    texte = read(page, f"transmissions?mois={MOIS[0]}&caf={TRANSMISE}")
    assert f'/caf/{TRANSMISE}?mois={MOIS[0]}"' in texte.split("<main")[0]
    assert "Limité à" in texte
    attendues = texte.split('id="attendues"')[1].split("</section>")[0]
    assert set(re.findall(r"<tr><th[^>]*><a[^>]*>(\d{3})", attendues)) <= {TRANSMISE}


def test_a_month_of_which_nothing_is_known_says_so(page: Page) -> None:
    texte = read(page, "mois?mois=2024-01", 404)
    assert "janvier 2024 n&#39;est pas connu" in texte
    assert "août 2025" in texte


def test_a_few_letters_lead_to_a_caf(chromium: Any, page: Page) -> None:
    contexte = chromium.new_context()
    contexte.add_cookies([{"name": "_token", "value": page.jetons["lectrice"], "url": page.adresse}])
    onglet = contexte.new_page()
    onglet.goto(f"{page.adresse}/pilotage/mois?mois={MOIS[0]}")
    onglet.keyboard.press("Control+k")
    onglet.locator("#lieux a").first.wait_for()
    onglet.keyboard.type("herault")
    onglet.keyboard.press("Enter")
    onglet.wait_for_url(f"**/pilotage/caf/341?mois={MOIS[0]}")
