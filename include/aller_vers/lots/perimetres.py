"""Who shares out whose postcodes: a person confirms it, with a name and a date; then the lot is cut by Cpam."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class PerimetreDeCaf:
    """A Caf of several Cpam. ``change_depuis``: the perimeters are no longer those that somebody confirmed."""

    code_caf: str
    libelle: str
    empreinte: str
    par_fichier: bool
    par_acte: bool
    change_depuis: bool
    acteur: str | None
    motif: str | None
    cree_le: datetime | None

    @property
    def confirme(self) -> bool:
        """Whether its lot is cut by Cpam."""
        return self.par_fichier or self.par_acte


@dataclass(frozen=True)
class PartCpam:
    """Postcodes that one Cpam alone serves; ``code_cpam`` None: those that several may serve, left to the Caf."""

    code_cpam: str | None
    nom_cpam: str | None
    codes_postaux: list[str]


def list_perimetres(connexion: Connection, code_caf: str | None = None) -> tuple[PerimetreDeCaf, ...]:
    """Return the Caf of several Cpam, or that one if it is."""
    lignes = run_sql(connexion, "lots/select_perimetres.sql", code_caf=code_caf)
    return tuple(PerimetreDeCaf(**ligne._mapping) for ligne in lignes)


def list_parts(connexion: Connection, code_caf: str, jour: date) -> tuple[PartCpam, ...]:
    """Return how a Caf's postcodes would be shared out on a day; what nothing attributes comes last."""
    lignes = run_sql(connexion, "lots/select_partage_cpam.sql", code_caf=code_caf, jour=jour)
    return tuple(PartCpam(**ligne._mapping) for ligne in lignes)


def confirm_perimetre(
    connexion: Connection, code_caf: str, *, confirme: bool, empreinte: str, acteur: str, motif: str
) -> bool:
    """Record that a person confirms the perimeters that they read, or takes it back; the last word stands.

    Returns:
        False when it was said already: nothing was added.

    Raises:
        ErreurAllerVers: the reason is missing or looks like personal data, the Caf has one Cpam, or its perimeters
            have changed since they were read.
    """
    try:
        with connexion.begin_nested():
            return bool(
                run_sql(
                    connexion, "lots/confirm_perimetre.sql", code_caf=code_caf, confirme=confirme,
                    empreinte=empreinte, acteur=acteur, motif=motif,
                ).scalar_one()
            )  # fmt: skip
    except DBAPIError as erreur:
        code = erreur.orig.sqlstate if isinstance(erreur.orig, psycopg.Error) else None
        if code in _REFUS:
            constat, remede = _REFUS[code]
            raise ErreurAllerVers(constat.format(caf=code_caf), remede) from None
        raise


_REFUS = {
    "AV002": ("Le périmètre de la Caf {caf} ne change pas sans motif.", "écrire d'où vient la confirmation."),
    "23514": (
        "Le motif donné pour la Caf {caf} ressemble à une donnée personnelle : il n'est pas inscrit.",
        "récrire le motif sans ce qui désigne quelqu'un.",
    ),
    "AV003": ("La Caf {caf} n'a pas plusieurs Cpam : son lot ne se partage pas.", "ne rien faire."),
    "AV004": (
        "Les périmètres de la Caf {caf} ont changé depuis leur lecture.",
        "les relire, puis recommencer.",
    ),
}
