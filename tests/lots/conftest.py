"""A warehouse and an empty share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from lots_exemples import Depot


@pytest.fixture
def depot(dsn_role: Callable[[str], str], tmp_path: Path) -> Depot:
    """Give the warehouse as ``av_etl`` and an empty share; no month is published."""
    racine = tmp_path / "partage"
    racine.mkdir()
    return Depot(dsn_role("av_etl"), racine, dsn_qualite=dsn_role("av_qualite"))
