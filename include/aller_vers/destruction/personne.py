"""The rights of one person (RGPD, articles 15 and 16): what is held of them, and their contact corrected everywhere.

What a command says of a person comes back to who asked, and goes nowhere else: no log, no trace, no report.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from aller_vers.destruction.echeances import find_terme, find_terme_du_mois
from aller_vers.destruction.lieux import list_mois_tenus, lock_mois, rewrite_tables
from aller_vers.destruction.lots_refaits import RECTIFICATION, redo_lot, require_gone
from aller_vers.destruction.purge import Ouvrir, load_lots, load_mois
from aller_vers.lots.contenu import load_contenu_nomme
from aller_vers.lots.etat import load_paroles
from aller_vers.lots.presentation import TrouverSecret, has_no_secret
from aller_vers.partage.partage import Partage
from aller_vers.requete.extraction import read_demandeur
from aller_vers.requete.nettoyage.passe import clean_lignes
from aller_vers.requete.publication import publish_lignes
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.gabarits import write_texte
from aller_vers.socle.identite import compute_empreinte, require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql

_TABLE_PUBLIEE = "core.demandeur"
_CONTACT = ("courriel", "telephone", "code_postal", "opposition_contact")


@dataclass(frozen=True)
class Envoi:
    """A version of a lot that a Cpam received; ``certain``: the person was in that Cpam's file, else perhaps."""

    version: int
    nom_cpam: str
    transmis_le: date
    detruit_le: date | None
    certain: bool


@dataclass(frozen=True)
class MoisDePersonne:
    """What is held of a person in one month: the values by table, since when, until when, given to whom."""

    mois: Mois
    nom_caf: str
    valeurs: dict[str, dict[str, Any]] = field(repr=False)
    depuis: date | None
    terme: date | None
    dossier: str | None
    version: int | None
    envois: tuple[Envoi, ...]


@dataclass(frozen=True)
class Acces:
    """Everything that is held of one person; empty, nothing is."""

    mois: tuple[MoisDePersonne, ...] = field(repr=False)
    opposition_recue_le: datetime | None
    mois_transmis: tuple[Mois, ...]


@dataclass
class BilanRectification:
    """Counts: months that hold the person, those corrected, lots dropped again, months unknown to the source."""

    mois: int = 0
    corriges: int = 0
    lots: int = 0
    inconnus: int = 0
    echecs: dict[str, str] = field(default_factory=dict)


def load_acces(entrepot: Connection, reglages: Reglages, identifiant: str) -> Acces:
    """Return what is held of this person, as ``av_etl``."""
    tenus: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}
    for ligne in run_sql(entrepot, "destruction/select_acces.sql", personne=identifiant):
        tenus.setdefault((ligne.mois, ligne.code_caf or ""), {})[ligne.lieu] = ligne.valeurs
    lots = {(lot.mois, lot.code_caf): lot for lot in load_lots(entrepot)}
    des_mois = {m.mois: m for m in load_mois(entrepot)}
    garde = run_sql(
        entrepot, "destruction/select_acces_empreinte.sql",
        empreinte=compute_empreinte(require_cle(reglages), identifiant),
    ).one()  # fmt: skip
    vus = []
    for (mois, code_caf), valeurs in tenus.items():
        lot, du_mois = lots.get((mois, code_caf)), des_mois.get(mois)
        terme = find_terme(lot, reglages) if lot else None
        if terme is None and du_mois:
            terme = find_terme_du_mois(du_mois, reglages)
        deposees = [
            p.version for p in load_paroles(entrepot, Mois.parse(mois), code_caf) if p.etat == "depose"
        ]
        present = bool(deposees) and _TABLE_PUBLIEE in valeurs
        vus.append(
            MoisDePersonne(
                Mois.parse(mois), caf.nom if (caf := load_caf().get(code_caf)) else code_caf or "Caf inconnue",
                valeurs, _read_jour(du_mois.rempli_le) if du_mois else None, terme,
                f"{code_caf}/{mois}" if present else None, deposees[-1] if present else None,
                _load_envois(entrepot, mois, code_caf, identifiant) if deposees else (),
            )
        )  # fmt: skip
    return Acces(
        tuple(vus), garde.opposition_recue_le, tuple(Mois.parse(mois) for mois in garde.mois_transmis)
    )


