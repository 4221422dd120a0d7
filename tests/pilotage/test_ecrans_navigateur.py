"""Every screen in a real browser: accessible, readable on a phone and at 200 %, silent in the console, no other host."""

from __future__ import annotations

import time
from typing import Any

import psycopg
import pytest
from jeu_pilotage import CERTIFICAT, MOIS, RETENUE
from serveur_page import Page

ECRANS = {
    "a_faire": "/pilotage/", "mois": "/pilotage/mois?mois=2025-08", "caf": f"/pilotage/caf/831?mois={MOIS[0]}", "liste": "/pilotage/caf?mois=2025-08",
    "qualite": "/pilotage/qualite?mois=2025-08", "decisions": "/pilotage/decisions", "trace": "/pilotage/trace",
    "envois": "/pilotage/envois",
    "grille": "/pilotage/transmissions/grille?mois=2025-08",
    "transmissions": "/pilotage/transmissions?lot=2025-07-831-1-831", "indicateurs": "/pilotage/indicateurs?mois=2025-08",
    "indicateur": "/pilotage/indicateurs/taux_courriel_valide?mois=2025-08", "erreur": "/pilotage/nulle-part",
    "sante": "/pilotage/sante", "registre": "/pilotage/registre?caf=831",
    "certificat": f"/pilotage/certificats/{CERTIFICAT}", "accessibilite": "/pilotage/accessibilite",
}  # fmt: skip
# What the Tab key has to reach, in the order in which it is read; then what it reached, and what was not seen there.
SUIVRE_LE_CLAVIER = """() => {
  const arrets = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  window.attendus = [...document.querySelectorAll(arrets)].filter((e) => e.checkVisibility() && !e.disabled);
  window.atteints = [];
  window.invisibles = [];
  document.addEventListener("focusin", (e) => {
    const cadre = e.target.getBoundingClientRect(), style = getComputedStyle(e.target);
    const vu = cadre.bottom > 0 && cadre.top < innerHeight && cadre.right > 0 && cadre.left < innerWidth;
    window.atteints.push(e.target);
    if (!vu || style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) window.invisibles.push(e.target.outerHTML.slice(0, 120));
  });
  return window.attendus.length;
}"""
LIRE_LE_PARCOURS = """() => {
  const rang = window.attendus.findIndex((e, n) => e !== window.atteints[n]);
  const dit = (e) => e && e.outerHTML.slice(0, 120);
  return [rang < 0 ? null : [dit(window.attendus[rang]), dit(window.atteints[rang])], window.invisibles];
}"""
DEPLACES = "[...document.querySelectorAll('body *')].filter(e => e.tabIndex > 0 || getComputedStyle(e).order !== '0').length"
RANGS_DU_MENU = "new Set([...document.querySelectorAll('header nav a')].map((a) => a.offsetTop)).size"
# Captions of which a part is out of the frame that scrolls.
COUPEES = """[...document.querySelectorAll('.defile caption:not(.hors-vue)')].filter((c) => {
  const texte = document.createRange();
  texte.selectNodeContents(c);
  return c.checkVisibility() && texte.getBoundingClientRect().right > c.closest('.defile').getBoundingClientRect().right + 1;
}).map((c) => c.textContent)"""
DEBORDEMENT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def open_ecran(chromium: Any, page: Page, chemin: str, *, horloge: bool = False, **options: Any) -> Any:
    contexte = chromium.new_context(**options)
    contexte.add_cookies([{"name": "_token", "value": page.jetons["decideuse"], "url": page.adresse}])
    onglet = contexte.new_page()
    if horloge:
        onglet.clock.install()
    onglet.plaintes = []
    onglet.hotes = set()
    onglet.on("console", lambda m: onglet.plaintes.append(m.text) if m.type in ("error", "warning") else None)
    onglet.on("pageerror", lambda erreur: onglet.plaintes.append(str(erreur)))
    onglet.on("request", lambda demande: onglet.hotes.add(demande.url.split("/")[2]))
    onglet.goto(page.adresse + chemin)
    return onglet


@pytest.mark.parametrize("ecran", ECRANS)
def test_a_screen_is_gone_through_by_the_tab_key_as_it_is_read_is_accessible_and_fits_a_phone(
    chromium: Any, page: Page, ecran: str
) -> None:
    """In sight all the way, never held; and it breaks no rule of its own."""
    onglet = open_ecran(chromium, page, ECRANS[ecran])
    assert tab_through(onglet) == [None, []]
    onglet.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert find_graves(onglet) == []
    onglet.emulate_media(color_scheme="dark")
    assert find_graves(onglet, "color-contrast") == [], "another theme has other colours, and nothing else"
    for largeur in (360, 640, 1100):  # a phone; a screen of 1,280 pixels at 200 %; a narrow screen
        onglet.set_viewport_size({"width": largeur, "height": 800})
        assert onglet.evaluate(DEBORDEMENT) <= 0, largeur
        assert onglet.evaluate(COUPEES) == [], largeur
        assert onglet.evaluate(RANGS_DU_MENU) <= 1, largeur
    plaintes = [p for p in onglet.plaintes if not (ecran == "erreur" and "404" in p)]
    assert (plaintes, onglet.hotes) == ([], {page.adresse.split("/")[2]})


