"""« Pilotage » in a real browser on a month that ran: a held lot is found, released with a reason, and dropped.

The tests follow one another on one Airflow, in the order of the file.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
INSTALLATION = "retenus"
pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium n'est pas installé (paquet chromium)"),
]
MOIS = "2025-06"
MOTIF = "Réponse de la Caf : la personne a confirmé son accord."


@pytest.fixture(scope="module")
def mois(reel: Any) -> Any:
    """One month whose Nord is held: the source cannot say whether somebody there objects."""
    reel.alter_source(
        "ALTER TABLE personne ALTER opposition_contact DROP NOT NULL",
        "UPDATE personne SET opposition_contact = NULL WHERE id_personne = (SELECT min(d.id_personne) FROM demande AS d "
        "JOIN personne USING (id_personne) JOIN dossier AS o USING (id_dossier) WHERE o.code_caf = '591' "
        "AND d.date_depot BETWEEN '2025-06-01' AND '2025-06-30' AND d.prestation IN ('AJPA', 'AJPP'))",
    )
    fini = reel.run("run", "--mois", MOIS)
    assert fini.returncode == 0, fini.stdout + fini.stderr
    return reel


@pytest.fixture(scope="module")
def airflow(mois: Any) -> Iterator[Any]:
    """A browser that logged in as a person does."""
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
        onglet = navigateur.new_page()
        onglet.goto(f"{mois.poste.adresse}/auth/login/")
        onglet.fill("input[name=username]", "admin")
        onglet.fill("input[name=password]", mois.poste.secrets["admin"])
        onglet.click("button[type=submit]")
        onglet.wait_for_url(lambda url: "/auth/login" not in url)
        yield onglet
        navigateur.close()


@pytest.fixture
def pilotage(airflow: Any, mois: Any) -> Any:
    """The page inside Airflow, reached by Airflow's own menu."""
    airflow.goto(mois.poste.adresse)
    airflow.get_by_role("link", name="Pilotage").click()
    return airflow.frame_locator("iframe")


def wait(condition: Callable[[], bool], secondes: float = 120) -> None:
    limite = time.monotonic() + secondes
    while not condition():
        assert time.monotonic() < limite
        time.sleep(0.5)


def test_the_month_is_read_at_a_glance_and_the_held_lot_is_found(pilotage: Any) -> None:
    pilotage.get_by_role("heading", name="À faire").wait_for()
    pilotage.get_by_role("link", name="Décider : 591 · Nord, 2025-06").wait_for()
    pilotage.get_by_role("link", name="Le mois").click()
    pilotage.get_by_role("heading", name="Juin 2025").wait_for()
    assert pilotage.get_by_text("4 déposés sur 5, 1 retenu").count() == 1
    pilotage.get_by_role("link", name="591 · Nord").first.wait_for()
    pilotage.get_by_role("link", name="Décider").click()
    pilotage.get_by_role("heading", name="591 · Nord, juin 2025").wait_for()
    assert pilotage.get_by_text(re.compile("1 sur [0-9]+ ")).count() == 1


def test_a_release_without_a_reason_is_refused_and_nothing_moves(pilotage: Any, mois: Any) -> None:
    pilotage.get_by_role("link", name="Décisions", exact=True).click()
    pilotage.get_by_role("button", name="Libérer le lot").click()
    pilotage.get_by_role("alert").filter(has_text="ne se libère pas sans motif").wait_for()
    assert not any(nom.startswith("591/") for nom in mois.lots(MOIS))


