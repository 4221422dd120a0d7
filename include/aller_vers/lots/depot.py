"""The drop of one Caf's lot: files aside, checked, swapped; the manifest last, its ledger entry second."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError
from sqlalchemy import Connection

from aller_vers.calendrier import PARIS, add_jours_ouvres
from aller_vers.erreurs import ErreurAllerVers
from aller_vers.lots.contenu import Contenu, load_contenu
from aller_vers.lots.fichiers import (
    SANS_CONVENTION,
    NoticeLot,
    build_accuse,
    build_classeur,
    build_lisezmoi,
    name_classeur,
)
from aller_vers.lots.manifeste import NOM, Fichier, Manifeste, ManifesteIllisibleError
from aller_vers.lots.partage import Partage
from aller_vers.mois import Mois
from aller_vers.partitions import lock
from aller_vers.reglages import Reglages
from aller_vers.sql import run_sql
from aller_vers.suivi import queue_avis, record_evenement

_VERSION = re.compile(r"v([1-9]\d*)")
_SANS_CONVENTION = "aucune convention en vigueur"
_MODIFIE = "contenu modifié à la source"
Etat = Literal["depose", "inchange", "repare", "retenu"]


@dataclass(frozen=True)
class LotDepose:
    """What became of a Caf's lot: codes, counts and states only."""

    code_caf: str
    libelle: str
    etat: Etat
    version: int
    lignes: int
    motif: str


@dataclass(frozen=True)
class _Caf:
    code_caf: str
    nom: str
    libelle: str
    run_id: str
    ecartes: dict[str, int]
    verdict: str | None
    regles: dict[str, str]
    liberation: str | None
    cpam: dict[str, str]
    cpam_sans_convention: dict[str, str]
    commune: bool

    @property
    def refus(self) -> str | None:
        """Why nothing may be dropped, if so."""
        if self.verdict is None:
            return "non jugé"
        if self.verdict == "retenu" and self.liberation is None:
            fautes = sorted(r for r, v in self.regles.items() if v in ("retenu", "non_evalue"))
            return f"qualité : {', '.join(fautes) or 'verdict retenu'}"
        return None if self.cpam else _SANS_CONVENTION


class _Parole(NamedTuple):
    """What the ledger said of a lot: dropped or held."""

    id: int
    etat: str
    version: int
    motif: str
    preuve: dict[str, Any]


class _Edition(NamedTuple):
    """The version under which a content is dropped."""

    version: int
    remplace: int | None
    motif: str
    cree_le: datetime
    neuve: bool


def write_lot(
    entrepot: Connection,
    partage: Partage,
    reglages: Reglages,
    mois: Mois,
    code_caf: str,
    maintenant: datetime,
) -> LotDepose:
    """Bring the share to what core holds for this Caf and month, in the caller's transaction.

    Same content: nothing is written. Other content: version n+1, and the person files of the former one go
    once the new manifest stands. A damaged lot is written again under its own version. Safe to interrupt
    anywhere, and to run twice at once.

    Raises:
        ErreurAllerVers: the month is not published, the Caf is unknown, the key of identities is missing, or
            the share refuses.
    """
    lock(entrepot, "lot", str(mois), code_caf)
    caf = _load_caf(entrepot, mois, code_caf, maintenant)
    dossier = f"{code_caf}/{mois}"
    courant = find_courant(partage, dossier)
    _remove_incomplete(partage, dossier)
    if courant:
        _remove_older(partage, dossier, courant.version)
    if caf.refus:
        _record_manquants(entrepot, partage, caf, mois, sauf=None)
        connues = [p.version for p in _load_paroles(entrepot, mois, code_caf) if p.etat == "depose"]
        version = max([*connues, courant.version if courant else 0])
        _declare(entrepot, mois, code_caf, version + 1, "retenu", caf.refus, {"execution": caf.run_id})
        return LotDepose(code_caf, caf.libelle, "retenu", version, 0, caf.refus)
    contenu = load_contenu(entrepot, str(mois), code_caf)
    exclus = contenu.find_sans_convention(caf.cpam)
    if exclus:
        contenu = contenu.without(exclus)
        caf = replace(caf, ecartes={**caf.ecartes, SANS_CONVENTION: sum(exclus.values())})
    identite = contenu.compute_identite(_key(reglages))
    edition = _choose_edition(courant, _load_paroles(entrepot, mois, code_caf), identite, maintenant)
    etat: Etat = "depose" if edition.neuve else "repare"
    if courant and courant.version == edition.version and is_intact(partage, dossier, courant):
        etat, manifeste = "inchange", courant
    else:
        manifeste = _write_files(partage, dossier, caf, contenu, identite, mois, reglages, edition)
    _record_manquants(entrepot, partage, caf, mois, sauf=manifeste.version)
    for code_cpam, lignes in sorted(exclus.items()):
        record_evenement(
            entrepot, mois=str(mois), code_caf=code_caf, version=manifeste.version, code_cpam=code_cpam,
            etat="retenu", acteur="depots_caf", motif=_SANS_CONVENTION, preuve={"lignes": lignes},
        )  # fmt: skip
    _record(entrepot, manifeste, caf, dossier)
    _remove_older(partage, dossier, manifeste.version)
    return LotDepose(code_caf, caf.libelle, etat, manifeste.version, manifeste.lignes, manifeste.motif)


