"""An acknowledgement: the Caf says that it sent its lot to a Cpam; checked against the ledger, then in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from aller_vers.retours.fichiers.fautes import Fautes, Ligne
from aller_vers.retours.fichiers.formes import PAR_NOM
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau, normalise_titre
from aller_vers.retours.fichiers.valeurs import (
    ValeurRefuseeError,
    read_code,
    read_compte,
    read_jour,
    read_mois,
    read_reference,
    read_version,
)
from aller_vers.socle.calendrier import PARIS, count_jours_ouvres
from aller_vers.socle.donnees_personnelles import find_soupcon
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count, write_jour
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import load_caf, load_cpam
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.sql import run_sql

PORTAILS = ("bluefiles", "peps", "interne")
_REFERENCE_MAX = 80


@dataclass(frozen=True)
class Accuse:
    """One recipient of one lot; ``lignes``: people sent (0: nobody of this lot is for this Cpam)."""

    code_caf: str
    mois: Mois
    version: int
    code_cpam: str
    lignes: int
    portail: str
    date_transmission: date
    reference: str = ""


@dataclass(frozen=True)
class _Lot:
    """What the ledger and the conventions say of the lot and the recipient that an acknowledgement names."""

    lignes: int
    depose_le: date
    autres: int
    conventionnee: bool
    commune: bool


def record_transmission(
    connexion: Connection, accuse: Accuse, acteur: str, aujourd_hui: date | None = None
) -> bool:
    """Record that a lot was sent to a recipient, in the caller's transaction; as ``av_etl`` or ``av_pilotage``.

    Args:
        connexion: to the warehouse.
        accuse: what the Caf says.
        acteur: who says it: a user of the page, or ``suivi_transmissions`` for a file.
        aujourd_hui: Paris date; now by default.

    Returns:
        False when it is the ledger's last word already.

    Raises:
        ErreurAllerVers: the lot, the recipient, the count, the portal, the date or the reference cannot be; the
            sentences are for the agent.
    """
    lock(connexion, "transmission", str(accuse.mois), accuse.code_caf)
    lot = _load_lot(connexion, accuse)
    check_accuse(accuse, lot, aujourd_hui or datetime.now(PARIS).date())
    jours = count_jours_ouvres(lot.depose_le, accuse.date_transmission, accuse.code_caf)
    preuve = {
        "date_transmission": accuse.date_transmission.isoformat(),
        "portail": accuse.portail,
        "lignes": accuse.lignes,
        "reference": accuse.reference,
        "jours_ouvres": jours,
        "dans_les_delais": jours <= load_reglages().jours_ouvres_transmission,
    }
    return bool(
        run_sql(
            connexion, "retours/record_transmission.sql",
            mois=accuse.mois, code_caf=accuse.code_caf, version=accuse.version,
            code_cpam=accuse.code_cpam, acteur=acteur, preuve=json.dumps(preuve, sort_keys=True),
        ).scalar_one()
    )  # fmt: skip


def check_accuse(accuse: Accuse, lot: _Lot, aujourd_hui: date) -> None:
    """Make sure that an acknowledgement can be true.

    Raises:
        ErreurAllerVers: it cannot; what was found, and what to do.
    """
    qui = f"la Cpam {accuse.code_cpam}"
    if not lot.conventionnee:
        raise ErreurAllerVers(
            f"Aucune convention n'était en vigueur entre la Caf {accuse.code_caf} et {qui} le "
            f"{write_jour(accuse.date_transmission)}.",
            "vérifier le code de la Cpam et la date ; si l'envoi a eu lieu, prévenir aussitôt l'équipe nationale.",
        )
    if accuse.lignes + lot.autres > lot.lignes:
        deja = f", et {lot.autres} sont déjà accusées pour d'autres Cpam" if lot.autres else ""
        raise ErreurAllerVers(
            f"Le lot {accuse.mois} version {accuse.version} compte "
            f"{count(lot.lignes, 'personne', feminin=True)}{deja} : "
            f"{accuse.lignes} ne peuvent pas avoir été envoyées à {qui}.",
            "écrire dans la colonne lignes le nombre de personnes envoyées à cette seule Cpam.",
        )
    if accuse.portail not in PORTAILS or (accuse.portail == "interne") != lot.commune:
        raise ErreurAllerVers(
            f"Le portail de l'envoi à {qui} n'est pas de ceux qui sont admis.",
            "écrire interne." if lot.commune else "écrire bluefiles ou peps (IT 2025-098 §2.1).",
        )
    if not lot.depose_le <= accuse.date_transmission <= aujourd_hui:
        raise ErreurAllerVers(
            f"La date d'envoi à {qui} n'est pas entre le dépôt du lot ({write_jour(lot.depose_le)}) et aujourd'hui.",
            "écrire la date de l'envoi, JJ/MM/AAAA.",
        )
    if len(accuse.reference) > _REFERENCE_MAX or find_soupcon(accuse.reference):
        raise ErreurAllerVers(
            f"La référence de l'envoi à {qui} est trop longue, ou ressemble à une donnée personnelle "
            "(un courriel, un téléphone ou un numéro de sécurité sociale).",
            "n'écrire que le numéro que donne le portail, s'il est plus court, ou rien.",
        )


def take_accuse(connexion: Connection, code_caf: str, tableau: Tableau, aujourd_hui: date) -> int:
    """Record every completed row of an acknowledgement put by this Caf; all of them or none.

    Returns:
        The number of rows that were new to the ledger.

    Raises:
        FichierRefuseError: a row cannot be true, or none was completed.
    """
    fautes = Fautes()
    accuses = fautes.read_lignes(
        tableau, code_caf, _read, forme=PAR_NOM["accuse"],
        cle=lambda a: (a.mois, a.version, a.code_cpam), doublon="une autre ligne est pour le même lot et la même Cpam",
        aucune=FichierRefuseError(
            "Aucune ligne de l'accusé n'est complétée.",
            "écrire pour chaque Cpam le nombre de personnes envoyées, le portail et la date d'envoi.",
        ),
    )  # fmt: skip
    nouveaux = 0
    for ligne, accuse in accuses:
        try:
            nouveaux += record_transmission(connexion, accuse, "suivi_transmissions", aujourd_hui)
        except ErreurAllerVers as erreur:
            if erreur.passagere:
                raise
            ligne.add(f"{erreur.constat} À faire : {erreur.remede}")
    fautes.raise_any()
    return nouveaux


def _read(ligne: Ligne) -> Accuse | None:
    caf = ligne.require("code_caf", partial(read_code, connus=load_caf(), quoi="Caf"))
    mois, version = ligne.require("mois", read_mois), ligne.require("version", read_version)
    cpam = ligne.require("cpam", partial(read_code, connus=load_cpam(), quoi="Cpam"))
    lignes, portail = ligne.require("lignes", read_compte), ligne.require("portail", _read_portail)
    jour = ligne.require("date_transmission", read_jour)
    reference = ligne.read("reference", read_reference)
    if caf is not None and caf != ligne.depot:
        ligne.add(f"cet accusé est celui de la Caf {caf}, pas de la Caf {ligne.depot}")
        return None
    if not (caf and mois and version and cpam and lignes is not None and portail and jour):
        return None
    return Accuse(caf, mois, version, cpam, lignes, portail, jour, reference or "")


def _read_portail(texte: str) -> str:
    portail = normalise_titre(texte).replace("_", "")
    if portail not in PORTAILS:
        raise ValeurRefuseeError("bluefiles, peps, ou interne pour une caisse commune")
    return portail


def _load_lot(connexion: Connection, accuse: Accuse) -> _Lot:
    ligne = run_sql(
        connexion, "retours/select_lot.sql",
        mois=accuse.mois, code_caf=accuse.code_caf, version=accuse.version, code_cpam=accuse.code_cpam,
        jour=accuse.date_transmission,
    ).one()  # fmt: skip
    if ligne.depose_le is None:
        raise ErreurAllerVers(
            f"Aucun lot {accuse.mois} version {accuse.version} n'a été déposé pour la Caf {accuse.code_caf}.",
            "recopier le mois et la version du lot : ils sont dans le nom de son dossier.",
        )
    return _Lot(
        ligne.lignes,
        ligne.depose_le.astimezone(PARIS).date(),
        ligne.autres,
        ligne.conventionnee,
        ligne.commune,
    )
