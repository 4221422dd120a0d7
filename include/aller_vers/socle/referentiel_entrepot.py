"""The warehouse's copy of the reference data: replaced as a whole, so that SQL can join it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from aller_vers.socle.groupes import load_groupes
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import (
    find_region_cpam,
    find_successeur,
    load_caf,
    load_codes_postaux,
    load_conventions,
    load_cpam,
    load_perimetres,
    load_regions,
)

# What is not signed starts on none of the days that anybody will live; one day each, since the day is in the key.
_JAMAIS = date.max


def load_reference(entrepot: Connection, *, exemples: bool) -> dict[str, int]:
    """Replace the reference tables of ``marts`` by the project's files, in the caller's transaction.

    A convention that nobody signed never comes into force: its Caf is held, with that reason. ``exemples``: on a laptop
    and in a demonstration, the examples do.

    Returns:
        The number of rows by table.
    """
    lock(entrepot, "reference")
    regions, conventions = find_region_cpam(), load_conventions()
    tables: dict[str, tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]] = {
        "region": (("code_region", "nom"), tuple(load_regions().items())),
        "caf": _list(
            load_caf().values(), ("code_caf", "nom", "libelle", "code_region", "valable_du", "valable_au"),
            successeur=lambda c: find_successeur(c.code_caf) if c.valable_au < date.max else None,
        ),
        "cpam": _list(
            load_cpam().values(), ("code_cpam", "nom", "valable_du", "valable_au"),
            type=lambda c: c.type_caisse, code_region=lambda c: regions[c.code_cpam],
        ),
        "code_postal": _list(load_codes_postaux().values(), ("code_postal", "departement", "code_region")),
        "perimetre": _list(
            load_perimetres(), ("code_cpam", "code_postal", "fiabilite", "valable_du", "valable_au")
        ),
        "convention": _list(
            conventions, ("code_caf", "code_cpam", "date_fin", "date_signature"),
            date_debut=lambda c: c.prend_effet if c.date_signature or (c.exemple and exemples)
            else _JAMAIS - timedelta(days=conventions.index(c)),
            exemple=lambda c: c.exemple and exemples,
        ),
        "groupe": (
            ("code_groupe", "libelle", "code_caf", "code_cpam", "depuis"),
            [(g.code, g.libelle, *m) for g in load_groupes().values() for m in g.membres],
        ),
    }  # fmt: skip
    for table, (colonnes, lignes) in tables.items():
        valeurs = ", ".join(f":{nom}" for nom in colonnes)
        entrepot.execute(text(f"DELETE FROM marts.{table}"))  # noqa: S608 - names of this module
        entrepot.execute(
            text(f"INSERT INTO marts.{table} ({', '.join(colonnes)}) VALUES ({valeurs})"),  # noqa: S608
            [dict(zip(colonnes, ligne, strict=True)) for ligne in lignes],
        )
    return {table: len(lignes) for table, (_, lignes) in tables.items()}


def _list(
    lus: Iterable[Any], noms: tuple[str, ...], **autres: Callable[[Any], object]
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    """Return the columns, and the rows of what was read: its fields of these names, then what is made of it."""
    return (*noms, *autres), [
        (*(getattr(lu, nom) for nom in noms), *(make(lu) for make in autres.values())) for lu in lus
    ]
