"""The page's database: one small pool a process, as ``av_pilotage``, which sees no person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Annotated

from airflow.sdk import Connection as ConnexionAirflow
from fastapi import Depends
from sqlalchemy import Connection, Engine, create_engine, make_url

from aller_vers.socle.entrepot import connect, translate_errors
from aller_vers.socle.erreurs import ErreurAllerVers

_CONNEXION = "av_pilotage"


class SansBaseError(Exception):
    """The warehouse does not answer the page; the text is for the log."""


def open_pilotage() -> Iterator[Connection]:
    """Give one transaction a request; it raises what ``begin_pilotage`` does."""
    with begin_pilotage() as connexion:
        yield connexion


@contextmanager
def begin_pilotage() -> Iterator[Connection]:
    """Give one transaction.

    Raises:
        SansBaseError: there is no connection ``av_pilotage``, or nobody answers there.
    """
    try:
        connexion = connect(_create_moteur(ConnexionAirflow.get(_CONNEXION).get_uri()), _CONNEXION)
    except ErreurAllerVers as erreur:
        raise SansBaseError(erreur.constat) from None
    except Exception as erreur:  # noqa: BLE001 - whatever it is, the reader cannot mend it: the page says who can
        raise SansBaseError(f"La connexion {_CONNEXION} ne s'ouvre pas ({type(erreur).__name__}).") from None
    with connexion, translate_errors(_CONNEXION), connexion.begin():
        yield connexion


PilotageDep = Annotated[Connection, Depends(open_pilotage)]


@cache
def _create_moteur(uri: str) -> Engine:
    url = make_url(uri).difference_update_query(["__extra__"]).set(drivername="postgresql+psycopg")
    # Short questions: compiling them costs more than answering. What the address itself asks for has the last word.
    options = " ".join(("-c jit=off", *url.normalized_query.get("options", ())))
    return create_engine(
        url.update_query_dict({"options": options}),
        pool_size=4, max_overflow=4, pool_pre_ping=True, hide_parameters=True,
    )  # fmt: skip
