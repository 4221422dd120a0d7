"""The project's SQL: read from ``include/sql``, run with bind parameters only."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.types.string import StrDumperUnknown
from sqlalchemy import Connection, CursorResult, TextClause, text

from aller_vers.socle.mois import Mois

_AVEC = re.compile(r"^-- avec: (.+)$", flags=re.MULTILINE)
DOSSIER = Path(os.environ.get("AV_SQL", Path(__file__).parents[2] / "sql"))


class _DumperMois(StrDumperUnknown):
    """A month is the type ``Mois`` in Python and text in SQL."""

    def dump(self, obj: Any) -> Any:
        return super().dump(str(obj))


psycopg.adapters.register_dumper(Mois, _DumperMois)


@cache
def read_sql(nom: str) -> str:
    """Return the text of a file below ``include/sql``, e.g. ``requete/extract_demandeurs.sql``."""
    return (DOSSIER / nom).read_text(encoding="utf-8")


@cache
def load_sql(nom: str) -> TextClause:
    """Return the statement of a file below ``include/sql``, its ``:parameters`` bound by name.

    Comment lines are left out: the ``:mois`` of a header is documentation, not a parameter. A header that says ``avec``
    names what the statement has in common with others of its room, each a CTE and a file of ``commun/``, in order.
    """
    corps, communs = _strip_comments(read_sql(nom)), _AVEC.search(read_sql(nom))
    if communs:
        dossier = f"{nom.partition('/')[0]}/commun"
        ctes = [f"{c} AS (\n{_strip_comments(read_sql(f'{dossier}/{c}.sql'))}\n)" for c in communs[1].split()]
        suite = f",\n{corps[5:]}" if corps.startswith("WITH ") else f"\n{corps}"
        corps = "WITH " + ",\n".join(ctes) + suite
    return text(corps)


def _strip_comments(texte: str) -> str:
    return "\n".join(ligne for ligne in texte.splitlines() if not ligne.lstrip().startswith("--")).strip()


def run_sql(connexion: Connection, nom: str, **parametres: Any) -> CursorResult[Any]:
    """Execute a file's statement on this connection."""
    return connexion.execute(load_sql(nom), parametres)
