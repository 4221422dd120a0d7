"""The page, served once for all of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serveur_page import Page, running_page

from airflow_isole import isolate_airflow
from aller_vers.poste.postgres import Grappe

isolate_airflow()


@pytest.fixture(scope="session")
def page(grappe: Grappe, modele_entrepot: str, roles_entrepot: dict[str, str]) -> Iterator[Page]:
    with running_page(grappe, modele_entrepot, roles_entrepot["av_pilotage"]) as page:
        yield page
