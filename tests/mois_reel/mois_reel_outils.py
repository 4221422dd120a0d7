"""Search for people where none may be."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from psycopg import sql

TRACES = ("zibeline", "loutre", "putois", "99 00 71 2", "9900712")


def find_traces(textes: Iterable[str]) -> list[str]:
    """Return the traces of canary people that these texts hold."""
    return [trace for texte in textes for trace in TRACES if trace in texte.lower()]


def read_text_of_every_table(reel: Any, base: str, schemas: tuple[str, ...]) -> dict[str, str]:
    """Return every row of every table of these schemas, as text, bytes decoded."""
    with reel.base(base) as connexion:
        tables = connexion.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY(%s)", (list(schemas),)
        ).fetchall()
        return {
            f"{schema}.{table}": "\n".join(
                " ".join(v.decode(errors="replace") if isinstance(v, bytes) else str(v) for v in ligne)
                for ligne in connexion.execute(
                    sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in tables
        }
