"""Too few rights, in a real browser against Airflow's real login: nobody, no role, a reader, whoever decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from itsdangerous import URLSafeTimedSerializer
from jeu_pilotage import MOIS, RETENUE
from serveur_page import Page

ECRANS = (
    "", "mois", "decisions", "transmissions", "qualite", "indicateurs", "indicateurs/demandeurs", "caf", "caf/831",
    "trace",
    "registre", "sante",
)  # fmt: skip
FORGE = """([chemin, champs]) => {
    const formulaire = document.createElement('form');
    formulaire.method = 'post'; formulaire.action = chemin;
    for (const [nom, valeur] of Object.entries(champs)) {
        const champ = document.createElement('input'); champ.name = nom; champ.value = valeur; formulaire.append(champ);
    }
    document.querySelector('main').append(formulaire); formulaire.submit();
}"""


Login = Callable[[str], Any]


@pytest.fixture(scope="module")
def etats() -> dict[str, Any]:
    """What the browser keeps of each login: Airflow's own accepts five in forty seconds."""
    return {}


@pytest.fixture
def log_in(chromium: Any, page: Page, etats: dict[str, Any]) -> Callable[[str], Any]:
    """Ask for a screen as nobody, be sent to Airflow's login, and fill it as a person does, once an account."""

    def open_session(compte: str) -> Any:
        onglet = chromium.new_context(storage_state=etats.get(compte)).new_page()
        onglet.goto(f"{page.adresse}/pilotage/decisions")
        if compte not in etats:
            assert "/auth/login" in onglet.url
            onglet.fill("input[name=username]", compte)
            onglet.fill("input[name=password]", page.secrets[compte])
            onglet.click("[type=submit]")
            onglet.wait_for_url(lambda url: "/auth/login" not in url)
            etats[compte] = onglet.context.storage_state()
        assert onglet.url.endswith("/pilotage/decisions")  # the screen that was asked for
        return onglet

    return open_session


def read_registre(page: Page) -> tuple[Any, ...] | None:
    with psycopg.connect(page.dsn) as connexion:
        return connexion.execute("SELECT count(*), max(id) FROM suivi.evenement").fetchone()


def forge(onglet: Any, page: Page, chemin: str, champs: dict[str, str]) -> Any:
    """Send a form that the page did not show, from the page itself; return the answer."""
    with onglet.expect_response(lambda r: r.request.method == "POST") as attendue:
        onglet.evaluate(FORGE, [f"{page.adresse}/pilotage/{chemin}", champs])
    return attendue.value


def test_nobody_is_sent_to_the_login_and_reads_nothing(chromium: Any, page: Page) -> None:
    onglet = chromium.new_context().new_page()
    for ecran in ECRANS:
        onglet.goto(f"{page.adresse}/pilotage/{ecran}")
        assert "/auth/login" in onglet.url, ecran
        assert onglet.locator("input[name=password]").count() == 1
        assert "Nord" not in onglet.content()


def test_a_reader_logs_in_reads_everything_and_finds_no_form(log_in: Login, page: Page) -> None:
    onglet = log_in("lectrice")
    onglet.get_by_role("link", name="591 · Nord").first.wait_for()
    for ecran in ECRANS:
        onglet.goto(f"{page.adresse}/pilotage/{ecran}")
        assert onglet.locator("h1").inner_text() != "Accès refusé"
        assert onglet.locator("form[method=post], textarea").count() == 0, ecran
    onglet.goto(f"{page.adresse}/pilotage/transmissions?lot=2025-08-061-1-061")
    assert onglet.get_by_text("Votre compte ne permet pas d'inscrire un accusé.").count() == 1
    assert onglet.get_by_role("button", name="Inscrire").count() == 0


@pytest.mark.parametrize(
    ("chemin", "champs"),
    [
        ("decisions", {"mois": MOIS[-1], "code_caf": RETENUE, "question": "q", "decision": "libere",
                       "motif": "Un motif assez long pour libérer."}),
        ("transmissions", {"mois": MOIS[-1], "code_caf": "061", "code_cpam": "061", "version": "1", "lignes": "3",
                           "portail": "peps", "date_transmission": "2025-09-03"}),
    ],
)  # fmt: skip
def test_a_reader_who_forges_a_form_is_refused_in_french_and_the_ledger_does_not_move(
    log_in: Login, page: Page, chemin: str, champs: dict[str, str]
) -> None:
    onglet = log_in("lectrice")
    avant = read_registre(page)
    # The token is a true one, of this reader: the right alone is missing.
    jeton = URLSafeTimedSerializer(page.cle, salt="pilotage").dumps("lectrice")
    reponse = forge(onglet, page, chemin, {**champs, "jeton": jeton})
    assert reponse.status == 403
    onglet.get_by_text("Votre compte Airflow ne donne pas ce droit.").wait_for()
    assert onglet.locator("h1").inner_text() == "Accès refusé"
    assert onglet.locator("html").get_attribute("lang") == "fr"
    assert read_registre(page) == avant


def test_without_a_token_whoever_may_decide_is_refused_too(log_in: Login, page: Page) -> None:
    onglet = log_in("decideuse")
    avant = read_registre(page)
    reponse = forge(
        onglet,
        page,
        "decisions",
        {"mois": MOIS[-1], "code_caf": RETENUE, "question": "q", "decision": "garde"},
    )
    assert reponse.status == 403
    onglet.get_by_text("ne vient pas de cette page").wait_for()
    assert read_registre(page) == avant


@pytest.mark.parametrize("compte", ["decideuse", "administratrice"])
def test_whoever_may_act_finds_the_forms(log_in: Login, page: Page, compte: str) -> None:
    onglet = log_in(compte)
    assert onglet.get_by_role("button", name="Libérer le lot").count() >= 1
    assert onglet.locator(".lecteur").inner_text() == compte
    onglet.get_by_role("link", name="Transmissions").click()
    onglet.get_by_role("link", name="Inscrire l'accusé").first.click()
    onglet.get_by_role("button", name="Inscrire", exact=True).wait_for()  # one: two would be refused


def test_an_account_without_any_role_is_told_so_on_every_screen(log_in: Login, page: Page) -> None:
    onglet = log_in("inconnue")
    for ecran in ECRANS:
        reponse = onglet.goto(f"{page.adresse}/pilotage/{ecran}")
        assert reponse.status == 403
        assert onglet.locator("h1").inner_text() == "Accès refusé"
        assert onglet.get_by_text("Demander ce droit à l'administrateur d'Airflow.").count() == 1
        assert "Nord" not in onglet.content()