def find_courant(partage: Partage, dossier: str) -> Manifeste | None:
    """Return the manifest of the newest version that stands in ``<caf>/<mois>``, None if there is no lot."""
    for version in sorted(_list_versions(partage, dossier), reverse=True):
        octets = partage.read(f"{dossier}/v{version}/{NOM}")
        if octets is not None:
            return read_manifeste(octets, f"{partage.adresse}/{dossier}/v{version}/{NOM}")
    return None


def read_manifeste(octets: bytes, chemin: str) -> Manifeste:
    """Read a manifest.

    Raises:
        ManifesteIllisibleError: it is not one of ours.
    """
    try:
        return Manifeste.model_validate_json(octets)
    except ValidationError:
        raise ManifesteIllisibleError(
            f"Le manifeste {chemin} est illisible.",
            "le mettre de côté hors du partage ; le lot sera déposé de nouveau à la prochaine exécution.",
        ) from None


def is_intact(partage: Partage, dossier: str, manifeste: Manifeste) -> bool:
    """Tell whether every file of the lot has the bytes that its manifest says."""
    return all(
        (octets := partage.read(f"{dossier}/v{manifeste.version}/{f.nom}")) is not None
        and hashlib.sha256(octets).hexdigest() == f.sha256
        for f in manifeste.fichiers
    )


def _load_caf(entrepot: Connection, mois: Mois, code_caf: str, maintenant: datetime) -> _Caf:
    ligne = run_sql(
        entrepot,
        "depots_caf/select_caf.sql",
        mois=str(mois),
        code_caf=code_caf,
        jour=maintenant.astimezone(PARIS).date(),
    ).one_or_none()
    if ligne is None:
        raise ErreurAllerVers(
            f"Rien à déposer pour la Caf {code_caf} : le mois {mois} n'est pas publié, "
            "ou la Caf est inconnue.",
            "exécuter d'abord requete_nationale pour ce mois ; "
            "vérifier le code dans include/reference/caf.csv.",
        )
    return _Caf(
        ligne.code_caf, ligne.nom, ligne.libelle, ligne.run_id, ligne.ecartes, ligne.verdict, ligne.regles,
        ligne.liberation, ligne.cpam_conventionnees, ligne.cpam_sans_convention, ligne.commune,
    )  # fmt: skip


def _load_paroles(entrepot: Connection, mois: Mois, code_caf: str) -> list[_Parole]:
    lignes = run_sql(entrepot, "depots_caf/select_paroles.sql", mois=str(mois), code_caf=code_caf)
    return [_Parole(e.id, e.etat, e.version, e.motif, e.preuve) for e in lignes]


def _choose_edition(
    courant: Manifeste | None, paroles: list[_Parole], identite: str, maintenant: datetime
) -> _Edition:
    """Return the version of this content; a number that the ledger gave once never names another content."""
    deposes = {p.version: p for p in paroles if p.etat == "depose"}
    derniere = max(deposes, default=0)
    if courant and courant.version >= derniere:
        if courant.identite == identite:
            return _Edition(courant.version, courant.remplace, courant.motif, courant.cree_le, neuve=False)
        return _Edition(courant.version + 1, courant.version, _MODIFIE, maintenant, neuve=True)
    if not derniere:
        return _Edition(1, None, "premier dépôt", maintenant, neuve=True)
    # The share has lost what the ledger says was dropped.
    if deposes[derniere].preuve["identite"] == identite:
        remplace = max((version for version in deposes if version < derniere), default=None)
        return _Edition(derniere, remplace, deposes[derniere].motif, maintenant, neuve=False)
    return _Edition(derniere + 1, derniere, _MODIFIE, maintenant, neuve=True)


