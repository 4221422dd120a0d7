"""The trace: its chains and seals verified, sealed once a month, purged after its legal time, exported."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count, write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_conservation import MOIS_TRACE
from aller_vers.socle.sql import run_sql
from aller_vers.socle.tableur import build_csv
from aller_vers.suivi.avis import queue_avis

_SANS_RAISON = "AV003"
_CONSTATS = {
    "altere": "l'événement {id} ({etat}) a été altéré",
    "retire": "un événement a été retiré juste avant l'événement {id} ({etat})",
    "raye_sans_trace": "la raison de l'événement {id} ({etat}) a été ôtée sans que la trace dise par qui",
    "fin_coupee": "la fin de la chaîne a été coupée ou remplacée après l'événement {id}",
    "tete_absente": "la tête de la chaîne a été retirée (dernier événement : {id})",
    "chaine_retiree": "toute la chaîne a été retirée, alors que le sceau de {scelle_pour} la connaît",
    "sceau_rompu": "ce qui précède l'événement {id} n'est plus ce que le sceau de {scelle_pour} a scellé",
}


@dataclass(frozen=True)
class Anomalie:
    """What the verification found: where, and what a hand has done."""

    mois: str
    code_caf: str
    constat: str

    def __str__(self) -> str:
        qui = "le mois entier" if self.code_caf == NATION else f"Caf {self.code_caf}"
        return f"{self.mois}, {qui} : {self.constat}"


@dataclass(frozen=True)
class Evenement:
    """An event as it is exported."""

    id: int
    mois: str
    code_caf: str
    version: int
    code_cpam: str | None
    etat: str
    acteur: str
    compte: str
    motif: str | None
    preuve: dict[str, Any]
    cree_le: str
    hash_precedent: str | None
    hash: str


def verify_trace(connexion: Connection, *mois: str) -> list[Anomalie]:
    """Verify every chain, or those of these months, against itself, its head and its seals; no anomaly is good."""
    choix = list(mois) or None
    lignes = [
        *run_sql(connexion, "suivi/verify_evenements.sql", mois=choix),
        *run_sql(connexion, "suivi/verify_tetes.sql", mois=choix),
        *run_sql(connexion, "suivi/verify_sceaux.sql", mois=choix),
    ]
    return sorted(
        {
            Anomalie(ligne.mois, ligne.code_caf, _CONSTATS[ligne.constat].format(**ligne._mapping))
            for ligne in lignes
        },
        key=lambda a: (a.mois, a.code_caf, a.constat),
    )


def verify_jour(entrepot: Connection, maintenant: datetime) -> list[Anomalie]:
    """Verify what a day has to: all when a seal is due, else the months of which something moved since the last one.

    Nothing is sealed unless the whole trace is intact; the other days cost the same after three years.
    """
    if not run_sql(entrepot, "suivi/select_scelle.sql", scelle_pour=_name_sceau(maintenant)).scalar_one():
        return verify_trace(entrepot)
    mois = run_sql(entrepot, "suivi/select_mois_non_scelles.sql").scalars().all()
    return verify_trace(entrepot, *mois) if mois else []


def seal(entrepot: Connection, maintenant: datetime) -> str | None:
    """Seal, once a month, the head of every chain that moved; the seal's hash leaves by mail to the national team.

    Who can write everywhere in the database can remake its chains, but not a seal kept outside of it.

    Returns:
        The month that was sealed; None when it was already, or when nothing moved.
    """
    pour = _name_sceau(maintenant)
    if run_sql(entrepot, "suivi/insert_sceaux.sql", scelle_pour=pour).rowcount == 0:
        return None
    [empreinte] = [e for p, e in list_sceaux(entrepot) if p == pour]
    de = write_de(Mois.parse(pour).libelle)
    queue_avis(
        entrepot,
        cle=f"sceau/{pour}",
        destinataire="equipe_nationale",
        objet=f"Proches aidants : sceau {de} de la trace",
        corps=f"Sceau {de} de la trace :\n{empreinte}\n"
        "À garder hors de la base : « python -m aller_vers trace verifier » le recalcule, et doit redonner le même.",
    )
    return pour


def list_sceaux(connexion: Connection) -> list[tuple[str, str]]:
    """Return each monthly seal and its hash, oldest first."""
    return [(pour, sha256(sceau).hexdigest()) for pour, sceau in load_sceaux(connexion).items()]


def load_sceaux(connexion: Connection) -> dict[str, bytes]:
    """Return what each monthly seal is the hash of, by its month, oldest first."""
    par_mois: dict[str, list[Row[Any]]] = {}
    for ligne in run_sql(connexion, "suivi/select_sceaux.sql", mois=None, code_caf=None):
        par_mois.setdefault(ligne.scelle_pour, []).append(ligne)
    return {pour: write_sceau(lignes) for pour, lignes in par_mois.items()}


def write_sceau(lignes: Iterable[Row[Any]]) -> bytes:
    """Return what a seal is the hash of: the head of each chain that it holds, in the order of the database."""
    return "\n".join(f"{s.mois};{s.code_caf};{s.dernier_id};{s.nombre};{s.hash}" for s in lignes).encode()


def strike_motif(entrepot: Connection, numero: int, acteur: str) -> bool:
    """Strike out the free text of an event: the chain still verifies, and says who struck it out.

    Returns:
        False if it was struck out already.

    Raises:
        ErreurAllerVers: there is no such event, or it gives no reason.
    """
    try:
        return bool(run_sql(entrepot, "suivi/strike_motif.sql", numero=numero, acteur=acteur).scalar_one())
    except DBAPIError as erreur:
        if getattr(erreur.orig, "sqlstate", None) != _SANS_RAISON:
            raise
    raise ErreurAllerVers(
        f"L'événement {numero} n'existe pas, ou ne donne pas de raison.",
        "chercher son numéro : python -m aller_vers trace exporter --lot CAF/AAAA-MM.",
    )


def purge_trace(entrepot: Connection, reglages: Reglages, maintenant: datetime) -> dict[str, int]:
    """Purge the trace, the objections and the readings whose time is over; what remains still verifies."""
    evenements = run_sql(
        entrepot, "destruction/purge_trace.sql", avant=_months_ago(maintenant, MOIS_TRACE)
    ).scalar_one()
    oppositions = run_sql(
        entrepot,
        "destruction/delete_oppositions.sql",
        avant=_months_ago(maintenant, reglages.mois_opposition),
    ).rowcount
    lectures = run_sql(
        entrepot, "suivi/purge_lectures.sql", avant=_months_ago(maintenant, reglages.mois_lectures)
    ).scalar_one()
    return {"evenements": evenements, "oppositions": oppositions, "lectures": lectures}


def load_evenements(
    connexion: Connection, mois: str | None = None, code_caf: str | None = None
) -> list[Evenement]:
    """Return the trace of one lot, one month or one Caf, oldest first."""
    lignes = run_sql(connexion, "suivi/select_evenements.sql", mois=mois, code_caf=code_caf)
    return [Evenement(**ligne._mapping) for ligne in lignes]


def export(evenements: Sequence[Evenement], forme: Literal["csv", "json"]) -> bytes:
    """Return these events as JSON, or as CSV for a French spreadsheet."""
    lignes = [asdict(e) for e in evenements]
    if forme == "json":
        return (json.dumps(lignes, ensure_ascii=False, indent=2) + "\n").encode()
    for ligne in lignes:
        ligne["preuve"] = json.dumps(ligne["preuve"], ensure_ascii=False, sort_keys=True)
    return build_csv(list(Evenement.__dataclass_fields__), (ligne.values() for ligne in lignes))


def require_intact(anomalies: Sequence[Anomalie]) -> None:
    """Make sure that nothing was found.

    Raises:
        ErreurAllerVers: the trace was altered; every place is named.
    """
    if anomalies:
        raise ErreurAllerVers(
            f"La trace a été altérée ({count(len(anomalies), 'anomalie')}) :\n"
            + "\n".join(f"  - {a}" for a in anomalies),
            "ne rien corriger à la main ; prévenir le délégué à la protection des données, et comparer avec la "
            "dernière sauvegarde.",
        )


def _name_sceau(maintenant: datetime) -> str:
    return str(Mois.last_complete(maintenant.astimezone(PARIS).date()))


def _months_ago(maintenant: datetime, nombre: int) -> datetime:
    """Return this instant so many months before, and a day: the warehouse's clock and its summer time are others."""
    jour = Mois.of(maintenant.date()).shift(-nombre).debut.replace(day=min(maintenant.day, 28))
    return maintenant.replace(year=jour.year, month=jour.month, day=jour.day) - timedelta(days=1)
