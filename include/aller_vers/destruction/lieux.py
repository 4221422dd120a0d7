"""Every place that holds persons: whoever adds one names it here, and the purge and its proof know it."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from sqlalchemy import Connection

from aller_vers.partage.partage import Partage
from aller_vers.socle.francais import count
from aller_vers.socle.identite import compute_empreinte
from aller_vers.socle.partitions import drop_partition, lock, rewrite_partition
from aller_vers.socle.sql import load_sql, run_sql

TABLES = ("staging.demandeur_brut", "staging.demandeur", "core.demandeur")
REFUSES, RETOURS = "refuses", "retours"
_TRANCHE = 10_000
_CAF = re.compile(r"[0-9]{3}")


def lock_mois(entrepot: Connection, mois: str) -> None:
    """Wait for whoever replaces a table of the month, and keep others out until the transaction ends."""
    for table in TABLES:
        lock(entrepot, table, mois)


def delete_lot(entrepot: Connection, mois: str, code_caf: str) -> dict[str, int]:
    """Destroy one Caf's persons of the month in the tables; return how many rows went, by table."""
    lignes = run_sql(entrepot, "destruction/delete_lot.sql", mois=mois, code_caf=code_caf)
    return {ligne.lieu: ligne.nombre for ligne in lignes}


def drop_tables(entrepot: Connection, mois: str) -> dict[str, int]:
    """Drop the month's partitions; return how many rows went with them, by table."""
    comptes = count_tables(entrepot, mois)
    for table in TABLES:
        drop_partition(entrepot, table, mois)
    run_sql(entrepot, "destruction/delete_deja_transmis.sql", mois=mois)
    return comptes


def list_mois_tenus(entrepot: Connection) -> list[str]:
    """Return the months that have tables of persons, in order."""
    return list(run_sql(entrepot, "destruction/select_partitions.sql", tables=list(TABLES)).scalars())


def find_connus(
    entrepot: Connection, requete: str, mois: str, cle: bytes, connues: Container[str]
) -> list[Any]:
    """Return the lines of the month whose person has one of these keyed hashes, read slice by slice: few, in all."""
    ordre = load_sql(requete).execution_options(stream_results=True)
    with entrepot.execute(ordre, {"mois": mois}) as lignes:
        return [
            ligne for tranche in lignes.partitions(_TRANCHE) for ligne in tranche
            if compute_empreinte(cle, ligne.id_personne) in connues
        ]  # fmt: skip


def rewrite_tables(entrepot: Connection, mois: str) -> None:
    """Write the month's tables anew, so that their files hold nothing of the rows that were destroyed."""
    for table in TABLES:
        rewrite_partition(entrepot, table, mois)


def count_tables(entrepot: Connection, mois: str, code_caf: str | None = None) -> dict[str, int]:
    """Return how many persons of the month, or of one Caf in it, the tables hold."""
    lignes = run_sql(entrepot, "destruction/count_restes.sql", mois=mois, code_caf=code_caf)
    return {ligne.lieu: ligne.nombre for ligne in lignes}


def list_caf(partage: Partage) -> list[str]:
    """Return the codes of the Caf that have a folder on the share."""
    return [e.nom for e in partage.scan("") if e.dossier and _CAF.fullmatch(e.nom)]


def find_restes(entrepot: Connection, partage: Partage, mois: str, code_caf: str | None = None) -> list[str]:
    """Look again: return what is left of a month, or of one Caf's lot, in French; nothing when all is destroyed."""
    restes = [
        f"{count(n, 'ligne', feminin=True)} dans {lieu}"
        for lieu, n in count_tables(entrepot, mois, code_caf).items()
        if n
    ]
    if code_caf is None:
        restes += ["une partition de ses tables"] if mois in list_mois_tenus(entrepot) else []
    codes = [code_caf] if code_caf else list_caf(partage)
    restes += [f"le dossier {code}/{mois} du partage" for code in codes if partage.scan(f"{code}/{mois}")]
    return restes