def _key(reglages: Reglages) -> bytes:
    if reglages.cle_identite is None or len(reglages.cle_identite.get_secret_value()) < 32:
        raise ErreurAllerVers(
            "La clé des identités manque ou est trop courte (AV_CLE_IDENTITE, 32 caractères au moins).",
            "la créer une fois pour toutes et la garder : openssl rand -hex 32.",
        )
    return reglages.cle_identite.get_secret_value().encode()


def _write_files(
    partage: Partage, dossier: str, caf: _Caf, contenu: Contenu, identite: str, mois: Mois,
    reglages: Reglages, edition: _Edition,
) -> Manifeste:  # fmt: skip
    version, remplace, motif, cree_le, _ = edition
    jour = cree_le.astimezone(PARIS).date()
    purge_le = Mois.of(jour).shift(reglages.mois_avant_purge).debut.replace(day=min(jour.day, 28))
    classeurs = {
        name_classeur(caf.code_caf, mois, version, destinataire): (destinataire, lignes)
        for destinataire, lignes in contenu.par_destinataire.items()
    }
    notice = NoticeLot(
        mois=mois, code_caf=caf.code_caf, nom_caf=caf.nom, version=version, remplace=remplace,
        lignes=contenu.lignes, fichiers=tuple(classeurs), cpam=caf.cpam, commune=caf.commune,
        ecartes=caf.ecartes, purge_le=purge_le,
        a_transmettre_avant=add_jours_ouvres(jour, reglages.jours_ouvres_transmission),
        cpam_sans_convention=caf.cpam_sans_convention,
    )  # fmt: skip
    fichiers: list[tuple[Fichier, bytes]] = [
        _describe(nom, build_classeur(lignes, mois), destinataire, len(lignes))
        for nom, (destinataire, lignes) in classeurs.items()
    ]
    fichiers.append(_describe("LISEZMOI.txt", build_lisezmoi(notice)))
    fichiers.append(_describe(f"ACCUSE_{caf.code_caf}_{mois.compact}.csv", build_accuse(notice)))
    for fichier, octets in fichiers:
        partage.write(f"{dossier}/v{version}/{fichier.nom}", octets)
    manifeste = Manifeste(
        mois=str(mois), code_caf=caf.code_caf, nom_caf=caf.nom, version=version, remplace=remplace,
        motif=motif, lignes=contenu.lignes, identite=identite, fichiers=tuple(f for f, _ in fichiers),
        ecartes=caf.ecartes,
        verdict="conforme" if caf.verdict == "conforme" else "avertissement",
        regles_en_avertissement=tuple(sorted(r for r, v in caf.regles.items() if v != "conforme")),
        liberation=caf.liberation,
        cree_le=cree_le, purge_le=purge_le,
    )  # fmt: skip
    partage.write(f"{dossier}/v{version}/{NOM}", manifeste.to_bytes())
    return manifeste


def _describe(
    nom: str, octets: bytes, destinataire: str | None = None, lignes: int | None = None
) -> tuple[Fichier, bytes]:
    empreinte = hashlib.sha256(octets).hexdigest()
    return Fichier(
        nom=nom, destinataire=destinataire, lignes=lignes, octets=len(octets), sha256=empreinte
    ), octets


