"""« Une Caf »: its lot, its rules, its transmissions, its indicators against the nation, its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection

from aller_vers.pilotage.envois import Envoi, load_envois
from aller_vers.pilotage.etats import SuiviCaf, load_etats
from aller_vers.pilotage.frise import (
    Destinataire,
    FichierDuLot,
    Jalon,
    build_frise,
    load_demande,
    load_destinataires,
    load_fichiers,
)
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
    """A past month of the Caf, or of one that has merged into it: people, and what became of its lot."""

    mois: Mois
    code_caf: str
    libelle: str
    demandeurs: int | None
    transmissibles: int | None
    etat: str | None
    version: int | None
    transmis_le: date | None
    detruit_le: date | None


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
class UnMois:
    """Where a Caf's lot of a month stands, and the steps of its life."""

    mois: Mois
    suivi: SuiviCaf
    destinataires: tuple[Destinataire, ...]
    recus: tuple[RetourRecu, ...]
    frise: tuple[Jalon, ...]


@dataclass(frozen=True)
class VueCaf:
    """All that the screen shows; ``contre``: the month beside, if one is asked for."""

    ici: UnMois
    contre: UnMois | None
    fichiers_du_lot: tuple[FichierDuLot, ...]
    versions: tuple[VersionLot, ...]
    retours: tuple[Retour, ...]
    fichiers: tuple[FichierRecu, ...]
    defauts: tuple[RegleEnDefaut, ...]
    evenements: tuple[Evenement, ...]
    envois: tuple[Envoi, ...]
    historique: tuple[MoisPasse, ...]
    indicateurs: tuple[tuple[Famille, list[LigneIndicateur]], ...]


def load_vue_caf(
    pilotage: Connection,
    code_caf: str,
    mois: Mois,
    aujourd_hui: date,
    reglages: Reglages,
    autre: str = "",
    contre: Mois | None = None,
) -> VueCaf:
    """Read a Caf's month; ``autre``: the code of a Caf whose figures stand beside, ``contre``: a month that does.

    Raises:
        IntrouvableError: there is no such Caf.
    """
    ici = load_un_mois(pilotage, mois, code_caf, aujourd_hui, reglages)
    cle = {"mois": str(mois), "code_caf": code_caf}
    return VueCaf(
        ici,
        load_un_mois(pilotage, contre, code_caf, aujourd_hui, reglages) if contre else None,
        load_fichiers(pilotage, mois, code_caf, ici.suivi.version) if ici.suivi.version else (),
        tuple(VersionLot(**v._mapping) for v in run_sql(pilotage, "pilotage/select_versions_caf.sql", **cle)),
        tuple(Retour(**r._mapping) for r in run_sql(pilotage, "pilotage/select_retours_caf.sql", **cle)),
        load_fichiers_recus(pilotage, code_caf),
        tuple(load_defauts(pilotage, mois, code_caf)),
        tuple(load_evenements(pilotage, str(mois), code_caf)),
        load_envois(pilotage, code_caf, nombre=20),
        tuple(
            MoisPasse(
                Mois.parse(h.mois), h.code_caf, h.libelle, _whole(h.demandeurs), _whole(h.transmissibles), h.etat,
                h.version, _day(h.transmis_le), _day(h.detruit_le),
            )
            for h in run_sql(
                pilotage, "pilotage/select_historique_caf.sql",
                code_caf=code_caf, debut=mois.shift(-11), fin=mois,
            )
        ),
        tuple(load_liste_caf(pilotage, mois, code_caf, autre, contre)),
    )  # fmt: skip


def load_un_mois(
    pilotage: Connection, mois: Mois, code_caf: str, aujourd_hui: date, reglages: Reglages
) -> UnMois:
    """Read where a Caf's lot of a month stands.

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
    suivi = suivis[code_caf]
    destinataires = load_destinataires(pilotage, mois, code_caf, reglages)
    recus = load_retours_recus(pilotage, code_caf, mois)
    demande_le = load_demande(pilotage, mois, code_caf)
    return UnMois(
        mois, suivi, destinataires, recus, build_frise(suivi, demande_le, destinataires, recus, aujourd_hui)
    )


def _whole(valeur: object) -> int | None:
    return None if valeur is None else int(valeur)  # type: ignore[call-overload]


def _day(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None
