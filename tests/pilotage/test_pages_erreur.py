"""Errors are pages: what it is, what to do, and nothing of a library's own text."""

from __future__ import annotations

import pytest
from serveur_page import Page


@pytest.mark.parametrize(
    ("chemin", "statut", "phrases"),
    [
        ("/pilotage/caf/999", 400, ("La Caf 999 n&#39;existe pas", "vérifier le code")),
        ("/pilotage/?mois=juin", 400, ("n&#39;est pas un mois", "2025-06")),
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
            "/pilotage/caf/<script>alert(1)</script>", "/pilotage/?mois=<script>alert(1)</script>",
            "/pilotage/decisions?fait=libere&caf=<script>alert(1)</script>",
        ):  # fmt: skip
            assert "<script>alert" not in client.get(chemin).text
