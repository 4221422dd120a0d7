"""« Une Caf »: its lot, its rules, its transmissions, its indicators against the nation, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from aller_vers.pilotage.etats import SuiviCaf, load_etats
from aller_vers.pilotage.indicateurs import LigneIndicateur, load_liste_caf
from aller_vers.pilotage.qualite import RegleEnDefaut, load_defauts
from aller_vers.pilotage.recus import FichierRecu, RetourRecu, load_fichiers_recus, load_retours_recus
from aller_vers.pilotage.trace import Evenement, load_evenements
from aller_vers.rapports.plan import Famille
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql


@dataclass(frozen=True)
class MoisPasse:
    """A past month of the Caf: people, and what became of its lot."""

    mois: Mois
    demandeurs: int | None
    transmissibles: int | None
    etat: str | None
    version: int | None
    transmis_le: date | None
    detruit_le: date | None


@dataclass(frozen=True)
class Envoi:
    """A notice or a reminder, and whether it left."""

    objet: str
    cree_le: datetime
    envoye_le: datetime | None
    tentatives: int
    corps: str


@dataclass(frozen=True)
class VersionLot:
    """A version of the lot: dropped or held, replaced, destroyed; ``lignes`` counts people."""

    version: int
    depose_le: datetime | None
    retenu_le: datetime | None
    remplace_le: datetime | None
    expire_le: datetime | None
    lignes: int | None
    motif: str | None


@dataclass(frozen=True)
class Destinataire:
    """A Cpam of the lot that stands: what was sent to it, and what it answered."""

    code_cpam: str
    nom_cpam: str
    etat: str | None
    transmis_le: date | None
    portail: str | None
    lignes: int | None
    date_fin_traitement: date | None
    a_detruire_avant: date | None
    date_destruction: date | None


@dataclass(frozen=True)
class Retour:
    """What a Cpam returned, in people; None: not provided."""

    code_cpam: str
    nom_cpam: str
    cibles: Decimal | None
    offres_envoyees: Decimal | None
    contactables: Decimal | None
    personnes_appelees: Decimal | None
    personnes_jointes: Decimal | None
    acceptations: Decimal | None
    rdv_pris: Decimal | None
    rdv_honores: Decimal | None


@dataclass(frozen=True)
class VueCaf:
    """All that the screen shows."""

    mois: Mois
    suivi: SuiviCaf
    versions: tuple[VersionLot, ...]
    destinataires: tuple[Destinataire, ...]
    retours: tuple[Retour, ...]
    recus: tuple[RetourRecu, ...]
    fichiers: tuple[FichierRecu, ...]
    defauts: tuple[RegleEnDefaut, ...]
    evenements: tuple[Evenement, ...]
    envois: tuple[Envoi, ...]
    historique: tuple[MoisPasse, ...]
    indicateurs: tuple[tuple[Famille, list[LigneIndicateur]], ...]


def load_vue_caf(
    pilotage: Connection, code_caf: str, mois: Mois, aujourd_hui: date, reglages: Reglages, autre: str = ""
) -> VueCaf:
    """Read a Caf's month; ``autre``: the code of a Caf whose figures stand beside.

    Raises:
        IntrouvableError: there is no such Caf.
    """
    suivis = {
        s.code_caf: s for s in load_etats(pilotage, mois, aujourd_hui, reglages.jours_ouvres_transmission)
    }
    if code_caf not in suivis:
        raise IntrouvableError(
            f"La Caf {code_caf[:10]} n'existe pas.",
            "vérifier le code à trois chiffres, par exemple 831 pour le Var ; la liste est dans « Les Caf ».",
        )
    cle = {"mois": str(mois), "code_caf": code_caf}
    return VueCaf(
        mois,
        suivis[code_caf],
        tuple(VersionLot(**v._mapping) for v in run_sql(pilotage, "pilotage/select_versions_caf.sql", **cle)),
        load_destinataires(pilotage, mois, code_caf, reglages.mois_certificat),
        tuple(Retour(**r._mapping) for r in run_sql(pilotage, "pilotage/select_retours_caf.sql", **cle)),
        load_retours_recus(pilotage, code_caf, mois),
        load_fichiers_recus(pilotage, code_caf),
        tuple(load_defauts(pilotage, mois, code_caf)),
        tuple(load_evenements(pilotage, str(mois), code_caf)),
        tuple(
            Envoi(a.objet, a.cree_le, a.envoye_le, a.tentatives, a.corps)
            for a in run_sql(pilotage, "pilotage/select_avis.sql", destinataire=f"caf:{code_caf}")
        ),
        tuple(
            MoisPasse(
                Mois.parse(h.mois), _whole(h.demandeurs), _whole(h.transmissibles), h.etat, h.version,
                _day(h.transmis_le), _day(h.detruit_le),
            )
            for h in run_sql(
                pilotage, "pilotage/select_historique_caf.sql",
                code_caf=code_caf, debut=mois.shift(-11), fin=mois,
            )
        ),
        tuple(load_liste_caf(pilotage, mois, code_caf, autre)),
    )  # fmt: skip


def load_destinataires(
    pilotage: Connection, mois: Mois, code_caf: str, mois_certificat: int
) -> tuple[Destinataire, ...]:
    """Return each Cpam of the lot that stands."""
    return tuple(
        Destinataire(**d._mapping)
        for d in run_sql(
            pilotage, "pilotage/select_destinataires_caf.sql",
            mois=mois, code_caf=code_caf, mois_certificat=mois_certificat,
        )
    )  # fmt: skip


def _whole(valeur: object) -> int | None:
    return None if valeur is None else int(valeur)  # type: ignore[call-overload]


def _day(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None
