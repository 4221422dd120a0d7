"""Errors are pages: what it is, what to do, and nothing of a library's own text."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg import sql
from serveur_page import Page

from aller_vers.poste.postgres import Grappe
from aller_vers_airflow.pilotage.base import _create_moteur

ECRANS = (
    "", "mois", "decisions", "transmissions", "qualite", "indicateurs", "indicateurs/demandeurs", "caf", "caf/831",
    "trace",
    "trace.csv", "registre", "sante",
)  # fmt: skip


@pytest.mark.parametrize(
    ("chemin", "statut", "phrases"),
    [
        ("/pilotage/caf/999", 404, ("La Caf 999 n&#39;existe pas", "Vérifier le code")),
        ("/pilotage/mois?mois=juin", 400, ("n&#39;est pas un mois", "2025-06")),
        ("/pilotage/nulle-part", 404, ("n&#39;existe pas", "mois en cours")),
        ("/pilotage/trace?caf=abc", 400, ("pas un code de Caf", "831")),
        ("/pilotage/trace?version=x", 400, ("pas une version",)),
    ],
)
def test_an_error_says_what_it_is_and_what_to_do(
    page: Page, chemin: str, statut: int, phrases: tuple[str, ...]
) -> None:
    with page.open("lectrice") as client:
        reponse = client.get(chemin)
    assert reponse.status_code == statut
    assert [p for p in phrases if p not in reponse.text] == []
    assert "Que faire" in reponse.text
    assert "Traceback" not in reponse.text


def test_what_the_address_says_is_never_run_by_the_browser(page: Page) -> None:
    with page.open("lectrice") as client:
        for chemin in (
            "/pilotage/caf/<script>alert(1)</script>", "/pilotage/mois?mois=<script>alert(1)</script>",
            "/pilotage/decisions?fait=libere&caf=<script>alert(1)</script>",
        ):  # fmt: skip
            assert "<script>alert" not in client.get(chemin).text


def test_with_its_database_stopped_every_screen_says_so_and_comes_back_with_it(page: Page) -> None:
    grappe = page.entrepot.grappe
    with page.open("decideuse") as client:
        assert client.get("/pilotage/").status_code == 200  # the pool holds a connection that will be dead
        grappe.stop()
        try:
            for ecran in ECRANS:
                reponse = client.get(f"/pilotage/{ecran}")
                assert (ecran, reponse.status_code) == (ecran, 503)
                assert (
                    "L&#39;entrepôt ne répond pas" in reponse.text
                    or "L'entrepôt ne répond pas" in reponse.text
                )
                assert "prévenir l'exploitation" in reponse.text.replace("&#39;", "'")
                assert [
                    mot for mot in ("psycopg", "Traceback", "127.0.0.1:", "av_admin") if mot in reponse.text
                ] == []
        finally:
            grappe.start()
        assert client.get("/pilotage/").status_code == 200


def test_a_right_that_is_missing_is_no_silence_and_is_in_the_log(page: Page) -> None:
    with psycopg.connect(page.dsn, autocommit=True) as connexion, page.open("lectrice") as client:
        connexion.execute("REVOKE USAGE ON SCHEMA marts FROM av_pilotage")
        try:
            reponse = client.get("/pilotage/")
        finally:
            connexion.execute("GRANT USAGE ON SCHEMA marts TO av_pilotage")
        assert reponse.status_code == 500
        texte = reponse.text.replace("&#39;", "'")
        assert "L'entrepôt refuse" in texte
        assert "InsufficientPrivilege (SQLSTATE 42501)" in texte
        assert "ne répond pas" not in texte
        assert client.get("/pilotage/").status_code == 200
    [ligne] = [li for li in page.journal.read_text().splitlines() if "InsufficientPrivilege" in li]
    assert "Pilotage : La base de la connexion av_pilotage a refusé une instruction" in ligne


def test_without_its_own_database_airflow_answers_before_the_page_and_with_nothing_of_it(
    page: Page, grappe: Grappe
) -> None:
    base = page.metadonnees.rsplit("/", 1)[1]
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:

        def open_base(ouverte: bool) -> None:
            connexion.execute(
                sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}").format(sql.Identifier(base), ouverte)
            )
            connexion.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (base,)
            )

        open_base(False)
        try:
            with page.open("lectrice") as client:
                reponse = client.get("/pilotage/")
        finally:
            open_base(True)
    assert (reponse.status_code, reponse.text) == (500, "Internal Server Error")
    with page.open("lectrice") as client:
        assert client.get("/pilotage/").status_code == 200


def test_what_the_address_asks_of_the_server_is_kept_beside_the_page_s_own_option(base_entrepot: str) -> None:
    moteur = _create_moteur(f"{base_entrepot}?options=-c%20statement_timeout%3D4321")
    with moteur.connect() as connexion:
        lus = [connexion.exec_driver_sql(f"SHOW {nom}").scalar() for nom in ("jit", "statement_timeout")]
    moteur.dispose()
    assert lus == ["off", "4321ms"]


@contextmanager
def empty_warehouse(page: Page) -> Iterator[None]:
    """Put a warehouse without any month under the page, then the true one again."""
    plein = sql.Identifier(page.entrepot.base)
    with psycopg.connect(page.entrepot.grappe.dsn(), autocommit=True) as connexion:

        def rename(ancien: sql.Identifier, nouveau: sql.Identifier) -> None:
            connexion.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname IN ('vide', %s)",
                (page.entrepot.base,),
            )
            connexion.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(ancien, nouveau))

        connexion.execute("GRANT CONNECT ON DATABASE vide TO av_pilotage")
        rename(plein, sql.Identifier("mise_de_cote"))
        rename(sql.Identifier("vide"), plein)
        try:
            yield
        finally:
            rename(plein, sql.Identifier("vide"))
            rename(sql.Identifier("mise_de_cote"), plein)


def test_before_the_first_month_every_screen_says_what_to_launch_or_is_empty(page: Page) -> None:
    with page.open("lectrice") as client, empty_warehouse(page):
        reponse = client.get("/pilotage/")
        assert reponse.status_code == 200
        assert "Aucun mois pour l" in reponse.text
        assert "Requête nationale" in reponse.text
        for ecran in ECRANS:
            reponse = client.get(f"/pilotage/{ecran}")
            if ecran.startswith(("qualite", "indicateurs", "caf")):
                assert (ecran, reponse.status_code) == (ecran, 404)
                assert "Aucun mois n" in reponse.text
                assert "Lancer le DAG « Requête nationale »" in reponse.text
            else:
                assert (ecran, reponse.status_code) == (ecran, 200)
        assert client.get("/pilotage/indicateurs.xlsx").status_code == 404
    with page.open("lectrice") as client:
        assert "Août 2025" in client.get("/pilotage/mois").text
