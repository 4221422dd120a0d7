"""The source, ``si_allocataires``: checked against its contract, then streamed into staging."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from sqlalchemy import Connection, Date, TextClause, bindparam, text

from aller_vers.socle.contrat_source import check_contrat
from aller_vers.socle.entrepot import translate_errors
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import find_detruites, replace_partition
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import load_sql

COLONNES = (
    "id_personne", "code_caf", "code_caf_gestionnaire", "demandes_ajpa", "demandes_ajpp", "demandes_autres",
    "date_premier_depot", "date_dernier_depot", "courriel", "telephone", "code_postal",
    "opposition_contact", "affiliation_terminee",
)  # fmt: skip
TABLE = "staging.demandeur_brut"
_CIBLE = f"COPY {TABLE} (mois, ligne, {', '.join(COLONNES)}) FROM STDIN"
_TRANCHE = 5_000
_SOURCE = "av_source"


@dataclass(frozen=True)
class Extraction:
    """What was extracted: ``lignes`` people of the month, through ``voie`` (``copy`` or ``curseur``)."""

    lignes: int
    voie: str


def extract_demandeurs(
    source: Connection, entrepot: Connection, mois: Mois, natures: tuple[str, ...], jour: date
) -> Extraction:
    """Replace the month's extract in ``staging.demandeur_brut``, all text, within the caller's transaction.

    COPY to COPY where the source is PostgreSQL, a server-side cursor elsewhere; memory does not grow with the
    number of rows. A Caf whose persons of the month are destroyed is left out: its measures are kept.

    Args:
        source: read-only connection to the source.
        entrepot: connection to the warehouse, as ``av_etl``.
        mois: month of deposit.
        natures: natures of application that count.
        jour: day of the extraction, on which affiliations are judged.

    Raises:
        ErreurAllerVers: the month was destroyed, or the source breaks its contract.
    """
    find_detruites(entrepot, mois)
    with translate_errors(_SOURCE):
        check_contrat(source)
    parametres = _make_parametres(mois, natures, jour, replace_partition(entrepot, TABLE, str(mois)))
    if source.dialect.name == "postgresql":
        return Extraction(_copy(source, entrepot, mois, parametres), "copy")
    return Extraction(_stream(source, entrepot, mois, parametres), "curseur")


def read_demandeur(
    source: Connection, mois: Mois, natures: tuple[str, ...], jour: date, id_personne: str
) -> dict[str, str | None] | None:
    """Return what the request would extract of one person today, by column; None if it would not take them."""
    parametres = {**_make_parametres(mois, natures, jour, []), "personne": int(id_personne)}
    with closing(_read_lignes(source, parametres, seule=True)) as lignes:
        lue = next(lignes, None)
    return dict(zip(COLONNES, lue, strict=True)) if lue else None


def _make_parametres(
    mois: Mois, natures: tuple[str, ...], jour: date, detruites: list[str]
) -> dict[str, Any]:
    return {
        "debut": mois.debut, "fin": mois.fin, "jour": jour, "natures": list(natures),
        # Never empty: not every database takes an empty list, and no dossier is of the nation.
        "detruites": [NATION, *detruites],
    }  # fmt: skip


def _copy(source: Connection, entrepot: Connection, mois: Mois, parametres: dict[str, Any]) -> int:
    entree = _driver(entrepot).cursor()
    with closing(_read_blocs(source, mois, parametres)) as blocs, entree.copy(_CIBLE) as ecriture:
        for bloc in blocs:
            ecriture.write(bloc)
    return entree.rowcount


def _read_blocs(
    source: Connection, mois: Mois, parametres: dict[str, Any]
) -> Generator[bytes | bytearray | memoryview]:
    requete = _build_requete().compile(source).construct_expanded_state(parametres)
    with translate_errors(_SOURCE):
        # COPY writes as the session says: the source may be in Latin-1, or write its dates in another order.
        source.execute(text("SET LOCAL client_encoding TO 'UTF8'"))
        source.execute(text("SET LOCAL datestyle TO 'ISO'"))
        with psycopg.ClientCursor(_driver(source)).copy(
            f"COPY (SELECT '{mois}' AS mois, row_number() OVER () AS ligne, r.* "  # noqa: S608 - a parsed month
            f"FROM ({requete.statement}) AS r) TO STDOUT",
            requete.parameters,
        ) as lecture:
            yield from lecture


def _stream(source: Connection, entrepot: Connection, mois: Mois, parametres: dict[str, Any]) -> int:
    entree = _driver(entrepot).cursor()
    with closing(_read_lignes(source, parametres)) as lignes, entree.copy(_CIBLE) as ecriture:
        for rang, ligne in enumerate(lignes, start=1):
            ecriture.write_row((str(mois), str(rang), *ligne))
    return entree.rowcount


def _read_lignes(
    source: Connection, parametres: dict[str, Any], *, seule: bool = False
) -> Generator[list[str | None]]:
    requete = _build_requete(seule=seule).execution_options(stream_results=True)
    # The size is said here: SQLAlchemy ignores `yield_per` on a text.
    with translate_errors(_SOURCE), source.execute(requete, parametres) as lignes:
        for tranche in lignes.partitions(_TRANCHE):
            for ligne in tranche:
                yield [None if valeur is None else _as_text(valeur) for valeur in ligne]


def _build_requete(*, seule: bool = False) -> TextClause:
    requete = load_sql("requete/extract_demandeurs.sql")
    if seule:
        requete = text(f"SELECT r.* FROM ({requete.text}) AS r WHERE r.id_personne = :personne")  # noqa: S608
    return requete.bindparams(
        bindparam("debut", type_=Date),
        bindparam("fin", type_=Date),
        bindparam("jour", type_=Date),
        bindparam("natures", expanding=True),
        bindparam("detruites", expanding=True),
    )


def _as_text(valeur: object) -> str:
    return str(valeur).replace("\x00", "")  # no text of PostgreSQL holds this character


def _driver(connexion: Connection) -> psycopg.Connection[Any]:
    pilote = connexion.connection.driver_connection
    assert isinstance(pilote, psycopg.Connection)
    return pilote
