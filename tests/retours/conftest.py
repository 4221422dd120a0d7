"""A ledger and a share, shared by the tests of what comes back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from registre import Registre

from airflow_isole import isolate_airflow

isolate_airflow()


@pytest.fixture
def registre(base_entrepot: str, dsn_role: Callable[[str], str], tmp_path: Path) -> Registre:
    """Give an empty ledger, by role, and an empty share."""
    racine = tmp_path / "partage"
    racine.mkdir()
    roles = ("av_etl", "av_qualite", "av_pilotage", "av_diffusion")
    return Registre({"proprietaire": base_entrepot, **{role: dsn_role(role) for role in roles}}, racine)
