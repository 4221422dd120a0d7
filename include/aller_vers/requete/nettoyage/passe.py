"""The cleaning of a month: its patterns and the libraries on every core, one statement that writes all rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.requete.nettoyage.courriel import clean_courriel
from aller_vers.requete.nettoyage.telephone import clean_telephone
from aller_vers.requete.nettoyage.valeur import Nettoye
from aller_vers.socle.coeurs import spread
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import replace_partition
from aller_vers.socle.sql import load_sql, run_sql

_TABLE = "staging.demandeur"
_TRANCHE = 10_000
_INDECIS = Nettoye(None, None)
Avis = tuple[int, str | None, str | None, str | None, str | None]
_AVIS = ("ligne", "courriel", "motif_courriel", "telephone", "motif_telephone")
# Statistics keep frequent values: they are gathered on columns that hold no contact and no identifier.
_COLONNES_ANALYSEES = "mois, code_caf, demandes_ajpa, demandes_ajpp, opposition_contact, affiliation_terminee"


@dataclass(frozen=True)
class BilanNettoyage:
    """Counts of a pass: no person.

    ``lignes`` counts rows. The others count e-mails and telephones together, blank ones apart: those that a pattern
    made clean, those that a library judged, those that it refused.
    """

    lignes: int
    par_motif_sql: int
    par_bibliotheque: int
    refuses_par_bibliotheque: int


def clean_demandeurs(connexion: Connection, mois: str) -> BilanNettoyage:
    """Fill the month of ``staging.demandeur`` from ``staging.demandeur_brut``, in the caller's transaction.

    The month's partition is replaced: running it again changes nothing. Memory does not depend on the number
    of rows.

    Args:
        connexion: to the warehouse as ``av_etl``, through psycopg.
        mois: ``AAAA-MM``.

    Raises:
        ErreurAllerVers: the month is not one, or the warehouse refused a step; it names no value.
    """
    cle = str(Mois.parse(mois))
    try:
        return _clean(connexion, cle)
    except (DBAPIError, psycopg.Error) as erreur:
        cause = erreur.orig if isinstance(erreur, DBAPIError) else erreur
        raise ErreurAllerVers(
            f"Le nettoyage du mois {cle} a échoué dans l'entrepôt ({type(cause).__name__}).",
            "vérifier que les migrations sont appliquées, les droits de av_etl et la place sur le disque ; "
            "rien n'est changé, relancer le mois.",
        ) from None


def clean_lignes(connexion: Connection, mois: str, lignes: Sequence[int]) -> None:
    """Clean again these lines of a month whose others stand, in the caller's transaction."""
    run_sql(connexion, "requete/delete_lignes.sql", mois=mois, lignes=list(lignes))
    _fill(connexion, mois, list(lignes))


def _clean(connexion: Connection, mois: str) -> BilanNettoyage:
    replace_partition(connexion, _TABLE, mois)
    lignes, verifies, refuses = _fill(connexion, mois, None)
    connexion.execute(text(f"ANALYZE {_TABLE}_{mois.replace('-', '_')} ({_COLONNES_ANALYSEES})"))
    nets = run_sql(connexion, "requete/count_contacts_nets.sql", mois=mois).scalar_one()
    return BilanNettoyage(lignes, nets - (verifies - refuses), verifies, refuses)


def _fill(connexion: Connection, mois: str, choisies: list[int] | None) -> tuple[int, int, int]:
    """Return the number of lines written, and of contacts that the libraries judged, and refused."""
    connexion.execute(text("DROP TABLE IF EXISTS pg_temp.ligne_lue, pg_temp.avis_bibliotheque"))
    # A pattern costs far more than to hand a row over: of a large month, every core reads its share.
    connexion.execute(text("SET LOCAL parallel_tuple_cost = 0"))
    run_sql(connexion, "requete/create_ligne_lue.sql", mois=mois, lignes=choisies)
    run_sql(connexion, "requete/create_avis_bibliotheque.sql")
    verifies = refuses = 0
    for avis in _judge(connexion):
        _copy(connexion, avis)
        for _, courriel, motif_courriel, telephone, motif_telephone in avis:
            refuses += bool(motif_courriel) + bool(motif_telephone)
            verifies += bool(courriel or motif_courriel) + bool(telephone or motif_telephone)
    connexion.execute(text("ANALYZE pg_temp.avis_bibliotheque (ligne)"))
    ecrites = run_sql(connexion, "requete/clean_demandeurs.sql").rowcount
    return ecrites, verifies, refuses


def _judge(connexion: Connection) -> Iterator[list[Avis]]:
    """Yield, slice by slice, what the libraries say of the contacts of a line."""
    requete = load_sql("requete/select_a_verifier.sql").execution_options(stream_results=True)
    with connexion.execute(requete) as lignes:
        # The size is said here: SQLAlchemy ignores `yield_per` on a text, and would fetch every row at once.
        tranches = lignes.partitions(_TRANCHE)
        yield from spread(_judge_tranche, ([tuple(ligne) for ligne in tranche] for tranche in tranches))


def _judge_tranche(tranche: list[tuple[Any, ...]]) -> list[Avis]:
    return [
        (
            ligne,
            *(_INDECIS if courriel is None else clean_courriel(courriel)),
            *(_INDECIS if telephone is None else clean_telephone(telephone, code_postal)),
        )
        for ligne, courriel, telephone, code_postal in tranche
    ]


def _copy(connexion: Connection, avis: list[Avis]) -> None:
    # A COPY a slice: the connection serves the cursor in between.
    curseur = _find_pilote(connexion).cursor()
    with curseur.copy(f"COPY pg_temp.avis_bibliotheque ({', '.join(_AVIS)}) FROM STDIN") as copie:
        for ligne in avis:
            copie.write_row(ligne)


def _find_pilote(connexion: Connection) -> psycopg.Connection[Any]:
    pilote = connexion.connection.driver_connection
    assert isinstance(pilote, psycopg.Connection)  # PostgreSQL through psycopg, by construction
    return pilote