@pytest.mark.parametrize("ecran", ["/pilotage/", "/pilotage/transmissions", f"/pilotage/caf/{RETENUE}"])
def test_each_fault_of_a_refused_file_is_read_on_its_own_line(chromium: Any, page: Page, ecran: str) -> None:
    texte = open_ecran(chromium, page, ecran).locator("main").inner_text()
    assert {
        "- cellule D2 : la colonne date_arrete est vide",
        "- ligne 3 : une autre ligne a la même clé",
    } <= set(texte.split("\n"))


def tab_through(onglet: Any) -> list[object]:
    """Return where the Tab key left the order in which a screen is read, if it did, and what was not seen there."""
    assert (onglet.evaluate(DEPLACES), onglet.set_viewport_size({"width": 360, "height": 800})) == (0, None)
    assert onglet.evaluate(DEPLACES) == 0
    onglet.set_viewport_size({"width": 1280, "height": 800})
    attendus = onglet.evaluate(SUIVRE_LE_CLAVIER)
    # A field of a date has three places of its own, and its button.
    for _ in range(attendus + 3 * onglet.locator("input[type=date]").count()):
        onglet.keyboard.down("Tab")  # held, as who goes far does
    return list(onglet.evaluate(LIRE_LE_PARCOURS))


def find_graves(onglet: Any, *regles: str) -> list[tuple[str, str]]:
    """Return what axe-core finds serious or critical, by all of its rules or by these."""
    from axe_playwright_python.sync_playwright import Axe

    seules = {"runOnly": {"type": "rule", "values": list(regles)}} if regles else {}
    return [
        (v["id"], v["nodes"][0]["html"][:120])
        for v in Axe().run(onglet, options={"resultTypes": ["violations"], **seules}).response["violations"]
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
    assert {"color-contrast", "select-name"} <= {code for code, _ in find_graves(onglet)}
    onglet.evaluate("document.querySelector('h1').style.color = ''")
    assert find_graves(onglet, "color-contrast") == []
    onglet.emulate_media(color_scheme="dark")
    onglet.evaluate("document.querySelector('h1').style.color = 'rgb(60, 60, 60)'")
    assert [code for code, _ in find_graves(onglet, "color-contrast")] == ["color-contrast"]
    assert onglet.evaluate(DEBORDEMENT) > 0


def test_the_keyboard_reaches_the_content_first_then_the_menu(chromium: Any, page: Page) -> None:
    onglet = open_ecran(chromium, page, ECRANS["mois"])
    onglet.keyboard.press("Tab")
    assert onglet.evaluate("document.activeElement.textContent") == "Aller au contenu"
    onglet.keyboard.press("Enter")
    assert onglet.evaluate("document.activeElement.id") == "contenu"


def test_the_page_refreshes_in_place(chromium: Any, page: Page) -> None:
    """A failure appears above what is read: scroll, focus, what is open and what is closed stay as they were."""
    onglet = open_ecran(chromium, page, ECRANS["mois"], viewport={"width": 1280, "height": 600}, horloge=True)
    onglet.evaluate("document.querySelector('#tableau-caf').open = true")
    onglet.evaluate("document.querySelector('h1').textContent = 'périmé'")
    onglet.evaluate("document.querySelector('a[href*=\"/caf/481\"]').focus()")
    onglet.evaluate("window.scrollTo(0, 500)")
    place = "document.querySelector('a[href*=\"/caf/481\"]').getBoundingClientRect().top"
    avant = onglet.evaluate(place)
    with psycopg.connect(page.dsn, autocommit=True) as connexion:
        connexion.execute(
            "INSERT INTO suivi.alerte (sujet, mois, code_caf, regle, gravite, depuis, dite_le) "
            "VALUES ('dag:purge', %s, '', 'echec/purge_personnes', 'echec', now(), now())",
            (MOIS[-1],),
        )
    try:
        wait_refresh(onglet, "document.querySelector('h1').textContent", "Août 2025")
        assert onglet.locator("#alertes").count() == 1
        assert abs(onglet.evaluate(place) - avant) <= 1
        assert onglet.evaluate("window.scrollY") > 520  # the block that appeared above is scrolled past
        assert onglet.evaluate("document.querySelector('#tableau-caf').open")
        assert "/caf/481" in onglet.evaluate("document.activeElement.getAttribute('href')")
    finally:
        with psycopg.connect(page.dsn, autocommit=True) as connexion:
            connexion.execute("DELETE FROM suivi.alerte")
    onglet.evaluate("document.querySelector('#tableau-caf').open = false")
    wait_refresh(onglet, "document.querySelectorAll('#alertes').length", 0)
    assert not onglet.evaluate("document.querySelector('#tableau-caf').open")


def test_what_is_being_written_is_never_refreshed_away(chromium: Any, page: Page) -> None:
    onglet = open_ecran(chromium, page, ECRANS["decisions"], horloge=True)
    onglet.get_by_label("Motif, inscrit dans la trace").first.fill("Vu avec la Caf")
    onglet.evaluate("document.activeElement.blur()")
    onglet.evaluate("document.querySelector('h1').textContent = 'périmé'")
    onglet.clock.run_for(121_000)
    onglet.wait_for_timeout(300)
    assert onglet.locator("h1").inner_text() == "périmé"
    assert onglet.get_by_label("Motif, inscrit dans la trace").first.input_value() == "Vu avec la Caf"


def wait_refresh(onglet: Any, expression: str, attendu: object) -> None:
    onglet.clock.run_for(61_000)
    limite = time.monotonic() + 10
    while onglet.evaluate(expression) != attendu:
        assert time.monotonic() < limite
        onglet.wait_for_timeout(50)
