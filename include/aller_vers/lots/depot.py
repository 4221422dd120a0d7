"""The drop of one Caf's lot: files aside, checked, swapped; the manifest last, its ledger entry second."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from aller_vers.lots.contenu import Contenu, load_contenu
from aller_vers.lots.documents import (
    INFORMATION,
    SANS_CONVENTION,
    NoticeLot,
    build_accuse,
    build_information,
    build_lisezmoi,
    build_suspendu,
    name_fichier,
)
from aller_vers.lots.etat import LotPose, Parole, load_paroles, read_lot
from aller_vers.lots.inscription import declare_depot, record_depot, record_refus, record_sans_convention
from aller_vers.lots.manifeste import NOM, Fichier, Manifeste
from aller_vers.lots.presentation import TrouverSecret, build_personnes, has_no_secret, require_secret
from aller_vers.lots.version import CafDuMois, Edition, choose_edition, load_caf_du_mois
from aller_vers.partage.partage import FichierOccupeError, Partage
from aller_vers.partage.support import make_temporaire
from aller_vers.socle.calendrier import PARIS, add_jours_ouvres, add_mois
from aller_vers.socle.donnees_personnelles import check_motif
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.identite import require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import hold, lock
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.reglages_caf import OptionsLot

SUSPENDU = "SUSPENDU.txt"
EtatDepot = Literal["depose", "inchange", "repare", "retenu"]


@dataclass(frozen=True)
class LotDepose:
    """What became of a Caf's lot: codes, counts and states only."""

    code_caf: str
    libelle: str
    etat: EtatDepot
    version: int
    lignes: int
    motif: str


def write_lot(
    entrepot: Connection,
    partage: Partage,
    reglages: Reglages,
    mois: Mois,
    code_caf: str,
    maintenant: datetime,
    *,
    motif: str | None = None,
    trouver_secret: TrouverSecret = has_no_secret,
) -> LotDepose:
    """Bring the share to what core holds for this Caf and month, in the caller's transaction.

    Same content: nothing is written. Other content: version n+1, and the person files of the former one go
    once the new manifest stands. A damaged lot is written again under its own version. A lot that is held suspends
    the version that stands, and says so beside it. Safe to interrupt anywhere, and to run twice at once.

    Args:
        entrepot: the warehouse, as ``av_etl``.
        partage: where the lot goes.
        reglages: settings, the options of the Caf among them.
        mois: a published month.
        code_caf: whose lot.
        maintenant: when a new version is made.
        motif: why a person asks for it again; the same content is then given anew if the Caf's options changed.
        trouver_secret: gives the secret of a Caf's zips.

    Raises:
        ErreurAllerVers: the month is not published, or is destroyed, the Caf is unknown, a key or a secret is
            missing, the reason looks like somebody's data, or the share refuses.
    """
    motif = check_motif(motif or "") or None
    lock(entrepot, "lot", str(mois), code_caf)
    caf = load_caf_du_mois(entrepot, mois, code_caf, maintenant)
    lot, paroles = read_lot(partage, mois, code_caf), load_paroles(entrepot, mois, code_caf)
    dossier, courant = lot.dossier, lot.courant
    _remove_incomplete(entrepot, partage, lot)
    for ancien in lot.versions.values():
        if ancien and ancien is not courant:
            _remove_personnes(entrepot, partage, dossier, ancien)
    if caf.refus:
        paroles = _record_manquants(entrepot, lot, paroles, sauf=None)
        _suspend(partage, mois, caf, courant)
        version = record_refus(entrepot, partage, reglages, mois, caf, courant, paroles)
        return LotDepose(code_caf, caf.libelle, "retenu", version, 0, caf.refus)
    contenu = load_contenu(entrepot, mois, code_caf)
    exclus = contenu.find_sans_convention(caf.cpam)
    if exclus:
        contenu = contenu.without(exclus)
        caf = replace(caf, ecartes={**caf.ecartes, SANS_CONVENTION: sum(exclus.values())})
    identite = contenu.compute_identite(require_cle(reglages))
    options = reglages.options_caf.get(code_caf, OptionsLot())
    edition = choose_edition(
        courant, paroles, identite, maintenant, motif,
        autre_presentation=bool(courant and motif and _read_options(courant) != options),
    )  # fmt: skip
    etat: EtatDepot = "depose" if edition.neuve else "repare"
    if courant and courant.version == edition.version and is_intact(partage, dossier, courant):
        etat, manifeste = "inchange", courant
    else:
        if courant and courant.version == edition.version:
            options = _read_options(courant)  # mended as it was dropped
        secret = require_secret(options, code_caf, trouver_secret)
        manifeste = _write_files(
            entrepot, partage, dossier, caf, contenu, identite, mois, reglages, edition, options, secret
        )
    paroles = _record_manquants(entrepot, lot, paroles, sauf=manifeste.version)
    record_sans_convention(entrepot, mois, code_caf, manifeste.version, exclus)
    record_depot(entrepot, partage, reglages, manifeste, caf, paroles)
    if courant and courant.version < manifeste.version:
        _remove_personnes(entrepot, partage, dossier, courant)
    if SUSPENDU in lot.noms:
        partage.remove(f"{dossier}/{SUSPENDU}")
    return LotDepose(code_caf, caf.libelle, etat, manifeste.version, manifeste.lignes, manifeste.motif)


