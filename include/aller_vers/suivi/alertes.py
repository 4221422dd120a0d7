"""What is wrong now and since when, so that an alert is told when it opens, once a day while it lasts, when it ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class Constat:
    """One thing that is wrong: a rule for a Caf (empty: the nation), or a task of a run.

    ``precision``: what else a reader needs to find it (a Cpam, a file); it is told, not kept.
    """

    regle: str
    gravite: str
    code_caf: str = ""
    nombre: int | None = None
    precision: str = ""


@dataclass(frozen=True)
class Alerte:
    """A thing that is wrong, and since when."""

    constat: Constat
    depuis: datetime


@dataclass(frozen=True)
class Suite:
    """What changed on a subject: opened, still open, ended; ``a_dire``: somebody has to be told."""

    nouvelles: tuple[Alerte, ...]
    toujours: tuple[Alerte, ...]
    finies: tuple[Alerte, ...]
    a_dire: bool


def follow(
    entrepot: Connection,
    sujet: str,
    mois: str,
    constats: Collection[Constat],
    maintenant: datetime,
    *,
    complet: bool = True,
) -> Suite:
    """Compare what is wrong with what was, and keep it, in the caller's transaction; safe twice at once.

    Args:
        entrepot: as ``av_etl``.
        sujet: a gate or a DAG (``porte:requete``, ``dag:depots_caf``).
        mois: ``AAAA-MM``.
        constats: what is wrong now.
        maintenant: a thing that lasts is told again on another day (Paris) than the last time.
        complet: what is not among ``constats`` has ended; False: it may still be there.
    """
    lock(entrepot, "alerte", sujet, mois)
    jour = maintenant.astimezone(PARIS).date()
    connues = {
        (ligne.code_caf, ligne.regle): ligne
        for ligne in run_sql(entrepot, "suivi/select_alertes.sql", sujet=sujet, mois=mois)
    }
    nouvelles, toujours, rappel = list[Alerte](), list[Alerte](), False
    for constat in sorted(constats, key=lambda c: (c.regle, c.code_caf)):
        connue = connues.pop((constat.code_caf, constat.regle), None)
        meme = connue is not None and connue.gravite == constat.gravite
        alerte = Alerte(constat, connue.depuis if connue is not None and meme else maintenant)
        (toujours if meme else nouvelles).append(alerte)
        rappel = rappel or (connue is not None and connue.dite_le < jour)
        run_sql(
            entrepot, "suivi/open_alerte.sql",
            sujet=sujet, mois=mois, code_caf=constat.code_caf, regle=constat.regle, gravite=constat.gravite,
            nombre=constat.nombre, depuis=alerte.depuis, jour=jour,
        )  # fmt: skip
    finies = list[Alerte]()
    for ligne in connues.values() if complet else ():
        finies.append(Alerte(Constat(ligne.regle, ligne.gravite, ligne.code_caf, ligne.nombre), ligne.depuis))
        run_sql(
            entrepot, "suivi/close_alerte.sql",
            sujet=sujet, mois=mois, code_caf=ligne.code_caf, regle=ligne.regle,
        )  # fmt: skip
    return Suite(tuple(nouvelles), tuple(toujours), tuple(finies), bool(nouvelles or finies or rappel))


def format_instant(instant: datetime | None) -> str:
    """Return « 01/07/2025 à 06:05 », Paris time."""
    return f"{instant.astimezone(PARIS):%d/%m/%Y à %H:%M}" if instant else "une date inconnue"
