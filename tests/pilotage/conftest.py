"""The page, served once for all of its tests; its warehouse is on a server of its own, that a test may stop."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serveur_page import Page, running_entrepot, running_page

from airflow_isole import isolate_airflow
from aller_vers.poste.postgres import Grappe, remove
from bases_copiees import find_racine

isolate_airflow()
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def page(grappe: Grappe) -> Iterator[Page]:
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-page-", dir=find_racine()))
    dossier.chmod(0o755)
    try:
        with running_entrepot(dossier) as entrepot, running_page(grappe, entrepot) as page:
            yield page
    finally:
        remove(dossier)
        shutil.rmtree(dossier)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser; each test opens its own contexts, closed after it."""
    if CHROMIUM is None:
        pytest.skip("chromium n'est pas installé (paquet chromium)")
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
def _close_contexts(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "chromium" in request.fixturenames:
        for contexte in request.getfixturevalue("chromium").contexts:
            contexte.close()