def is_intact(partage: Partage, dossier: str, manifeste: Manifeste) -> bool:
    """Tell whether every file of the lot has the bytes that its manifest says."""
    return all(
        (octets := partage.read(f"{dossier}/v{manifeste.version}/{f.nom}")) is not None
        and hashlib.sha256(octets).hexdigest() == f.sha256
        for f in manifeste.fichiers
    )


def _read_options(manifeste: Manifeste) -> OptionsLot:
    return OptionsLot(format=manifeste.format, chiffre=manifeste.chiffre)


def _write_files(
    entrepot: Connection, partage: Partage, dossier: str, caf: CafDuMois, contenu: Contenu, identite: str, mois: Mois,
    reglages: Reglages, edition: Edition, options: OptionsLot, secret: str | None,
) -> Manifeste:  # fmt: skip
    version, remplace, motif, cree_le, _ = edition
    jour = cree_le.astimezone(PARIS).date()
    purge_le = add_mois(jour, reglages.mois_avant_purge)
    fichiers: list[tuple[Fichier, bytes]] = []
    for destinataire, lignes in contenu.par_destinataire.items():
        nom = name_fichier(caf.code_caf, mois, version, destinataire)
        nom, octets = build_personnes(lignes, mois, nom, options, secret)
        fichiers.append(_describe(nom, octets, destinataire, len(lignes)))
    notice = NoticeLot(
        mois=mois, code_caf=caf.code_caf, nom_caf=caf.nom, version=version, remplace=remplace, motif=motif,
        lignes=contenu.lignes, fichiers=tuple(f.nom for f, _ in fichiers), cpam=caf.cpam, commune=caf.commune,
        ecartes=caf.ecartes, purge_le=purge_le, mois_certificat=reglages.mois_certificat,
        a_transmettre_avant=add_jours_ouvres(jour, reglages.jours_ouvres_transmission, caf.code_caf),
        jours_retour=reglages.jours_retour, contact=reglages.contact_equipe,
        cpam_sans_convention=caf.cpam_sans_convention, format=options.format, chiffre=options.chiffre,
        par_cpam={d: len(lignes) for d, lignes in contenu.par_destinataire.items() if d},
    )  # fmt: skip
    fichiers.append(_describe("LISEZMOI.txt", build_lisezmoi(notice)))
    fichiers.append(_describe(f"ACCUSE_{caf.code_caf}_{mois.compact}.csv", build_accuse(notice)))
    if contenu.lignes:
        fichiers.append(_describe(INFORMATION, build_information(notice)))
    manifeste = Manifeste(
        mois=mois, code_caf=caf.code_caf, nom_caf=caf.nom, version=version, remplace=remplace,
        motif=motif, lignes=contenu.lignes, identite=identite, format=options.format, chiffre=options.chiffre,
        fichiers=tuple(f for f, _ in fichiers), ecartes=caf.ecartes,
        verdict="conforme" if caf.verdict == "conforme" else "avertissement",
        regles_en_avertissement=tuple(sorted(r for r, v in caf.regles.items() if v != "conforme")),
        liberation=caf.liberation,
        cree_le=cree_le, purge_le=purge_le,
    )  # fmt: skip
    octets_par_nom = {fichier.nom: octets for fichier, octets in fichiers}
    _put_in_place(entrepot, partage, dossier, version, octets_par_nom | {NOM: manifeste.to_bytes()})
    return manifeste


