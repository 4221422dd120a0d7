"""The warehouse's copy of the reference data: replaced as a whole, so that SQL can join it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import (
    find_region_cpam,
    load_caf,
    load_codes_postaux,
    load_conventions,
    load_cpam,
    load_perimetres,
    load_regions,
)


def load_reference(entrepot: Connection, *, exemples: bool) -> dict[str, int]:
    """Replace the reference tables of ``marts`` by the project's files, in the caller's transaction.

    ``exemples``: the conventions that nobody signed carry lots. Elsewhere than on a laptop or in a demonstration they
    never come into force: their Caf are held, with that reason.

    Returns:
        The number of rows by table.
    """
    lock(entrepot, "reference")
    regions = find_region_cpam()
    tables: dict[str, tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]] = {
        "region": (("code_region", "nom"), tuple(load_regions().items())),
        "caf": (
            ("code_caf", "nom", "libelle", "code_region"),
            [(c.code_caf, c.nom, c.libelle, c.code_region) for c in load_caf().values()],
        ),
        "cpam": (
            ("code_cpam", "nom", "type", "code_region"),
            [(c.code_cpam, c.nom, c.type_caisse, regions[c.code_cpam]) for c in load_cpam().values()],
        ),
        "code_postal": (
            ("code_postal", "departement", "code_region"),
            [(c.code_postal, c.departement, c.code_region) for c in load_codes_postaux().values()],
        ),
        "perimetre": (
            ("code_cpam", "code_postal", "fiabilite"),
            [(p.code_cpam, p.code_postal, p.fiabilite) for p in load_perimetres()],
        ),
        "convention": (
            ("code_caf", "code_cpam", "date_debut", "date_fin"),
            [
                (c.code_caf, c.code_cpam, c.date_debut if exemples or not c.exemple else date.max, c.date_fin)
                for c in load_conventions()
            ],
        ),
    }
    for table, (colonnes, lignes) in tables.items():
        valeurs = ", ".join(f":{nom}" for nom in colonnes)
        entrepot.execute(text(f"DELETE FROM marts.{table}"))  # noqa: S608 - names of this module
        entrepot.execute(
            text(f"INSERT INTO marts.{table} ({', '.join(colonnes)}) VALUES ({valeurs})"),  # noqa: S608
            [dict(zip(colonnes, ligne, strict=True)) for ligne in lignes],
        )
    return {table: len(lignes) for table, (_, lignes) in tables.items()}
