"""The life of one lot, from its request to its destruction: what was done and when, what is due and before when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from aller_vers.pilotage.etats import RETENU, VIDE, SuiviCaf
from aller_vers.pilotage.le_mois import Avancement
from aller_vers.pilotage.recus import ETATS_RETOUR, RetourRecu
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class Destinataire:
    """A Cpam of the lot that stands: what was sent to it and when it said so, what it answered, what it owes.

    ``rendu_du_le``: the day on which its return is due; ``a_detruire_avant``: from the end of its treatment, or from
    that day as long as it did not tell it.
    """

    code_cpam: str
    nom_cpam: str
    etat: str | None
    transmis_le: date | None
    accuse_le: date | None
    portail: str | None
    lignes: int | None
    rendu_du_le: date | None
    date_fin_traitement: date | None
    a_detruire_avant: date | None
    date_destruction: date | None


@dataclass(frozen=True)
class FichierDuLot:
    """A file of the version that stands, as its manifest names it; ``lignes`` is None where it holds no person."""

    nom: str
    destinataire: str | None
    lignes: int | None


@dataclass(frozen=True)
class Jalon:
    """A step of a lot: how far it is, in a word; the day on which it was reached, or the one before which it is due."""

    titre: str
    avancement: Avancement
    phrase: str
    le: date | None = None
    du_le: date | None = None


def load_demande(pilotage: Connection, mois: Mois, code_caf: str) -> date | None:
    """Return the day of the last request that judged this Caf's month; None: not requested yet."""
    instant: datetime | None = run_sql(
        pilotage, "pilotage/select_demande.sql", mois=mois, code_caf=code_caf
    ).scalar_one()
    return _day(instant)


def load_destinataires(
    pilotage: Connection, mois: Mois, code_caf: str, reglages: Reglages
) -> tuple[Destinataire, ...]:
    """Return each Cpam of the lot that stands."""
    return tuple(
        Destinataire(**d._mapping)
        for d in run_sql(
            pilotage, "pilotage/select_destinataires_caf.sql", mois=mois, code_caf=code_caf,
            mois_certificat=reglages.mois_certificat, jours_retour=reglages.jours_retour,
        )
    )  # fmt: skip


def load_fichiers(pilotage: Connection, mois: Mois, code_caf: str, version: int) -> tuple[FichierDuLot, ...]:
    """Return the files of a version, in the order of its manifest; none where nothing was dropped."""
    lus = run_sql(pilotage, "pilotage/select_fichiers_lot.sql", mois=mois, code_caf=code_caf, version=version)
    return tuple(FichierDuLot(**f._mapping) for f in lus)


def build_frise(
    suivi: SuiviCaf,
    demande_le: date | None,
    destinataires: Sequence[Destinataire],
    recus: Iterable[RetourRecu],
    aujourd_hui: date,
) -> tuple[Jalon, ...]:
    """Return the seven steps of a lot: a step is done once every Cpam that was to receive the lot has reached it."""
    demande = Jalon(
        "Demandé", "fait" if demande_le else "a_venir", "Requête jugée" if demande_le else "Pas encore", demande_le
    )  # fmt: skip
    if suivi.etat is RETENU:
        depose = Jalon("Déposé", "alerte", "Retenu")
    else:
        depose = Jalon(
            "Déposé", "fait" if suivi.depose_le else "a_venir", "Sur le partage" if suivi.depose_le else "Pas encore",
            _day(suivi.depose_le),
        )  # fmt: skip
    ici = Jalon(
        "Détruit ici", "fait" if suivi.expire_le else "a_venir", "Certificat établi" if suivi.expire_le else "À venir",
        _day(suivi.expire_le),
    )  # fmt: skip
    if suivi.etat is VIDE:
        return demande, depose, Jalon("Transmis", "fait", "Rien à transmettre"), ici
    comptes = {
        r.code_cpam: _day(r.recu_le)
        for r in recus
        if r.forme == "mensuel" and r.etat is ETATS_RETOUR["compte"]
    }
    servis = [d for d in destinataires if d.etat != "rien_a_transmettre"]

    def follow(titre: str, faits: list[date | None], dus: Iterable[date | None]) -> Jalon:
        atteints = [f for f in faits if f]
        # What is due first of what has not come; a day that has passed is late.
        du_le = min((d for f, d in zip(faits, dus, strict=True) if d and not f), default=None)
        fini = bool(faits) and len(atteints) == len(faits)
        tard = du_le is not None and du_le < aujourd_hui
        return Jalon(
            titre,
            "fait" if fini else "alerte" if tard else "en_cours" if atteints or du_le else "a_venir",
            f"{len(atteints)} Cpam sur {len(faits)}" if faits else "À venir",
            max(atteints, default=None) if fini else None, du_le,
        )  # fmt: skip

    a_transmettre = [suivi.a_transmettre_avant] * len(servis)
    return (
        demande,
        depose,
        follow("Transmis", [d.transmis_le for d in servis], a_transmettre),
        follow("Accusé", [d.accuse_le for d in servis], [None] * len(servis)),
        follow("Rendu", [comptes.get(d.code_cpam) for d in servis], [d.rendu_du_le for d in servis]),
        follow(
            "Détruit par la Cpam", [d.date_destruction for d in servis], [d.a_detruire_avant for d in servis]
        ),
        ici,
    )


def _day(instant: datetime | None) -> date | None:
    return instant.astimezone(PARIS).date() if instant else None