def _put_in_place(
    entrepot: Connection, partage: Partage, dossier: str, version: int, fichiers: dict[str, bytes]
) -> None:
    """Write the files under names of this writer alone, then give them theirs, the manifest's last.

    A writer that was frozen, lost its connection and wakes may find another's lot, or none since it is purged: names
    are given by who still holds the lock, and what was written aside goes with who does not. Where the machine stops,
    the others last before the manifest appears.
    """
    chemin = f"{dossier}/v{version}"
    provisoires = {nom: f"{chemin}/{make_temporaire()}" for nom in fichiers}
    *premiers, _ = (nom for nom in fichiers if nom != NOM)
    try:
        for nom, octets in fichiers.items():
            partage.write_aside(provisoires[nom], octets)
        for nom in fichiers:
            hold(entrepot)
            partage.move(provisoires[nom], f"{chemin}/{nom}", suivi=nom in premiers)
    except Exception:
        with suppress(ErreurAllerVers):  # what stays is swept by age
            for provisoire in provisoires.values():
                partage.remove(provisoire)
            for vide in (chemin, dossier):
                if not partage.scan(vide):
                    partage.remove_dossier(vide)
        raise


def _describe(
    nom: str, octets: bytes, destinataire: str | None = None, lignes: int | None = None
) -> tuple[Fichier, bytes]:
    empreinte = hashlib.sha256(octets).hexdigest()
    return Fichier(
        nom=nom, destinataire=destinataire, lignes=lignes, octets=len(octets), sha256=empreinte
    ), octets


def _suspend(partage: Partage, mois: Mois, caf: CafDuMois, courant: Manifeste | None) -> None:
    """Say beside the version that stands, if one holds somebody, that it is not to be sent."""
    chemin = f"{caf.code_caf}/{mois}/{SUSPENDU}"
    if courant and courant.lignes and partage.read(chemin) is None:
        partage.write(chemin, build_suspendu(mois, caf.nom, courant.version))


def _record_manquants(
    entrepot: Connection, lot: LotPose, paroles: list[Parole], sauf: int | None
) -> list[Parole]:
    """Record the lots that stand on the share and whose ledger entry an interruption has lost.

    Returns:
        What the ledger now says.
    """
    connues = {p.version for p in paroles if p.etat == "depose"} | {sauf}
    for version, manifeste in lot.versions.items():
        if manifeste and version not in connues:
            declare_depot(entrepot, manifeste, paroles)
            paroles = load_paroles(entrepot, manifeste.mois, manifeste.code_caf)
    return paroles


def _remove_incomplete(entrepot: Connection, partage: Partage, lot: LotPose) -> None:
    for version, manifeste in lot.versions.items():
        chemin = f"{lot.dossier}/v{version}"
        hold(entrepot)
        if manifeste:
            partage.remove_leftovers(chemin)
        else:
            for nom in partage.list(chemin):
                hold(entrepot)
                partage.remove(f"{chemin}/{nom}")


def _remove_personnes(entrepot: Connection, partage: Partage, dossier: str, ancien: Manifeste) -> None:
    """Remove the person files of a former version; its manifest then forgets what they were."""
    chemin = f"{dossier}/v{ancien.version}"
    oublie = ancien.forget_empreintes()
    hold(entrepot)
    # A file that its Caf holds open stays until the next run or the purge; the lot itself is dropped.
    partis = [
        _try_remove(partage, f"{chemin}/{fichier.nom}")
        for fichier in ancien.fichiers
        if fichier.lignes is not None
    ]
    if all(partis) and oublie != ancien:
        partage.write(f"{chemin}/{NOM}", oublie.to_bytes())


def _try_remove(partage: Partage, chemin: str) -> bool:
    try:
        partage.remove(chemin)
    except FichierOccupeError:
        return False
    return True
