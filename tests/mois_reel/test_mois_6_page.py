"""The walk of the demonstration in a real browser, by its accounts: from « À faire » to a decision, back, and again.

One part of what runs on one Airflow, in the order of the files and of their tests: the month's held lots are those
of the file before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from mois_reel_gestes import list_runs, read_states, wait_new_run, wait_state

from aller_vers.poste.demonstration import ACCES, MOT_DE_PASSE
from navigateur import ABSENT, CHROMIUM, running_chromium

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.skipif(CHROMIUM is None, reason=ABSENT),
]
MOIS, EQUIPE = "2025-10", "equipe"
ATTENTE = "Attendu de la Caf : sa réponse sur l'accord de cette personne."
MOTIF = "Réponse de la Caf : la personne a confirmé son accord."


# What each account of the demonstration may do besides reading every screen: decide and record a sending; read the
# connections of Airflow, where the secrets are.
AGIT, CONNEXIONS = {"equipe", "ingenieur"}, {"ingenieur"}
ECRANS = ("Le mois", "Décisions", "Transmissions", "Qualité", "Indicateurs", "Les Caf", "Trace", "Santé")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with running_chromium() as navigateur:
        yield navigateur


def log_in(chromium: Any, reel: Any, compte: str) -> Any:
    """Return the tab of somebody who logged in to Airflow, in a session of their own."""
    onglet = chromium.new_context().new_page()
    onglet.set_default_timeout(
        90_000
    )  # a machine that does something else moves Airflow's menu for half a minute
    onglet.goto(f"{reel.poste.adresse}/auth/login/")
    onglet.fill("input[name=username]", compte)
    onglet.fill("input[name=password]", MOT_DE_PASSE)
    onglet.click("button[type=submit]")
    onglet.wait_for_url(lambda url: "/auth/login" not in url)
    return onglet


def enter(chromium: Any, reel: Any, compte: str) -> Any:
    """Return a tab of somebody who has logged in: what Airflow gives who does, without its pages."""
    contexte = chromium.new_context()
    acces = contexte.request.post(
        f"{reel.poste.adresse}/auth/token", data={"username": compte, "password": MOT_DE_PASSE}
    ).json()
    contexte.add_cookies([{"name": "_token", "value": acces["access_token"], "url": reel.poste.adresse}])
    return contexte.new_page()


def open_pilotage(onglet: Any, reel: Any) -> Any:
    """Return the page inside Airflow, reached by Airflow's own menu."""
    onglet.goto(reel.poste.adresse)
    onglet.get_by_role("link", name="Pilotage").click()
    return onglet.frame_locator("iframe")


@pytest.fixture(scope="module")
def airflow(chromium: Any, reel: Any) -> Any:
    """A browser that logged in as the national team does."""
    return log_in(chromium, reel, EQUIPE)


@pytest.fixture
def pilotage(airflow: Any, reel: Any) -> Any:
    return open_pilotage(airflow, reel)


@pytest.fixture
def page(airflow: Any, reel: Any) -> Any:
    """The page alone, by its address: without Airflow's menu around it, that takes seconds to come."""
    airflow.goto(f"{reel.poste.adresse}/pilotage/")
    return airflow


def open_decision(pilotage: Any, caf: str) -> Any:
    """Go to « Décisions » by the menu; return what is written of this Caf's lot."""
    pilotage.get_by_role("link", name="Décisions", exact=True).click()
    return pilotage.locator(f"#lot-{MOIS}-{caf}")


def list_decisions(reel: Any, caf: str) -> list[tuple[Any, ...]]:
    return list(
        reel.fetch(
            "SELECT etat, acteur, motif FROM suivi.evenement WHERE preuve ->> 'decision' IS NOT NULL"
            " AND mois = %s AND code_caf = %s ORDER BY id", MOIS, caf,
        )
    )  # fmt: skip


def read_question(reel: Any, caf: str) -> str:
    [(etat,)] = reel.fetch_metadonnees(
        "SELECT state FROM dag_run WHERE dag_id = 'decisions_lots' AND run_id LIKE %s", f"lot-{MOIS}-{caf}-%"
    )
    return str(etat)


def test_what_waits_is_found_and_the_month_is_read_at_a_glance(pilotage: Any) -> None:
    pilotage.get_by_role("heading", name="À faire").wait_for()
    pilotage.get_by_role("link", name=f"Décider : 974 · La Réunion, {MOIS}").wait_for()
    pilotage.get_by_role("link", name="Le mois").click()
    pilotage.get_by_role("heading", name="Octobre 2025").wait_for()
    pilotage.get_by_text("3 déposés sur 5, 2 retenus").wait_for()
    pilotage.get_by_role("link", name="591 · Nord").first.wait_for()