def test_a_release_with_a_reason_drops_that_lot_alone_and_closes_airflows_question(
    pilotage: Any, mois: Any
) -> None:
    avant = mois.lots(MOIS)
    pilotage.get_by_role("link", name="Décisions", exact=True).click()
    pilotage.get_by_label("Motif, inscrit dans la trace").fill(MOTIF)
    pilotage.get_by_role("button", name="Libérer le lot").click()
    pilotage.get_by_text("est libéré. Son dépôt est lancé").wait_for()
    wait(lambda: any(re.fullmatch(r"591/.*/manifeste\.json", nom) for nom in mois.lots(MOIS)))
    assert {nom: octets for nom, octets in mois.lots(MOIS).items() if not nom.startswith("591/")} == avant
    [(acteur, motif)] = mois.fetch(
        "SELECT acteur, motif FROM suivi.evenement WHERE code_caf = '591' AND preuve ->> 'decision' = 'libere'"
    )
    assert (acteur, motif) == ("admin", MOTIF)
    ouvertes = mois.fetch_metadonnees(
        "SELECT count(*) FROM dag_run WHERE dag_id = 'decisions_lots' AND state NOT IN ('success', 'failed')"
    )
    assert ouvertes == [(0,)]


def test_an_acknowledgement_is_recorded_and_shown(pilotage: Any, mois: Any) -> None:
    pilotage.get_by_role("link", name="Transmissions", exact=True).click()
    pilotage.get_by_role("link", name=re.compile("Inscrire l'accusé de .*831 .* ")).first.click()
    pilotage.get_by_label("Personnes envoyées").fill("1")
    pilotage.get_by_label("Portail", exact=True).select_option("bluefiles")
    jour = pilotage.get_by_label("Envoyé le").get_attribute("max")
    pilotage.get_by_label("Envoyé le").fill(jour)
    pilotage.get_by_role("button", name="Inscrire").click()
    pilotage.get_by_text("est inscrite dans la trace").wait_for()
    [(acteur, etat)] = mois.fetch(
        "SELECT acteur, etat FROM suivi.evenement WHERE code_caf = '831' AND code_cpam IS NOT NULL"
    )
    assert (acteur, etat) == ("admin", "transmis")
    pilotage.get_by_role("link", name="Le mois").click()
    pilotage.get_by_role("link", name=re.compile("83.*Var.*Transmis à la Cpam")).wait_for()


def test_an_indicator_is_read_with_its_definition(pilotage: Any) -> None:
    pilotage.get_by_role("link", name="Indicateurs", exact=True).click()
    pilotage.get_by_role("link", name="Demandeurs avec un courriel valide").click()
    pilotage.get_by_role("heading", name="Définition").wait_for()
    assert "%" in pilotage.locator(".grand").inner_text()


def test_a_link_to_airflow_leaves_the_frame_for_the_log_of_the_task_that_judged(
    pilotage: Any, airflow: Any
) -> None:
    pilotage.get_by_role("link", name="Le mois").click()
    pilotage.get_by_role("link", name="Journal : Requête nationale").click()
    airflow.wait_for_url(re.compile(r"/dags/requete_nationale/runs/.+/tasks/judge_requete"))
    assert airflow.url.count("/dags/") == 1


def test_health_tells_that_all_answers_and_that_the_month_ran(pilotage: Any) -> None:
    pilotage.get_by_role("link", name="Santé").click()
    pilotage.get_by_role("heading", name="Dernière exécution de chaque DAG").wait_for()
    for composant in ("Entrepôt", "Base d'Airflow", "Ordonnanceur", "Lecture des DAG"):
        assert "Répond" in pilotage.get_by_role("row", name=composant).inner_text(), composant
    ligne = pilotage.get_by_role("row", name="requete_nationale").inner_text()
    assert "Réussie" in ligne
    assert MOIS in ligne


def test_no_person_is_on_any_screen(airflow: Any, mois: Any) -> None:
    for chemin in (
        "",
        "mois",
        "caf/831",
        "qualite",
        "indicateurs",
        "decisions",
        "transmissions",
        "trace",
        "trace.csv",
        "trace.json",
        "registre",
        "sante",
        "indicateurs.csv",
    ):
        reponse = airflow.request.get(f"{mois.poste.adresse}/pilotage/{chemin}?mois={MOIS}")
        assert reponse.ok, chemin
        texte = reponse.text().lower()
        assert [t for t in ("zibeline", "loutre", "putois", "99 00 71 2", "9900712", "@") if t in texte] == []
