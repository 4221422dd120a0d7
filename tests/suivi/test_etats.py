"""The table of the states of a lot: the ledger takes what it says, and the documentation shows it."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import psycopg
import pytest

from aller_vers.suivi.etats import ETATS, GESTES, CodeEtat, draw_diagram

PROJET = Path(__file__).parents[2]


def test_the_ledger_takes_the_states_of_the_table_and_no_other(base_entrepot: str) -> None:
    with psycopg.connect(base_entrepot) as connexion:
        for etat in (*ETATS, *GESTES):
            connexion.execute("SELECT suivi.inscrire('2025-06', '831', 1, %s, 'essai')", (etat,))
        with pytest.raises(psycopg.errors.CheckViolation, match="etat_du_lot"):
            connexion.execute("SELECT suivi.inscrire('2025-06', '831', 1, 'perdu', 'essai')")


def test_every_state_can_be_reached_and_none_is_unknown() -> None:
    atteints = {"prepare", "retenu"} | {suite for dit in ETATS.values() for suite in dit.suites}
    assert set(ETATS) == set(get_args(CodeEtat)) == atteints


def test_the_documentation_shows_the_table() -> None:
    assert draw_diagram() in (PROJET / "docs" / "glossaire.md").read_text(encoding="utf-8")
