"""The files of a lot, as bytes: the same content gives the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from aller_vers.lots.contenu import A_REPARTIR, COLONNES, Ligne
from aller_vers.socle import tableur
from aller_vers.socle.gabarits import write_notice
from aller_vers.socle.mois import Mois

SANS_CONVENTION = "sans_convention"
INFORMATION = "INFORMATION_PERSONNES.txt"
_ICI = Path(__file__).parent
_LARGEURS = (36, 20, 12)
_ACCUSE = ("code_caf", "mois", "version", "cpam", "lignes", "portail", "date_transmission", "reference")
_ECARTS = {
    "opposition": "opposition à être contacté (ces coordonnées n'ont pas quitté le système source)",
    "affiliation_terminee": "affiliation à votre Caf terminée",
    SANS_CONVENTION: "Cpam sans convention en vigueur (ces coordonnées sont retenues)",
    "quarantaine": "dossier en attente d'une correction par l'équipe nationale",
    "deja_transmis": "déjà transmises à la Cpam ces derniers mois",
    "sans_contact": "ni courriel ni téléphone utilisable (à joindre par vos propres moyens)",
}


@dataclass(frozen=True)
class NoticeLot:
    """What the texts of a lot say about it: no personal data.

    ``cpam``: recipients with a convention in force, by code; ``cpam_sans_convention``: the Caf's other Cpam;
    ``commune``: the Caf is its own Cpam; ``par_cpam``: people by recipient, where there is a file for each.
    """

    mois: Mois
    code_caf: str
    nom_caf: str
    version: int
    remplace: int | None
    lignes: int
    fichiers: tuple[str, ...]
    cpam: dict[str, str]
    commune: bool
    ecartes: dict[str, int]
    a_transmettre_avant: date
    purge_le: date
    mois_certificat: int
    jours_retour: int = 45
    contact: str = ""
    cpam_sans_convention: dict[str, str] = field(default_factory=dict)
    motif: str = ""
    format: Literal["xlsx", "csv"] = "xlsx"
    chiffre: bool = False
    par_cpam: Mapping[str, int] = field(default_factory=dict)


def name_fichier(code_caf: str, mois: Mois, version: int, destinataire: str | None) -> str:
    """Return the name of a person file, without extension: ``PA_<caf>_<AAAAMM>_v<n>[_cpam<code>|_a_repartir]``."""
    suite = {None: "", A_REPARTIR: f"_{A_REPARTIR}"}.get(destinataire, f"_cpam{destinataire}")
    return f"PA_{code_caf}_{mois.compact}_v{version}{suite}"


def build_classeur(lignes: Iterable[Ligne], mois: Mois) -> bytes:
    """Return the workbook of these rows: every cell a text, that no spreadsheet evaluates or shortens."""
    return tableur.build_classeur(
        f"Proches aidants, {mois.libelle}",
        mois.debut,
        "demandeurs",
        zip(COLONNES, _LARGEURS, strict=True),
        lignes,
    )


def build_accuse(notice: NoticeLot) -> bytes:
    """Return the acknowledgement to complete: one line a Cpam, ``;``, UTF-8 with BOM, CRLF for Excel."""
    portail = "interne" if notice.commune else ""
    return tableur.build_csv(
        _ACCUSE,
        (
            (notice.code_caf, notice.mois, notice.version, cpam, nombre, portail, "", "")
            for cpam, nombre in sorted(_count_par_cpam(notice).items())
        ),
    )


def _count_par_cpam(notice: NoticeLot) -> dict[str, int | str]:
    """Return the number of people of each recipient; an empty text where only their Caf will know it."""
    if notice.par_cpam and A_REPARTIR not in notice.par_cpam:
        return dict(notice.par_cpam)
    if len(notice.cpam) == 1 and not notice.cpam_sans_convention:
        return dict.fromkeys(notice.cpam, notice.lignes)
    return dict.fromkeys(notice.cpam, "")


def build_suspendu(mois: Mois, nom_caf: str, version: int) -> bytes:
    """Return what stands beside a version that is not to be sent until the national team has decided."""
    return write_notice(_ICI / "SUSPENDU.txt.j2", mois=mois, nom_caf=nom_caf, version=version)


def build_information(notice: NoticeLot) -> bytes:
    """Return what a Cpam says at its first call, and the notice to the people (RGPD, articles 13 and 14)."""
    return write_notice(_ICI / f"{INFORMATION}.j2", notice=notice)


def build_lisezmoi(notice: NoticeLot) -> bytes:
    """Return what the referent of the Caf reads first: what to do, by when, and the law."""
    par_cpam = any(f"_{prefixe}" in nom for nom in notice.fichiers for prefixe in ("cpam", A_REPARTIR))
    return write_notice(
        _ICI / "LISEZMOI.txt.j2",
        notice=notice,
        ecarts=[(_ECARTS[code], nombre) for code, nombre in sorted(notice.ecartes.items())],
        accuse=f"ACCUSE_{notice.code_caf}_{notice.mois.compact}.csv",
        seule=len(notice.cpam) + len(notice.cpam_sans_convention) == 1,
        par_cpam=par_cpam,
        a_repartir=A_REPARTIR if any(A_REPARTIR in nom for nom in notice.fichiers) else "",
    )
