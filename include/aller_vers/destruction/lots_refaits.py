"""A lot that is dropped again because of one person: who objects, or whose contact the source has corrected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.lots.depot import write_lot
from aller_vers.lots.etat import find_anciens, remove_lot
from aller_vers.lots.presentation import TrouverSecret
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.evenements import record_evenement


@dataclass(frozen=True)
class Cause:
    """Why, as the ledger, the notice's title and its text say it; ``source``: the rule that binds the Cpam."""

    nom: str
    motif: str
    objet: str
    phrase: str
    source: str


OPPOSITION = Cause(
    "opposition", "opposition d'une personne", "une personne s'oppose",
    "Une personne du {lot} s'est opposée au traitement de ses données.", "article L.114-8 II du CRPA",
)  # fmt: skip
RECTIFICATION = Cause(
    "rectification", "rectification des données d'une personne", "les données d'une personne sont corrigées",
    "Les données d'une personne du {lot} étaient inexactes.", "articles 16 et 19 du RGPD",
)  # fmt: skip


def redo_lot(
    entrepot: Connection, partage: Partage, reglages: Reglages, lot: str, maintenant: datetime,
    trouver_secret: TrouverSecret, cause: Cause,
) -> bool:  # fmt: skip
    """Drop a lot (``<month>/<caf>``) again as core now is, and tell its Caf; False if there is nothing to drop.

    Raises:
        ErreurAllerVers: the share refuses, or a secret is missing.
    """
    mois, _, code_caf = lot.partition("/")
    version = run_sql(entrepot, "destruction/select_version.sql", mois=mois, code_caf=code_caf).scalar_one()
    detruit_le = run_sql(
        entrepot, "lots/select_destruction.sql", mois=mois, code_caf=code_caf, nation=NATION
    ).scalar_one()
    refait = False
    if version and detruit_le is None:
        depose = write_lot(
            entrepot, partage, reglages, Mois.parse(mois), code_caf, maintenant, motif=cause.motif,
            trouver_secret=trouver_secret,
        )  # fmt: skip
        retenu = depose.etat == "retenu"
        if retenu:
            _withdraw(entrepot, partage, mois, code_caf, version, cause)
        refait = retenu or depose.version > version
        if refait:
            _announce(entrepot, mois, code_caf, version, None if retenu else depose.version, cause)
    return refait


def require_gone(partage: Partage, lot: str) -> None:
    """Make sure that no former version of a lot still holds people.

    Raises:
        ErreurAllerVers: a file of one stands.
    """
    mois, _, code_caf = lot.partition("/")
    if anciens := find_anciens(partage, mois, code_caf):
        raise ErreurAllerVers(
            f"Le fichier {anciens[0]} du lot {mois} de la Caf {code_caf} ne se supprime pas : il est peut-être ouvert.",
            "demander à la Caf de le fermer.",
        )


def _withdraw(
    entrepot: Connection, partage: Partage, mois: str, code_caf: str, version: int, cause: Cause
) -> None:
    """A lot that is held is not written again: what stands of it on the share goes."""
    remove_lot(partage, mois, code_caf)
    record_evenement(
        entrepot, mois=Mois.parse(mois), code_caf=code_caf, version=version, etat="remplace",
        acteur=f"{cause.nom}s", motif=f"{cause.nom} : lot retenu, retiré du partage",
    )  # fmt: skip


def _announce(
    entrepot: Connection, mois: str, code_caf: str, ancienne: int, nouvelle: int | None, cause: Cause
) -> None:
    lot = f"lot {write_de(Mois.parse(mois).libelle)}"
    if nouvelle:
        suite = (
            f"Sa version {nouvelle} remplace la version {ancienne} : n'utilisez plus qu'elle, et détruisez toute copie "
            f"de la version {ancienne}.\n"
            f"Si vous avez déjà transmis la version {ancienne}, transmettez aussitôt la version {nouvelle} à chaque "
            f"Cpam et demandez-lui de détruire la version {ancienne} ({cause.source})."
        )
    else:
        suite = (
            f"Le {lot}, version {ancienne}, est retiré du partage en attendant une décision nationale : détruisez "
            "toute copie.\nSi vous l'avez déjà transmis, demandez aussitôt à chaque Cpam de le détruire "
            f"({cause.source})."
        )
    queue_avis(
        entrepot,
        cle=f"{cause.nom}/{mois}/{code_caf}/v{nouvelle or f'{ancienne}-retire'}",
        destinataire=f"caf:{code_caf}",
        objet=f"Proches aidants : {cause.objet}, {lot} à remplacer",
        corps=f"{cause.phrase.format(lot=lot)}\n{suite}",
    )