@pytest.mark.parametrize("compte", [a.nom for a in ACCES])
def test_each_account_of_the_demonstration_reads_all_and_does_what_its_person_may(
    chromium: Any, reel: Any, compte: str
) -> None:
    pilotage = enter(chromium, reel, compte)
    pilotage.goto(f"{reel.poste.adresse}/pilotage/")
    pilotage.get_by_role("link", name=f"Décider : 974 · La Réunion, {MOIS}").wait_for()
    for ecran in ECRANS:
        pilotage.locator("nav").get_by_role("link", name=ecran, exact=True).click()
        pilotage.locator(f'nav [aria-current]:text-is("{ecran}")').wait_for()
        assert pilotage.locator("h1").inner_text() not in ("Accès refusé", "Erreur imprévue"), ecran
    agit = compte in AGIT
    lot = open_decision(pilotage, "974")
    lot.get_by_text("Partiraient", exact=True).wait_for()
    pilotage.wait_for_load_state()
    assert lot.get_by_text("Votre compte ne permet pas de décider.").count() == (not agit)
    for bouton in ("Garder retenu", "Libérer le lot"):
        assert lot.get_by_role("button", name=bouton).count() == agit
    pilotage.get_by_role("link", name="Transmissions", exact=True).click()
    pilotage.get_by_role("heading", name="Transmissions", exact=True).wait_for()
    pilotage.wait_for_load_state()
    assert (pilotage.get_by_role("link", name=re.compile("Inscrire l'accusé")).count() > 0) is agit
    api, interdit = pilotage.request, 403
    # Nothing starts: what may be asked is wrong, and what may not is refused before it is read.
    demande = api.post(f"{reel.poste.adresse}/api/v2/dags/purge/dagRuns", data={"conf": "rien"}).status
    assert (demande == interdit) is not agit
    assert demande in (interdit, 422)
    connexions = api.get(f"{reel.poste.adresse}/api/v2/connections").status
    assert connexions == (200 if compte in CONNEXIONS else interdit)
    pilotage.context.close()


def test_a_held_lot_is_opened_from_what_waits_read_kept_with_a_reason_and_waits_no_more(
    pilotage: Any, reel: Any
) -> None:
    assert read_question(reel, "591") == "running"
    pilotage.get_by_role("link", name=f"Décider : 591 · Nord, {MOIS}").click()
    lot = pilotage.locator(f"#lot-{MOIS}-591")
    lot.get_by_text(re.compile("1 sur [0-9]+")).first.wait_for()
    lot.get_by_text("Partiraient", exact=True).wait_for()
    lot.get_by_label("Motif, inscrit dans la trace").fill(ATTENTE)
    lot.get_by_role("button", name="Garder retenu").click()
    pilotage.get_by_text("reste retenu ; la décision est inscrite dans la trace").wait_for()
    assert list_decisions(reel, "591") == [("retenu", EQUIPE, ATTENTE)]
    assert read_question(reel, "591") == "success", "Airflow asks nobody any more"
    pilotage.get_by_role("link", name=re.compile("^À faire")).first.click()
    pilotage.get_by_role("heading", name="À faire").wait_for()
    pilotage.get_by_role("link", name=f"Décider : 974 · La Réunion, {MOIS}").wait_for()
    pilotage.locator("footer").wait_for()  # the screen has come to its end
    assert pilotage.get_by_role("link", name=f"Décider : 591 · Nord, {MOIS}").count() == 0


def test_a_lot_kept_without_a_reason_has_the_gate_s(page: Any, reel: Any) -> None:
    open_decision(page, "974").get_by_role("button", name="Garder retenu").click()
    page.get_by_text("reste retenu ; la décision est inscrite dans la trace").wait_for()
    assert list_decisions(reel, "974") == [("retenu", EQUIPE, "qualité : opposition_inconnue")]


def test_a_release_without_a_reason_is_refused_and_nothing_moves(page: Any, reel: Any) -> None:
    lot = open_decision(page, "591")
    lot.get_by_text("Revoir").click()
    lot.get_by_role("button", name="Libérer le lot").click()
    lot.get_by_role("alert").filter(has_text="ne se libère pas sans motif").wait_for()
    assert not any(nom.startswith("591/") for nom in reel.lots(MOIS))


