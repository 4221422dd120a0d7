"""A month with a held lot; the steps import Airflow, which gets a home of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from decisions_exemples import Retenu
from lots_exemples import CLAIRE, PAUL

from airflow_isole import isolate_airflow

isolate_airflow()


@pytest.fixture
def tenu(dsn_role: Callable[[str], str], tmp_path: Path) -> Retenu:
    """Give a published month in which the Var is held for two doubled identities; its lot is not dropped."""
    racine = tmp_path / "partage"
    racine.mkdir()
    tenu = Retenu(dsn_role("av_etl"), racine, dsn_qualite=dsn_role("av_qualite"))
    tenu.publish({"831": [CLAIRE, PAUL], "061": [CLAIRE]})
    tenu.hold(identite_dupliquee=2)
    assert tenu.write().etat == "retenu"
    return tenu