def _record(entrepot: Connection, manifeste: Manifeste, caf: _Caf, dossier: str) -> None:
    lot: dict[str, Any] = {"mois": manifeste.mois, "code_caf": caf.code_caf, "acteur": "depots_caf"}
    version = manifeste.version
    nouveau = _record_depot(entrepot, manifeste, caf, dossier)
    if manifeste.remplace:
        record_evenement(
            entrepot,
            **lot,
            version=manifeste.remplace,
            etat="remplace",
            motif=manifeste.motif,
            preuve={"par": version},
        )
    if manifeste.lignes == 0:
        record_evenement(entrepot, **lot, version=version, etat="rien_a_transmettre")
    if nouveau:
        queue_avis(
            entrepot,
            cle=f"depot/{manifeste.mois}/{caf.code_caf}/v{version}",
            destinataire=f"caf:{caf.code_caf}",
            objet=f"Proches aidants : lot {manifeste.mois} déposé, version {version}",
            corps=f"Le lot du mois {manifeste.mois} est dans {dossier}/v{version} sur le partage : "
            f"{manifeste.lignes} personne(s). La marche à suivre et la date limite sont dans LISEZMOI.txt. "
            f"Le dossier sera vidé au plus tard le {manifeste.purge_le:%d/%m/%Y}.",
        )


def _record_depot(entrepot: Connection, manifeste: Manifeste, caf: _Caf, dossier: str) -> bool:
    mois, version = Mois.parse(manifeste.mois), manifeste.version
    preuve = {"identite": manifeste.identite, "lignes": manifeste.lignes}
    record_evenement(
        entrepot, mois=str(mois), code_caf=caf.code_caf, version=version, etat="prepare", acteur="depots_caf",
        preuve=preuve,
    )  # fmt: skip
    preuve["chemin"] = f"{dossier}/v{version}"
    return _declare(entrepot, mois, caf.code_caf, version, "depose", manifeste.motif, preuve)


def _record_manquants(
    entrepot: Connection, partage: Partage, caf: _Caf, mois: Mois, sauf: int | None
) -> None:
    """Record the lots that stand on the share and whose ledger entry an interruption has lost."""
    dossier = f"{caf.code_caf}/{mois}"
    paroles = _load_paroles(entrepot, mois, caf.code_caf)
    connues = {p.version for p in paroles if p.etat == "depose"} | {sauf}
    for version in sorted(_list_versions(partage, dossier)):
        chemin = f"{dossier}/v{version}/{NOM}"
        if version not in connues and (octets := partage.read(chemin)) is not None:
            _record_depot(entrepot, read_manifeste(octets, f"{partage.adresse}/{chemin}"), caf, dossier)


def _declare(
    entrepot: Connection, mois: Mois, code_caf: str, version: int, etat: Literal["depose", "retenu"],
    motif: str, preuve: dict[str, Any],
) -> bool:  # fmt: skip
    """Make this the ledger's last word on the lot: False if it is already.

    The proof names the word that it follows: a lot that is held, then released, is said to stand again.
    """
    paroles = _load_paroles(entrepot, mois, code_caf)
    if paroles:
        derniere = paroles[-1]
        memes = all(derniere.preuve.get(cle) == valeur for cle, valeur in preuve.items())
        if memes and (derniere.etat, derniere.version, derniere.motif) == (etat, version, motif):
            return False
        preuve = {**preuve, "apres": derniere.id}
    return record_evenement(
        entrepot, mois=str(mois), code_caf=code_caf, version=version, etat=etat, acteur="depots_caf",
        motif=motif, preuve=preuve,
    )  # fmt: skip


def _list_versions(partage: Partage, dossier: str) -> list[int]:
    return [int(trouve[1]) for nom in partage.list(dossier) if (trouve := _VERSION.fullmatch(nom))]


def _remove_incomplete(partage: Partage, dossier: str) -> None:
    for version in _list_versions(partage, dossier):
        noms = partage.list(f"{dossier}/v{version}")
        if NOM in noms:
            partage.remove_leftovers(f"{dossier}/v{version}")
        else:
            for nom in noms:
                partage.remove(f"{dossier}/v{version}/{nom}")


def _remove_older(partage: Partage, dossier: str, courante: int) -> None:
    for version in _list_versions(partage, dossier):
        chemin = f"{dossier}/v{version}/{NOM}"
        octets = partage.read(chemin) if version < courante else None
        if octets is None:
            continue
        manifeste = read_manifeste(octets, f"{partage.adresse}/{chemin}")
        for fichier in manifeste.fichiers:
            if fichier.lignes is not None:
                partage.remove(f"{dossier}/v{version}/{fichier.nom}")
        oublie = manifeste.forget_empreintes()
        if oublie != manifeste:
            partage.write(chemin, oublie.to_bytes())
