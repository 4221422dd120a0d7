"""A warehouse as ``av_etl`` sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection

from aller_vers.socle.entrepot import create_moteur


@pytest.fixture
def entrepot(dsn_role: Callable[[str], str]) -> Iterator[Connection]:
    """Give a connection as ``av_etl``, outside any transaction that matters: nothing is committed."""
    with create_moteur(dsn_role("av_etl")).connect() as connexion:
        yield connexion
