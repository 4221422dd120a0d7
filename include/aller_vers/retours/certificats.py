"""Certificates of destruction by version: a Cpam says that a copy is gone; checked against the ledger, then in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from aller_vers.retours.fichiers.fautes import Fautes, Ligne
from aller_vers.retours.fichiers.formes import PAR_NOM
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.fichiers.valeurs import read_jour, read_mois, read_version
from aller_vers.socle.francais import write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class Destruction:
    """A version of a lot that one Cpam has destroyed."""

    code_caf: str
    mois: Mois
    version: int
    code_cpam: str
    le: date


def take_certificats(entrepot: Connection, code_caf: str, tableau: Tableau, aujourd_hui: date) -> int:
    """Record every completed row of the certificates put into this folder, a Caf's or a Cpam's; all of them or none.

    Returns:
        The number of rows that were new to the ledger.

    Raises:
        FichierRefuseError: a row cannot be true, or none was completed.
    """
    fautes = Fautes()
    lues = fautes.read_lignes(
        tableau, code_caf, _read, forme=PAR_NOM["certificat"],
        cle=lambda d: (d.code_caf, d.mois, d.version, d.code_cpam),
        doublon="une autre ligne est pour la même version et la même Cpam",
        aucune=FichierRefuseError(
            "Aucun certificat n'est complété.",
            "écrire la date de destruction que la Cpam a donnée, JJ/MM/AAAA.",
        ),
    )  # fmt: skip
    for ligne, lue in lues:
        _check(entrepot, ligne, lue, aujourd_hui)
    fautes.raise_any()
    return sum(
        run_sql(
            entrepot, "retours/record_etat.sql",
            mois=str(d.mois), code_caf=d.code_caf, version=d.version, code_cpam=d.code_cpam, acteur="retours_cpam",
            etat="detruit", preuve=json.dumps({"date_destruction": d.le.isoformat()}),
        ).scalar_one()
        for _, d in lues
    )  # fmt: skip


def _read(ligne: Ligne) -> Destruction | None:
    cpam, caf = ligne.require_cpam(), ligne.require_caf()
    mois, version = ligne.require("mois", read_mois), ligne.require("version", read_version)
    le = ligne.require("date_destruction", read_jour)
    return Destruction(caf, mois, version, cpam, le) if cpam and caf and mois and version and le else None


def _check(entrepot: Connection, ligne: Ligne, lue: Destruction, aujourd_hui: date) -> None:
    transmis_le = run_sql(
        entrepot, "retours/select_transmis.sql",
        mois=str(lue.mois), code_caf=lue.code_caf, version=lue.version, code_cpam=lue.code_cpam,
    ).scalar_one_or_none()  # fmt: skip
    quoi = f"la version {lue.version} du lot {lue.mois}"
    if transmis_le is None:
        ligne.add(
            f"aucune transmission de {quoi} à la Cpam {lue.code_cpam} n'est connue ; déposer d'abord son accusé, ou "
            "recopier le mois et la version du modèle",
        )
    elif not transmis_le <= lue.le <= aujourd_hui:
        ligne.add(
            f"la destruction de {quoi} n'est pas entre sa transmission ({write_jour(transmis_le)}) et aujourd'hui ; "
            "une destruction annoncée n'est pas une destruction faite",
        )
