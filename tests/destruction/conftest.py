"""A warehouse and an empty share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from destruction_exemples import Maison
from serveurs import mark_racine


@pytest.fixture
def maison(dsn_role: Callable[[str], str], base_entrepot: str, tmp_path: Path) -> Maison:
    """Give the warehouse as ``av_etl`` and an empty share."""
    racine = tmp_path / "partage"
    racine.mkdir()
    mark_racine(racine)
    return Maison(
        dsn_role("av_etl"), racine, dsn_qualite=dsn_role("av_qualite"), dsn_proprietaire=base_entrepot
    )
