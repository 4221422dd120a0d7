"""« Trace »: who read what on the page, and when; codes alone, no person of a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

Quoi = Literal["caf", "indicateurs", "trace", "registre", "certificat", "acces"]
Fichier = Literal["csv", "json", "xlsx"]
LIBELLES: dict[Quoi, str] = {
    "caf": "Écran d'une Caf", "indicateurs": "Indicateurs", "trace": "Trace", "registre": "Fiche du registre",
    "certificat": "Certificat de destruction", "acces": "Droit d'accès d'une personne (commande)",
}  # fmt: skip


@dataclass(frozen=True)
class Lecture:
    """A screen that was read, or a file that was taken. ``objet``: the code of a Caf, of an indicator, a number."""

    lecteur: str
    quoi: Quoi
    fichier: Fichier | None = None
    objet: str | None = None
    mois: Mois | None = None


@dataclass(frozen=True)
class LectureVue:
    """The same, in words, with its instant; ``objet`` and ``mois``: None, all of them."""

    lecteur: str
    libelle: str
    objet: str | None
    mois: Mois | None
    le: datetime


def record_lecture(pilotage: Connection, lecture: Lecture) -> None:
    """Keep a reading."""
    run_sql(
        pilotage, "suivi/record_lecture.sql", lecteur=lecture.lecteur, quoi=lecture.quoi,
        fichier=lecture.fichier, objet=lecture.objet, mois=lecture.mois,
    )  # fmt: skip


def load_lectures(
    pilotage: Connection, mois: str | None = None, code_caf: str | None = None
) -> tuple[LectureVue, ...]:
    """Return at most 200 readings, newest first: of a month, of a Caf, or all."""
    return tuple(
        LectureVue(
            lu.lecteur, f"{LIBELLES[lu.quoi]}, fichier {lu.fichier}" if lu.fichier else LIBELLES[lu.quoi], lu.objet,
            Mois.parse(lu.mois) if lu.mois else None, lu.lu_le,
        )
        for lu in run_sql(pilotage, "pilotage/select_lectures.sql", mois=mois, code_caf=code_caf)
    )  # fmt: skip
