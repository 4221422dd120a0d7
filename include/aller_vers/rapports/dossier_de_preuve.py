"""The evidence of a lot: one archive that anybody verifies without this project (``outils/verifier_preuve.py``).

What it says comes from the ledger alone, so that the seal guards it; the page and the register sheet are guarded by
the archive's own fingerprint. Nobody is in it, nor any hash from which somebody could be guessed.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from aller_vers.lots.fiche_de_registre import build_classeur, build_fiche
from aller_vers.qualite.libelles import explain_motif
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.gabarits import write_html
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION, load_caf, load_cpam
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sorties import write_sortie
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.etats import name_etat
from aller_vers.suivi.trace import write_sceau

SCHEMA: Final = "aller-vers/preuve/1"
# What is told apart of the chain, each in a file of its own: (states, whether of a Cpam).
EXTRAITS: Final = {
    "accuses.json": ("transmis", "rien_a_transmettre"),
    "retours.json": ("traite", "a_detruire"),
    "certificats.json": ("detruit", "expire"),
}


@dataclass(frozen=True)
class Maillon:
    """An event of the chain: the text that its hash seals, those that open who did it and why.

    ``texte_motif``: None once the reason is struck out, and where neither who nor why is told.
    """

    id: int
    hash: str
    scelle: str
    engage: str | None
    texte_motif: str | None

    @property
    def champs(self) -> list[Any]:
        """Month, Caf, version, Cpam, state, hash of who and why, proof, instant (epoch), hash of the former."""
        lus: list[Any] = json.loads(self.scelle, parse_float=str)
        return lus

    @property
    def le(self) -> datetime:
        """When it was recorded."""
        return datetime.fromtimestamp(float(self.champs[7]), UTC)

    @property
    def motif(self) -> str:
        """Why, in words; empty where it is not told."""
        if self.engage and self.texte_motif is None:
            return "[raison rayée]"
        return explain_motif(json.loads(self.texte_motif)[1] or "") if self.texte_motif else ""


@dataclass(frozen=True)
class Preuve:
    """What the ledger says of a lot, up to a seal, and since."""

    mois: Mois
    code_caf: str
    maillons: tuple[Maillon, ...]
    nombre: int
    tete: str
    ancre_nombre: int
    ancre_hash: str | None
    scelle_pour: str
    sceau: bytes
    manifestes: Mapping[str, str]
    jeton: bytes | None = None

    @property
    def empreinte_du_sceau(self) -> str:
        """The hash that left by mail when the month was sealed."""
        return sha256(self.sceau).hexdigest()


def list_lots(pilotage: Connection, mois: Mois) -> list[str]:
    """Return the Caf of which the ledger says something for this month."""
    return [c.code_caf for c in _load_ancres(pilotage, mois, None)]


def load_preuve(pilotage: Connection, mois: Mois, code_caf: str, *, anonyme: bool = False) -> Preuve:
    """Read the evidence of a lot; ``anonyme``: neither who acted nor why.

    Raises:
        IntrouvableError: the ledger knows no such lot, or no seal holds it yet.
    """
    ancres = _load_ancres(pilotage, mois, code_caf)
    if not ancres:
        raise IntrouvableError(
            f"La trace n'a aucun lot {mois} pour la Caf {code_caf[:10]}.",
            "vérifier le code de la Caf et le mois, par exemple 831/2025-06.",
        )
    sceau = run_sql(pilotage, "suivi/select_sceaux.sql", mois=str(mois), code_caf=code_caf).all()
    if not sceau:
        raise IntrouvableError(
            f"Aucun sceau ne tient encore le lot {mois} de la Caf {code_caf} : rien ne prouverait sa trace.",
            "attendre le sceau du mois (DAG purge), ou sceller : python -m aller_vers trace sceller.",
        )
    [ancre] = ancres
    lignes = run_sql(pilotage, "rapports/select_chaine.sql", mois=str(mois), code_caf=code_caf)
    pour = sceau[0].scelle_pour
    jeton = run_sql(pilotage, "suivi/select_jetons.sql", scelle_pour=pour).one_or_none()
    manifestes = run_sql(pilotage, "rapports/select_manifestes.sql", mois=str(mois), code_caf=code_caf)
    maillons = tuple(
        Maillon(e.id, e.hash, e.scelle, None if anonyme else e.engage, None if anonyme else e.motif)
        for e in lignes
    )
    annonces = {m.champs[6].get("manifeste") for m in maillons}
    return Preuve(
        mois, code_caf, maillons, ancre.nombre, ancre.hash, ancre.ancre_nombre, ancre.ancre_hash,
        pour, write_sceau(sceau),
        {
            f"manifestes/v{m.version}-{m.empreinte[:12]}.json": m.contenu
            for m in manifestes if m.empreinte in annonces  # a lot mended under its number is one word of the chain
        },
        bytes(jeton.jeton) if jeton else None,
    )  # fmt: skip


def build_archive(preuve: Preuve, reglages: Reglages, maintenant: datetime) -> tuple[bytes, str]:
    """Return the archive and its fingerprint; the same content at the same instant gives the same bytes."""
    caf = load_caf()[preuve.code_caf]
    fiche = build_fiche(preuve.code_caf, reglages)
    fichiers = {
        "chaine.json": _write_json(
            {
                "ancre": {"nombre": preuve.ancre_nombre, "hash": preuve.ancre_hash},
                "nombre": preuve.nombre,
                "tete": preuve.tete,
                "evenements": [vars(maillon) for maillon in preuve.maillons],
            }
        ),
        "sceau.txt": preuve.sceau,
        fiche.nom: build_classeur(fiche),
        **{nom: contenu.encode() for nom, contenu in preuve.manifestes.items()},
        **{nom: _write_json(extract(preuve, nom)) for nom in EXTRAITS},
        **({"sceau.tsr": preuve.jeton} if preuve.jeton else {}),
    }
    index: dict[str, Any] = {
        "schema": SCHEMA,
        "mois": str(preuve.mois),
        "code_caf": preuve.code_caf,
        "nom_caf": caf.nom,
        "etabli_le": maintenant.astimezone(UTC).isoformat(timespec="seconds"),
        "scelle_pour": preuve.scelle_pour,
        "sceau": preuve.empreinte_du_sceau,
        "delais": {
            "jours_ouvres_transmission": reglages.jours_ouvres_transmission,
            "mois_certificat": reglages.mois_certificat,
            "mois_avant_purge": reglages.mois_avant_purge,
        },
    }
    fichiers["preuve.html"] = _write_page(preuve, index, reglages, maintenant, fiche.version)
    index["fichiers"] = {nom: sha256(octets).hexdigest() for nom, octets in sorted(fichiers.items())}
    empreinte = index["empreinte"] = sha256(_write_json(index)).hexdigest()
    return _zip({**fichiers, "index.json": _write_json(index)}), empreinte


def extract(preuve: Preuve, nom: str) -> list[dict[str, Any]]:
    """Return the events that a file tells apart: acknowledgements, returns or certificates."""
    return [
        {
            "evenement": m.id, "version": m.champs[2], "code_cpam": m.champs[3], "etat": m.champs[4],
            "inscrit_le": m.champs[7], "preuve": m.champs[6],
        }
        for m in preuve.maillons if m.champs[4] in EXTRAITS[nom]
    ]  # fmt: skip


def write_archives(
    pilotage: Connection,
    reglages: Reglages,
    mois: Mois,
    codes: Sequence[str],
    dossier: Path,
    *,
    anonyme: bool,
) -> tuple[dict[str, str], list[str]]:
    """Write one archive a Caf into this folder.

    Returns:
        The fingerprint of each archive by its name; why each other Caf has none.

    Raises:
        ErreurAllerVers: the folder cannot be written, or the only lot asked for has no evidence.
    """
    ecrites, sans = dict[str, str](), list[str]()
    maintenant = datetime.now(UTC)
    for code_caf in codes:
        try:
            preuve = load_preuve(pilotage, mois, code_caf, anonyme=anonyme)
        except IntrouvableError as erreur:
            if len(codes) == 1:
                raise
            sans.append(erreur.constat)
            continue
        octets, empreinte = build_archive(preuve, reglages, maintenant)
        nom = f"PREUVE_{code_caf}_{mois}{'_anonyme' if anonyme else ''}.zip"
        write_sortie(dossier / nom, octets)
        ecrites[nom] = empreinte
    return ecrites, sans


def _load_ancres(pilotage: Connection, mois: Mois, code_caf: str | None) -> Sequence[Any]:
    return run_sql(
        pilotage, "rapports/select_ancre.sql", mois=str(mois), code_caf=code_caf, nation=NATION
    ).all()


def _write_page(
    preuve: Preuve, index: Mapping[str, Any], reglages: Reglages, maintenant: datetime, version_fiche: str
) -> bytes:
    scelles = next(
        int(nombre)
        for mois, code_caf, _, nombre, _ in (ligne.split(";") for ligne in preuve.sceau.decode().split("\n"))
        if (mois, code_caf) == (str(preuve.mois), preuve.code_caf)
    )
    cpam = {code: f"{c.nom} ({code})" for code, c in load_cpam().items()}
    return write_html(
        Path(__file__).with_name("dossier_de_preuve.html.j2"),
        preuve=preuve, index=index, reglages=reglages, maintenant=maintenant, nommer=name_etat, cpam=cpam,
        extraits={nom: extract(preuve, nom) for nom in EXTRAITS}, version_fiche=version_fiche,
        non_scelles=preuve.nombre - scelles, mois_scelle=Mois.parse(preuve.scelle_pour), date=date.fromisoformat,
        instant=lambda epoch: datetime.fromtimestamp(float(epoch), UTC).astimezone(PARIS),
    )  # fmt: skip


def _write_json(contenu: object) -> bytes:
    return (json.dumps(contenu, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def _zip(fichiers: Mapping[str, bytes]) -> bytes:
    """Return these files as an archive in one form only: whoever verifies it makes it again, byte by byte."""
    tampon = BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for nom in sorted(fichiers):
            entree = zipfile.ZipInfo(nom)
            entree.create_system, entree.external_attr = 3, 0o644 << 16
            archive.writestr(entree, fichiers[nom])
    return tampon.getvalue()
