"""Connections to databases: one engine per address, and refusals that say what to mend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool, QueuePool

from aller_vers.socle.erreurs import ErreurAllerVers, RefusError, ValeurRefuseeError

_PILOTE = "postgresql+psycopg"
# Beyond it, an instant of this machine decides nothing.
ECART_HORLOGES = timedelta(minutes=1)
# Engines whose connections are kept for who asks next; None: none are.
_GARDES: ContextVar[set[Engine] | None] = ContextVar("gardes", default=None)
# What is the value's own fault: trying again, or another right, changes nothing.
_VALEURS = (
    psycopg.DataError,
    psycopg.errors.CheckViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.NotNullViolation,
)
# SQLSTATE of a liaison that is lost, of a server that stops or starts.
_SANS_REPONSE = ("08", "57P")


def create_moteur(adresse: str, *, garde: bool = False) -> Engine:
    """Return an engine for this address; ``postgres://`` and ``postgresql://`` mean psycopg.

    Parameters are hidden from error texts: they may be a person's values. ``garde``: it keeps its connections for who
    asks next, until it is disposed of.
    """
    url = make_url(adresse)
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername=_PILOTE)
    options: dict[str, Any] = (
        {"poolclass": QueuePool, "pool_pre_ping": True} if garde else {"poolclass": NullPool}
    )
    return create_engine(url, hide_parameters=True, **options)


def read_jour(entrepot: Connection) -> date:
    """Return the warehouse's day, in Paris: the server's, or the day of the past that a laptop plays again."""
    jour: date = entrepot.execute(
        text("SELECT CAST(suivi.maintenant() AT TIME ZONE 'Europe/Paris' AS date)")
    ).scalar_one()
    return jour


def check_horloge(entrepot: Connection, maintenant: datetime) -> datetime:
    """Return this instant of the worker's clock, once the database's clock says the same within a minute.

    Raises:
        ErreurAllerVers: one of the two is wrong; what this instant would destroy or call late is not known to be.
    """
    ecart = abs(maintenant - entrepot.execute(text("SELECT clock_timestamp()")).scalar_one())
    if ecart > ECART_HORLOGES:
        raise ErreurAllerVers(
            f"L'horloge de cette machine et celle de PostgreSQL diffèrent de {round(ecart.total_seconds())} s : "
            "rien n'est détruit, attesté ni dit en retard.",
            "mettre les deux machines à l'heure (NTP), puis relancer.",
            passagere=True,
        )
    return maintenant


@contextmanager
def open_transaction(adresse: str, nom: str) -> Iterator[Connection]:
    """Open one transaction: committed at the end, rolled back on any error.

    Args:
        adresse: URL of the database.
        nom: Airflow's name of the connection, for the message (``av_source``).

    Raises:
        ErreurAllerVers: the database does not answer, refuses the user or the password, or refuses a
            statement; the database's own text may quote a row, so it is never repeated.
    """
    gardes = _GARDES.get()
    moteur = _create(adresse, nom, garde=gardes is not None)
    if gardes is not None:
        gardes.add(moteur)
    with translate_errors(nom), connect(moteur, nom) as connexion, connexion.begin():
        yield connexion


@contextmanager
def keep_connexions() -> Iterator[None]:
    """Let transactions that follow one another share a connection, until the end: the server starts a process for each.

    Nothing else changes: what one has begun and not committed is undone before the next, one that the server has
    ended is opened again. A process that is forked meanwhile has no use for them, and ends without closing them.
    """
    gardes: set[Engine] = set()
    jeton = _GARDES.set(gardes)
    try:
        yield
    finally:
        _GARDES.reset(jeton)
        for moteur in gardes:
            moteur.dispose()


@contextmanager
def translate_errors(nom: str) -> Iterator[None]:
    """Turn what the database of this connection refuses into a message that names it.

    Where two connections are open, the inner one would otherwise be blamed for what the other refuses.

    Raises:
        ErreurAllerVers: instead of any error of a database; it repeats no value.
    """
    try:
        yield
    except (DBAPIError, psycopg.Error) as erreur:
        raise _refusal(erreur, nom) from None


@cache  # beside the connections that are kept: what the server said of itself, and statements already compiled
def _create(adresse: str, nom: str, *, garde: bool) -> Engine:
    try:
        moteur = create_moteur(adresse, garde=garde)
        if "@" in (moteur.url.host or ""):
            raise ValueError("the rest of a password was taken for the host")
    except (ArgumentError, ImportError, ValueError):  # their texts may quote the password
        raise ErreurAllerVers(
            f"L'adresse de la connexion {nom} est illisible, ou son pilote n'est pas installé.",
            f"corriger la connexion Airflow {nom} ; dans son mot de passe, écrire les signes spéciaux en % "
            "(%40 pour @).",
        ) from None
    return moteur


def connect(moteur: Engine, nom: str) -> Connection:
    """Connect.

    Raises:
        ErreurAllerVers: nobody answers there, or the user or the password is refused; ``nom`` is told.
    """
    try:
        return moteur.connect()
    except OperationalError as erreur:
        url = moteur.url
        base = f"{url.database} sur {url.host or 'ce poste'}" + (f":{url.port}" if url.port else "")
        raise ErreurAllerVers(
            f"La base {base} (connexion {nom}, utilisateur {url.username or 'par défaut'}) "
            f"refuse la connexion : {_reason(str(erreur.orig))}.",
            f"vérifier l'adresse, l'utilisateur et le mot de passe de la connexion Airflow {nom}, "
            "et que la base est démarrée.",
            passagere=True,
        ) from None


def _refusal(erreur: DBAPIError | psycopg.Error, nom: str) -> ErreurAllerVers:
    cause = erreur.orig if isinstance(erreur, DBAPIError) else erreur
    if not isinstance(cause, psycopg.Error):
        return ErreurAllerVers(
            f"La base de la connexion {nom} a refusé une instruction ({type(cause).__name__}).",
            "vérifier l'état de cette base, puis relancer la tâche.",
            passagere=True,
        )
    if isinstance(cause, psycopg.errors.DiskFull):
        return ErreurAllerVers(
            f"Le disque de la base de la connexion {nom} est plein.",
            "libérer de la place, puis relancer la tâche : rien n'a été écrit à moitié.",
            passagere=True,
        )
    diag = cause.diag
    lieu = ".".join(n for n in (diag.schema_name, diag.table_name, diag.column_name) if n)
    details = [n for n in (lieu, diag.constraint_name) if n]
    repond = cause.sqlstate is not None and not cause.sqlstate.startswith(_SANS_REPONSE)
    genre = ValeurRefuseeError if isinstance(cause, _VALEURS) else RefusError if repond else ErreurAllerVers
    return genre(
        f"La base de la connexion {nom} a refusé une instruction : {type(cause).__name__} "
        f"(SQLSTATE {cause.sqlstate or 'inconnu'}{', ' + ', '.join(details) if details else ''}).",
        "chercher ce code dans la documentation de PostgreSQL ; la transaction est annulée, "
        "relancer la tâche.",
        passagere=True,
    )


def _reason(texte: str) -> str:
    if "password authentication failed" in texte or "no password supplied" in texte:
        return "mot de passe refusé"
    if "does not exist" in texte:
        return "cette base ou cet utilisateur n'existe pas"
    if "Connection refused" in texte:
        return "personne ne répond à cette adresse"
    return texte.strip().splitlines()[-1].strip().rstrip(".")
