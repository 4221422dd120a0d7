"""What became of a received file: kept for the page, told once to the Caf that put it there, and to the team."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from aller_vers.retours.depots import find_destinataire
from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.par_caf import name_caf
from aller_vers.retours.fichiers.refus import FichierRefuseError
from aller_vers.retours.fichiers.tableau import Tableau
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.francais import count, write_instant
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import EQUIPE, queue_avis

Issue = Literal["pris", "refuse", "detruit", "ecarte"]
_PHRASES: dict[Issue, str] = {
    "refuse": "n'a pas été pris ; il est dans refuses/, à côté de sa raison",
    "detruit": "a été détruit sans être pris ; sa raison est dans refuses/",
    "ecarte": "est mis de côté : l'équipe nationale décide s'il peut être lu",
}


def write_recu(forme: Forme, parties: Mapping[str, Tableau], nom: str, maintenant: datetime) -> str:
    """Return the receipt of the rows that were taken, of the Caf that a Cpam's file names."""
    suite = (
        "Rien d'autre n'est à faire pour ces lignes."
        if forme.nom in ("accuse", "certificat", "opposition", "marges", "reponses")
        else "Ses nombres passent encore un contrôle : si l'un d'eux le retient, un avis vous dit lequel et que faire."
    )
    nombre = count(sum(len(partie.lignes) for partie in parties.values()), "ligne", feminin=True)
    quoi = f"{forme.libelle[0].upper()}{forme.libelle[1:]}, {nombre} {name_caf(parties)}".rstrip()
    return f"Fichier : {nom}\nPris le {write_instant(maintenant)}\n\n{quoi}. {suite}\n"


def record_pris(
    entrepot: Connection,
    code_caf: str,
    nom: str,
    forme: str,
    sujets: Sequence[str],
    maintenant: datetime,
    recu: str,
) -> None:
    """Keep that a file was taken and send its receipt, in the transaction that takes it."""
    cle = _insert(entrepot, code_caf, nom, "pris", forme, sujets, maintenant)
    if (destinataire := find_destinataire(code_caf)) != EQUIPE:
        queue_avis(
            entrepot, cle=f"recu/{cle}", destinataire=destinataire,
            objet=f"Proches aidants : le fichier {nom} est pris", corps=recu,
        )  # fmt: skip


def announce_refus(
    entrepot: Connection,
    code_caf: str,
    nom: str,
    issue: Issue,
    refus: FichierRefuseError,
    sujets: Sequence[str],
    maintenant: datetime,
) -> None:
    """Keep that a file was not taken and tell its Caf: once a day for the same file and the same reason."""
    cle = _insert(entrepot, code_caf, nom, issue, refus.motif, sujets, maintenant)
    if (destinataire := find_destinataire(code_caf)) != EQUIPE:
        queue_avis(
            entrepot, cle=f"refus/{cle}", destinataire=destinataire,
            objet=f"Proches aidants : le fichier {nom} n'est pas pris",
            corps=f"Le fichier {nom}, déposé dans {code_caf}/retours/, {_PHRASES[issue]}.\n\n{refus.motif}",
        )  # fmt: skip


def announce_equipe(entrepot: Connection, maintenant: datetime) -> int:
    """Tell the team, in one notice, which Caf had files that this reception did not take; return how many files."""
    lignes = run_sql(entrepot, "retours/select_refus.sql", instant=maintenant).all()
    if lignes:
        caf = ", ".join(f"{ligne.libelle} ({ligne.nombre})" for ligne in lignes)
        queue_avis(
            entrepot, cle=f"refus/equipe/{maintenant.isoformat()}", destinataire=EQUIPE,
            objet="Proches aidants : des fichiers reçus n'ont pas été pris",
            corps=f"Fichiers refusés, détruits ou mis de côté, par Caf : {caf}. Chaque Caf est prévenue de la raison ; "
            "elle est aussi sur la page, dans « Transmissions ».",
        )  # fmt: skip
    return sum(ligne.nombre for ligne in lignes)


def _insert(
    entrepot: Connection, code_caf: str, nom: str, issue: Issue, detail: str, sujets: Sequence[str],
    maintenant: datetime,
) -> str:  # fmt: skip
    jour = maintenant.astimezone(PARIS).date()
    texte = f"{nom}/{detail}/{maintenant.isoformat() if issue == 'pris' else jour}"
    cle = f"{code_caf}/{jour}/{hashlib.sha256(texte.encode()).hexdigest()[:16]}"
    run_sql(
        entrepot, "retours/insert_fichier_recu.sql",
        cle=cle, code_caf=code_caf, fichier=nom, issue=issue, detail=detail, sujets=list(sujets), recu_le=maintenant,
    )  # fmt: skip
    return cle
