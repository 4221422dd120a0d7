"""Every screen in a real browser: accessible, readable on a phone and at 200 %, silent in the console, no other host."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serveur_page import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: chromium)")
ECRANS = {
    "mois": "/pilotage/?mois=2025-08", "caf": "/pilotage/caf/831?mois=2025-08", "liste": "/pilotage/caf?mois=2025-08",
    "qualite": "/pilotage/qualite?mois=2025-08", "decisions": "/pilotage/decisions", "trace": "/pilotage/trace",
    "transmissions": "/pilotage/transmissions?lot=2025-07-831-1-831", "indicateurs": "/pilotage/indicateurs?mois=2025-08",
    "indicateur": "/pilotage/indicateurs/taux_courriel_valide?mois=2025-08", "erreur": "/pilotage/nulle-part",
}  # fmt: skip
DEBORDEMENT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as moteur:
        navigateur = moteur.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--disable-background-networking",
            ],
        )
        yield navigateur
        navigateur.close()


@pytest.fixture(autouse=True)
def _close_contexts(chromium: Any) -> Iterator[None]:
    yield
    for contexte in chromium.contexts:
        contexte.close()


def open_ecran(chromium: Any, page: Page, chemin: str, **options: Any) -> Any:
    contexte = chromium.new_context(**options)
    contexte.add_cookies([{"name": "_token", "value": page.jetons["decideuse"], "url": page.adresse}])
    onglet = contexte.new_page()
    onglet.plaintes = []
    onglet.hotes = set()
    onglet.on("console", lambda m: onglet.plaintes.append(m.text) if m.type in ("error", "warning") else None)
    onglet.on("pageerror", lambda erreur: onglet.plaintes.append(str(erreur)))
    onglet.on("request", lambda demande: onglet.hotes.add(demande.url.split("/")[2]))
    onglet.goto(page.adresse + chemin)
    return onglet


@pytest.mark.parametrize("ecran", ECRANS)
def test_a_screen_is_accessible_fits_a_phone_and_breaks_no_rule_of_its_own(
    chromium: Any, page: Page, ecran: str
) -> None:
    onglet = open_ecran(chromium, page, ECRANS[ecran])
    onglet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert {theme: find_graves(onglet, theme) for theme in ("light", "dark")} == {"light": [], "dark": []}
    for largeur in (360, 640):  # a phone; a screen of 1,280 pixels at 200 %
        onglet.set_viewport_size({"width": largeur, "height": 800})
        assert onglet.evaluate(DEBORDEMENT) <= 0, largeur
    plaintes = [p for p in onglet.plaintes if not (ecran == "erreur" and "404" in p)]
    assert (plaintes, onglet.hotes) == ([], {page.adresse.split("/")[2]})


def find_graves(onglet: Any, theme: str) -> list[tuple[str, str]]:
    """Return what axe-core finds serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    onglet.emulate_media(color_scheme=theme)
    return [
        (v["id"], v["nodes"][0]["html"][:120])
        for v in Axe().run(onglet).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


def test_a_serious_fault_would_be_found(chromium: Any, page: Page) -> None:
    onglet = open_ecran(chromium, page, ECRANS["erreur"])
    onglet.evaluate("document.querySelector('h1').style.color = 'rgb(200, 200, 200)'")
    onglet.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<select></select><div></div>')"
    )
    onglet.evaluate("document.querySelector('main div').style.width = '3000px'")
    onglet.evaluate("document.querySelector('main div').style.height = '1px'")
    assert {"color-contrast", "select-name"} <= {code for code, _ in find_graves(onglet, "light")}
    assert onglet.evaluate(DEBORDEMENT) > 0


@pytest.mark.skipif(
    "AV_CAPTURES" not in os.environ, reason="AV_CAPTURES names no folder: make captures sets it"
)
@pytest.mark.parametrize("ecran", ECRANS)
def test_a_picture_of_the_screen_is_kept(chromium: Any, page: Page, ecran: str) -> None:
    dossier = Path(os.environ["AV_CAPTURES"])
    onglet = open_ecran(chromium, page, ECRANS[ecran], viewport={"width": 1200, "height": 900})
    onglet.screenshot(path=dossier / f"pilotage-{ecran}.png", full_page=ecran in ("mois", "decisions"))
    assert (dossier / f"pilotage-{ecran}.png").stat().st_size > 10_000


def test_the_keyboard_reaches_the_content_first_then_the_menu(chromium: Any, page: Page) -> None:
    onglet = open_ecran(chromium, page, ECRANS["mois"])
    onglet.keyboard.press("Tab")
    assert onglet.evaluate("document.activeElement.textContent") == "Aller au contenu"
    onglet.keyboard.press("Enter")
    assert onglet.evaluate("document.activeElement.id") == "contenu"


def test_the_page_refreshes_in_place(chromium: Any, page: Page) -> None:
    contexte = chromium.new_context(viewport={"width": 1280, "height": 600})
    contexte.add_cookies([{"name": "_token", "value": page.jetons["decideuse"], "url": page.adresse}])
    onglet = contexte.new_page()
    onglet.clock.install()
    onglet.goto(page.adresse + ECRANS["mois"])
    onglet.evaluate("document.querySelector('#tableau-caf').open = true")
    onglet.evaluate("document.querySelector('h1').textContent = 'périmé'")
    onglet.evaluate("window.scrollTo(0, 400)")
    onglet.clock.run_for(61_000)
    limite = time.monotonic() + 10
    while onglet.evaluate("document.querySelector('h1').textContent") != "Août 2025":
        assert time.monotonic() < limite
        onglet.wait_for_timeout(50)
    assert onglet.evaluate("[window.scrollY, document.querySelector('#tableau-caf').open]") == [400, True]
