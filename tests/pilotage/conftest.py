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
from navigateur import ABSENT, CHROMIUM, running_chromium

isolate_airflow()


@pytest.fixture(scope="session")
def page(grappe: Grappe) -> Iterator[Page]:
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-page-"))
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
        pytest.skip(ABSENT)
    with running_chromium() as navigateur:
        yield navigateur


@pytest.fixture(autouse=True)
def _close_contexts(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "chromium" in request.fixturenames:
        for contexte in request.getfixturevalue("chromium").contexts:
            contexte.close()