def _load_envois(entrepot: Connection, mois: str, code_caf: str, identifiant: str) -> tuple[Envoi, ...]:
    nomme = load_contenu_nomme(entrepot, Mois.parse(mois), code_caf)
    siens = {destinataire for (destinataire, _), qui in nomme.personnes.items() if identifiant in qui}
    lignes = run_sql(entrepot, "destruction/select_acces_envois.sql", mois=mois, code_caf=code_caf).all()
    seule = len({ligne.code_cpam for ligne in lignes}) == 1
    return tuple(
        Envoi(
            li.version, li.nom_cpam, li.transmis_le, li.date_destruction,
            certain=li.code_cpam in siens or (seule and bool(siens)),
        )
        for li in lignes
    )  # fmt: skip


def _read_jour(texte: str | None) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(texte or "")
    return None


def write_acces(acces: Acces, reglages: Reglages, jour: date) -> str:
    """Return the answer to a request of access, in French, for the officer."""
    return write_texte(Path(__file__).with_name("ACCES.txt.j2"), acces=acces, jour=jour, reglages=reglages)


def rectify(
    ouvrir: Ouvrir,
    source: Connection,
    partage: Partage,
    reglages: Reglages,
    maintenant: datetime,
    identifiant: str,
    trouver_secret: TrouverSecret = has_no_secret,
) -> BilanRectification:
    """Give one person, wherever they are held, the contact that the source has now; drop again the lots that held them.

    The source is corrected first, by the Caf: nothing is typed here. A second run does what the first could not.
    """
    bilan = BilanRectification()
    jour = maintenant.astimezone(PARIS).date()
    with ouvrir() as entrepot:
        mois_tenus = list_mois_tenus(entrepot)
        tenus = run_sql(entrepot, "destruction/select_acces.sql", personne=identifiant).all()
    for mois in sorted(set(mois_tenus) & {t.mois for t in tenus}):
        bilan.mois += 1
        lue = read_demandeur(source, Mois.parse(mois), reglages.natures, jour, identifiant)
        if lue is None:
            bilan.inconnus += 1
            continue
        with ouvrir() as entrepot:
            corrige = _rectify_mois(entrepot, mois, identifiant, lue)
        if corrige:
            bilan.corriges += 1
            with ouvrir() as entrepot:  # the files of the tables keep nothing of the former values
                rewrite_tables(entrepot, mois)
        for lot in sorted({f"{mois}/{t.code_caf}" for t in tenus if t.mois == mois and t.code_caf}):
            try:
                with ouvrir() as entrepot:
                    bilan.lots += redo_lot(
                        entrepot, partage, reglages, lot, maintenant, trouver_secret, RECTIFICATION
                    )
                require_gone(partage, lot)
            except ErreurAllerVers as erreur:
                bilan.echecs[lot] = erreur.constat
    return bilan


def _rectify_mois(entrepot: Connection, mois: str, identifiant: str, lue: dict[str, str | None]) -> bool:
    lock_mois(entrepot, mois)
    contact = {colonne: lue[colonne] for colonne in _CONTACT}
    lignes = (
        run_sql(entrepot, "destruction/update_contact.sql", mois=mois, personne=identifiant, **contact)
        .scalars()
        .all()
    )
    if not lignes:
        return False
    clean_lignes(entrepot, mois, lignes)
    if run_sql(entrepot, "requete/count_demandeurs.sql", mois=mois).scalar_one_or_none() is not None:
        publish_lignes(entrepot, Mois.parse(mois), lignes)
    return True
