"""Random streams, identifiers and columns of text: the tools that the generators share.

A stream depends on the seed, its purpose, the month and the chunk alone: a chunk is the same whatever was
generated before it, and can be generated again where a later month needs it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from aller_vers.socle.mois import Mois

Entiers = npt.NDArray[np.int64]
Booleens = npt.NDArray[np.bool_]
Colonne = list[str]

NUL = r"\N"
"""NULL in PostgreSQL's COPY text format."""


class Flux(IntEnum):
    """Purpose of a random stream."""

    VOLUME = 1
    NOYAU = 2
    PERSONNES = 3
    DEMANDES = 4
    PARCOURS = 5
    SEPARES = 6
    CONTACTS = 7
    AGENTS = 8
    SUPPORTS = 9
    PIVOTS = 10


class Entite(IntEnum):
    """Leading figures of an identifier, so that one of a table is never one of another by chance."""

    DOSSIER = 1
    PERSONNE = 2
    DEMANDE = 3
    DROIT = 4
    RECALCUL = 5
    SEPARATION = 6
    CONTACT = 7
    RENDEZ_VOUS = 8
    ACCOMPAGNEMENT = 9
    AGENT = 10


BLOC_PARCOURS = 9000
"""Chunk number of the rows of the separation path, past any chunk of applications."""


@dataclass(frozen=True)
class Bloc:
    """Rows of one table, as columns of text in COPY format, in the order of the contract."""

    table: str
    colonnes: tuple[Colonne, ...]

    @property
    def nb_lignes(self) -> int:
        """Number of rows."""
        return len(self.colonnes[0])


def open_stream(graine: int, flux: Flux, mois: Mois | None = None, bloc: int = 0) -> np.random.Generator:
    """Return the random stream of one purpose, month and chunk."""
    return np.random.default_rng([graine, int(flux), 0 if mois is None else int(mois.compact), bloc])


def first_id(entite: Entite, mois: Mois, bloc: int) -> int:
    """Return the first identifier of a chunk: entity, year and month, chunk (4 figures), rank (6 figures)."""
    return int(entite) * 10**14 + int(mois.compact[2:]) * 10**10 + bloc * 10**6


def draw_kinds(rng: np.random.Generator, poids: Sequence[float], n: int) -> Entiers:
    """Draw `n` ranks of `poids` with these weights."""
    cumul = np.cumsum(np.asarray(poids, dtype=np.float64))
    rangs = np.searchsorted(cumul / cumul[-1], rng.random(n), side="right")
    return np.minimum(rangs, len(poids) - 1).astype(np.int64)


def draw_labels(rng: np.random.Generator, poids: Mapping[str, float], n: int) -> Colonne:
    """Draw `n` labels with the weights of `poids`."""
    return pick(tuple(poids), draw_kinds(rng, tuple(poids.values()), n))


def count_jours(jour: date) -> int:
    """Return the number of days since 1970-01-01."""
    return jour.toordinal() - date(1970, 1, 1).toordinal()


def draw_jours(rng: np.random.Generator, mois: Mois, n: int) -> Entiers:
    """Draw days of the month, in days since 1970-01-01; fewer on week-ends, as on line."""
    jours = np.arange(count_jours(mois.debut), count_jours(mois.fin))
    semaine = (jours + 3) % 7
    return jours[draw_kinds(rng, np.choose(np.maximum(semaine - 4, 0), (1.0, 0.4, 0.25)).tolist(), n)]


def pick(libelles: Sequence[str], rangs: Entiers) -> Colonne:
    """Return the labels of these ranks."""
    choix: Colonne = np.asarray(libelles, dtype=object)[rangs].tolist()
    return choix


def write_entiers(valeurs: Entiers) -> Colonne:
    """Write integers."""
    return list(map(str, valeurs.tolist()))


def write_montants(centimes: Entiers) -> Colonne:
    """Write cents as euros."""
    return [f"{c // 100}.{c % 100:02d}" for c in centimes.tolist()]


def write_dates(jours: Entiers) -> Colonne:
    """Write days since 1970-01-01 as ISO dates."""
    if jours.size == 0:
        return []
    debut = int(jours.min())
    calendrier = np.arange(debut, int(jours.max()) + 1).astype("datetime64[D]").astype(str)
    return pick(calendrier.tolist(), jours - debut)


def write_booleens(valeurs: Booleens) -> Colonne:
    """Write booleans."""
    return pick(("f", "t"), valeurs.astype(np.int64))


def set_null(colonne: Colonne, absents: Booleens) -> Colonne:
    """Return the column with NULL where `absents`."""
    for rang in np.flatnonzero(absents).tolist():
        colonne[rang] = NUL
    return colonne


def escape(valeur: str) -> str:
    """Escape a free text for the COPY text format."""
    return valeur.replace("\\", "\\\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
