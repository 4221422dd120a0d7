"""A person whom a search finds again: an e-mail and a telephone that nobody else has, and what must not hold them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import Connection, text

ADRESSE, NUMERO, NUMERO_NET = "serin.huppe@example.org", "0199007777", "01 99 00 77 77"
# The telephone without its zero: what a spreadsheet makes of it.
TRACES = ("serin", "huppe", NUMERO.lstrip("0"), NUMERO_NET)
CANARI: dict[str, str | None] = {
    "courriel": ADRESSE, "courriel_net": ADRESSE, "telephone": NUMERO, "telephone_net": NUMERO_NET,
}  # fmt: skip


def find_traces(contenu: str) -> list[str]:
    """Return what shows of the canary, whatever the case."""
    return [trace for trace in TRACES if trace in contenu.lower()]


def read_tables(entrepot: Connection, *schemas: str) -> str:
    """Return all that these schemas hold, as text, closed to a working role or not: the connection is their owner's."""
    role = entrepot.scalar(text("SELECT current_user"))
    entrepot.execute(text("RESET ROLE"))
    tables = entrepot.execute(
        text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY (:s)"), {"s": list(schemas)}
    ).all()
    assert len(tables) >= 3
    lues = str([entrepot.scalars(text(f"SELECT t::text FROM {s}.{t} AS t")).all() for s, t in tables])
    entrepot.execute(text("SELECT set_config('role', :role, false)"), {"role": role})
    return lues


def keep_resultats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keep every result that Great Expectations returns from now on, whole."""
    from great_expectations.datasource.fluent.interfaces import Batch

    gardes: list[str] = []
    valide = Batch.validate

    def keep(self: Batch, *args: Any, **options: Any) -> Any:
        resultat = valide(self, *args, **options)
        uns = getattr(resultat, "results", [resultat])
        gardes.extend(json.dumps(un.to_json_dict()) + str(un.exception_info) for un in uns)
        return resultat

    monkeypatch.setattr(Batch, "validate", keep)
    return gardes