def test_looked_at_again_it_is_released_with_a_reason_dropped_alone_and_the_last_word_stands(
    page: Any, reel: Any
) -> None:
    """The month goes on to its digest and its marts, whatever was kept without a reason."""
    avant, depots, marts = (
        reel.lots(MOIS),
        list_runs(reel, "depots_caf"),
        list_runs(reel, "marts_indicateurs"),
    )
    lot = open_decision(page, "591")
    lot.get_by_text(f"Gardé retenu par {EQUIPE}").wait_for()
    lot.get_by_text("Revoir").click()
    lot.get_by_label("Motif, inscrit dans la trace").fill(MOTIF)
    lot.get_by_role("button", name="Libérer le lot").click()
    page.get_by_text("est libéré. Son dépôt est lancé").wait_for()
    lot.get_by_text(f"Libéré par {EQUIPE}").wait_for()
    run = wait_new_run(reel, "depots_caf", depots)
    assert wait_state(reel, run, "depots_caf") == "success"
    apres = reel.lots(MOIS)
    assert f"591/{MOIS}/v1/manifeste.json" in apres
    assert {nom: octets for nom, octets in apres.items() if not nom.startswith("591/")} == avant
    assert list_decisions(reel, "591") == [("retenu", EQUIPE, ATTENTE), ("prepare", EQUIPE, MOTIF)]
    assert read_states(reel, run, "depots_caf")["check_lots"] == "success"
    [(digest,)] = reel.fetch(
        "SELECT corps FROM suivi.avis WHERE starts_with(cle, %s) ORDER BY cree_le DESC LIMIT 1",
        f"depots/{MOIS}/",
    )
    assert "1 lot retenu. Retenus : 974 · La Réunion (" in digest
    assert "sans raison" not in digest
    assert wait_state(reel, wait_new_run(reel, "marts_indicateurs", marts), "marts_indicateurs") == "success"


def test_an_acknowledgement_is_recorded_and_shown(page: Any, reel: Any) -> None:
    page.get_by_role("link", name="Transmissions", exact=True).click()
    page.get_by_role("link", name=re.compile("Inscrire l'accusé de .*831 .* ")).first.click()
    page.get_by_label("Personnes envoyées").fill("1")
    page.get_by_label("Portail", exact=True).select_option("bluefiles")
    jour = page.get_by_label("Envoyé le").get_attribute("max")
    page.get_by_label("Envoyé le").fill(jour)
    page.get_by_role("button", name="Inscrire").click()
    page.get_by_text("est inscrite dans la trace").wait_for()
    [(acteur, etat)] = reel.fetch(
        "SELECT acteur, etat FROM suivi.evenement WHERE mois = %s AND code_caf = '831'"
        " AND code_cpam IS NOT NULL", MOIS,
    )  # fmt: skip
    assert (acteur, etat) == (EQUIPE, "transmis")
    page.get_by_role("link", name="Le mois").click()
    page.get_by_role("link", name=re.compile("83.*Var.*Transmis à la Cpam")).wait_for()


def test_an_indicator_is_read_with_its_definition(page: Any) -> None:
    page.get_by_role("link", name="Indicateurs", exact=True).click()
    page.get_by_role("link", name="Demandeurs avec un courriel valide").click()
    page.get_by_role("heading", name="Définition").wait_for()
    assert "%" in page.locator(".grand").inner_text()


def test_a_link_to_airflow_leaves_the_frame_for_the_log_of_the_task_that_judged(
    pilotage: Any, airflow: Any
) -> None:
    pilotage.get_by_role("link", name="Le mois").click()
    pilotage.get_by_role("link", name="Journal : Requête nationale").click()
    airflow.wait_for_url(re.compile(r"/dags/requete_nationale/runs/.+/tasks/judge_requete"))
    assert airflow.url.count("/dags/") == 1


def test_health_tells_that_all_answers_and_that_the_month_ran(page: Any) -> None:
    page.get_by_role("link", name="Santé").click()
    page.get_by_role("heading", name="Dernière exécution de chaque DAG").wait_for()
    for composant in ("Entrepôt", "Base d'Airflow", "Ordonnanceur", "Lecture des DAG"):
        assert "Répond" in page.get_by_role("row", name=composant).inner_text(), composant
    ligne = page.get_by_role("row", name="Requête nationale").inner_text()
    assert "Réussie" in ligne
    assert "2025-08" in ligne, "the dry run came last"


def test_no_person_is_on_any_screen(airflow: Any, reel: Any) -> None:
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
        reponse = airflow.request.get(f"{reel.poste.adresse}/pilotage/{chemin}?mois={MOIS}")
        assert reponse.ok, chemin
        texte = reponse.text().lower()
        assert [t for t in ("zibeline", "loutre", "putois", "99 00 71 2", "9900712", "@") if t in texte] == []
