"""Month partitions of the person-level tables: purging one is a ``DROP``, replacing one empties no other."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from aller_vers.socle.entrepot import read_jour
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql

_VERROU = text(
    "SELECT pg_advisory_xact_lock(hashtextextended(c.cle, 0)) FROM unnest(CAST(:cles AS text[])) AS c (cle)"
)


def lock(connexion: Connection, *cle: str | Mois) -> None:
    """Take, until the transaction ends, the lock that this key names: a second run waits for the first."""
    lock_each(connexion, [cle])


def lock_each(connexion: Connection, cles: Iterable[tuple[str | Mois, ...]]) -> None:
    """Take the locks of these keys, in the order of their names: two who ask for the same never wait for each other."""
    connexion.execute(_VERROU, {"cles": sorted("/".join(("aller_vers", *map(str, cle))) for cle in cles)})


def hold(connexion: Connection) -> None:
    """Make sure that this transaction still stands, and with it its locks: a process may have slept for hours.

    Raises:
        DBAPIError: the warehouse has ended it; another may hold the locks since.
    """
    connexion.execute(text("SELECT 1"))


def find_detruites(connexion: Connection, mois: str | Mois) -> list[str]:
    """Return the Caf whose persons of the month our purge has destroyed, or has begun to: theirs never come back.

    Raises:
        ErreurAllerVers: the month as a whole is destroyed.
    """
    detruites = sorted(run_sql(connexion, "socle/select_detruites.sql", mois=mois).scalars())
    if NATION in detruites:
        raise ErreurAllerVers(
            f"Le mois {mois} a été détruit : ses données ne sont plus jamais extraites.",
            "lire les indicateurs conservés du mois ; aucun nouveau lot n'est possible.",
        )
    return detruites


def replace_partition(connexion: Connection, table: str, mois: str) -> list[str]:
    """Leave an empty partition of ``table`` for this month, in the caller's transaction.

    Until that transaction commits, others see the former rows; if it fails, the former rows stand.

    Args:
        connexion: as the owner of the table.
        table: schema and name of a table partitioned by ``LIST (mois)``: the project's own, never user input.
        mois: ``AAAA-MM``.

    Returns:
        The Caf whose persons of the month are destroyed: whoever fills the table leaves them out.

    Raises:
        ErreurAllerVers: the month was destroyed.
    """
    cle = str(Mois.parse(mois))
    partition = f"{table}_{cle.replace('-', '_')}"
    lock(connexion, table, cle)
    # Under the lock that the purge takes: whoever asked before may have waited for it.
    detruites = find_detruites(connexion, cle)
    existe = connexion.scalar(text("SELECT to_regclass(:nom) IS NOT NULL"), {"nom": partition})
    if existe:
        connexion.execute(text(f"TRUNCATE {partition}"))
    else:
        connexion.execute(text(f"CREATE TABLE {partition} (LIKE {table} INCLUDING ALL)"))
        # LIKE leaves behind which columns no statistics may keep.
        muettes = run_sql(connexion, "socle/select_muettes.sql", table=table).scalars().all()
        connexion.execute(
            text(f"ALTER TABLE {partition} {', '.join(f'ALTER {nom} SET STATISTICS 0' for nom in muettes)}")
        )
        # Attaching, unlike CREATE ... PARTITION OF, lets other months be read and written meanwhile.
        connexion.execute(text(f"ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES IN ('{cle}')"))
    # The purge of a month that nothing followed counts from this day.
    connexion.execute(text(f"COMMENT ON TABLE {partition} IS '{read_jour(connexion)}'"))
    return detruites


def rewrite_partition(connexion: Connection, table: str, mois: str) -> None:
    """Write the partition of ``table`` for this month anew, if there is one, in a transaction of its own.

    Rows that were deleted stay in a table's file until something takes their place: here, only those that stand are
    copied to another file.
    """
    cle = str(Mois.parse(mois))
    partition = f"{table}_{cle.replace('-', '_')}"
    lock(connexion, table, cle)
    if connexion.scalar(text("SELECT to_regclass(:nom) IS NULL"), {"nom": partition}):
        return
    schema, _, nom = partition.partition(".")
    connexion.execute(text(f"CREATE INDEX {nom}_tri ON {partition} (mois)"))
    connexion.execute(text(f"CLUSTER {partition} USING {nom}_tri"))
    connexion.execute(text(f"DROP INDEX {schema}.{nom}_tri"))


def drop_partition(connexion: Connection, table: str, mois: str) -> None:
    """Drop the partition of ``table`` for this month, if there is one, in the caller's transaction."""
    cle = str(Mois.parse(mois))
    lock(connexion, table, cle)
    connexion.execute(text(f"DROP TABLE IF EXISTS {table}_{cle.replace('-', '_')}"))
