"""The warehouse's copy of the reference data: replaced as a whole, so that SQL can join it."""

from __future__ import annotations

from collections.abc import Sequence
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
    regions = find_region_cpam()
    tables: dict[str, tuple[tuple[str, ...], Sequence[tuple[Any, ...]]]] = {
        "region": (("code_region", "nom"), tuple(load_regions().items())),
        "caf": (
            ("code_caf", "nom", "libelle", "code_region", "valable_du", "valable_au", "successeur"),
            [
                (
                    c.code_caf,
                    c.nom,
                    c.libelle,
                    c.code_region,
                    c.valable_du,
                    c.valable_au,
                    find_successeur(c.code_caf) if c.valable_au < date.max else None,
                )
                for c in load_caf().values()
            ],
        ),
        "cpam": (
            ("code_cpam", "nom", "type", "code_region", "valable_du", "valable_au"),
            [
                (c.code_cpam, c.nom, c.type_caisse, regions[c.code_cpam], c.valable_du, c.valable_au)
                for c in load_cpam().values()
            ],
        ),
        "code_postal": (
            ("code_postal", "departement", "code_region"),
            [(c.code_postal, c.departement, c.code_region) for c in load_codes_postaux().values()],
        ),
        "perimetre": (
            ("code_cpam", "code_postal", "fiabilite", "valable_du", "valable_au"),
            [
                (p.code_cpam, p.code_postal, p.fiabilite, p.valable_du, p.valable_au)
                for p in load_perimetres()
            ],
        ),
        "convention": (
            ("code_caf", "code_cpam", "date_debut", "date_fin", "date_signature", "exemple"),
            [
                (
                    c.code_caf,
                    c.code_cpam,
                    c.prend_effet
                    if c.date_signature or (c.exemple and exemples)
                    else _JAMAIS - timedelta(days=rang),
                    c.date_fin,
                    c.date_signature,
                    c.exemple and exemples,
                )
                for rang, c in enumerate(load_conventions())
            ],
        ),
        "groupe": (
            ("code_groupe", "libelle", "code_caf", "code_cpam", "depuis"),
            [(g.code, g.libelle, *m) for g in load_groupes().values() for m in g.membres],
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
