"""The files of a lot, as bytes: the same content gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import xlsxwriter

from aller_vers.lots.contenu import A_REPARTIR, COLONNES, Ligne
from aller_vers.socle.mois import Mois

SANS_CONVENTION = "sans_convention"
_LARGEURS = (36, 20, 12)
_MOTIFS = {
    "opposition": "opposition à être contacté (ces coordonnées n'ont pas quitté le système source)",
    "affiliation_terminee": "affiliation à votre Caf terminée",
    SANS_CONVENTION: "Cpam sans convention en vigueur (ces coordonnées sont retenues)",
    "quarantaine": "dossier en attente d'une correction par l'équipe nationale",
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
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(
        tampon,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    classeur.set_properties(
        {"title": f"Proches aidants, {mois.libelle}", "created": datetime(mois.annee, mois.numero, 1)}
    )
    texte = classeur.add_format({"num_format": "@"})
    entete = classeur.add_format({"num_format": "@", "bold": True})
    feuille = classeur.add_worksheet("demandeurs")
    for rang, (nom, largeur) in enumerate(zip(COLONNES, _LARGEURS, strict=True)):
        feuille.set_column(rang, rang, largeur, texte)
        feuille.write_string(0, rang, nom, entete)
    feuille.freeze_panes(1, 0)
    for rangee, ligne in enumerate(lignes, start=1):
        for rang, valeur in enumerate(ligne):
            feuille.write_string(rangee, rang, valeur, texte)
    classeur.close()
    return tampon.getvalue()


def build_accuse(notice: NoticeLot) -> bytes:
    """Return the acknowledgement to complete: one line a Cpam, ``;``, UTF-8 with BOM, CRLF for Excel."""
    portail = "interne" if notice.commune else ""
    lignes = ["code_caf;mois;version;cpam;lignes;portail;date_transmission;reference"]
    lignes += [
        f"{notice.code_caf};{notice.mois};{notice.version};{cpam};{nombre};{portail};;"
        for cpam, nombre in sorted(_count_par_cpam(notice).items())
    ]
    return ("\r\n".join(lignes) + "\r\n").encode("utf-8-sig")


def _count_par_cpam(notice: NoticeLot) -> dict[str, int | str]:
    """Return the number of people of each recipient; an empty text where only their Caf will know it."""
    if notice.par_cpam and A_REPARTIR not in notice.par_cpam:
        return dict(notice.par_cpam)
    if len(notice.cpam) == 1 and not notice.cpam_sans_convention:
        return dict.fromkeys(notice.cpam, notice.lignes)
    return dict.fromkeys(notice.cpam, "")


def build_suspendu(mois: Mois, nom_caf: str, version: int) -> bytes:
    """Return what stands beside a version that is not to be sent until the national team has decided."""
    lignes = [
        f"ALLER VERS LES PROCHES AIDANTS - {mois.libelle}",
        f"{nom_caf} : LOT SUSPENDU",
        "",
        f"Une nouvelle extraction de ce mois est en cours de vérification. La version {version}, ci-contre :",
        "  - n'est pas encore transmise : ne la transmettez pas ;",
        "  - est déjà transmise : il n'y a rien à faire.",
        "Ce fichier disparaît quand la suspension est levée, ou qu'une nouvelle version remplace celle-ci.",
    ]
    return ("\r\n".join(lignes) + "\r\n").encode("utf-8-sig")


def build_lisezmoi(notice: NoticeLot) -> bytes:
    """Return what the referent of the Caf reads first: what to do, by when, and the law."""
    return ("\r\n".join(_lisezmoi(notice)) + "\r\n").encode("utf-8-sig")


def _lisezmoi(notice: NoticeLot) -> list[str]:
    cpam = [f"  - {code} {nom}" for code, nom in sorted(notice.cpam.items())]
    remplace = [
        f"Ce lot remplace la version {notice.remplace}, à ne plus utiliser.",
        *([f"Pourquoi : {notice.motif}."] if notice.motif else []),
        f"Si la version {notice.remplace} est déjà transmise, prévenez la Cpam : elle détruit l'ancien fichier et",
        "n'emploie que celui-ci.",
        "",
    ]
    return [
        f"ALLER VERS LES PROCHES AIDANTS - {notice.mois.libelle}",
        f"{notice.nom_caf} ({notice.code_caf}), version {notice.version}",
        "",
        *(remplace if notice.remplace else []),
        f"Personnes qui ont demandé une AJPA ou une AJPP et peuvent être contactées : {notice.lignes}",
        *(f"  - {nom}" for nom in notice.fichiers),
        *_ouverture(notice),
        "",
        *_consigne(notice, cpam),
        "",
        "PERSONNES QUI NE SONT PAS DANS LE LOT",
        *([f"  - {_MOTIFS[motif]} : {n}" for motif, n in sorted(notice.ecartes.items())] or ["  - aucune"]),
        "",
        "RAPPEL",
        "Ces données sont protégées par le secret professionnel. Elles servent à lutter contre le non-recours et à",
        "informer les personnes de leurs droits (article L.114-12 du code de la sécurité sociale ; article L.114-8 II",
        "du code des relations entre le public et l'administration), et à rien d'autre.",
        "La Cpam les détruit au plus tard un mois après traitement (IT 2025-098, §2.2).",
        "Ne recopiez pas ce fichier ailleurs. Une personne qui s'oppose : prévenez aussitôt l'équipe nationale.",
        f"Ce dossier sera vidé au plus tard le {notice.purge_le:%d/%m/%Y}.",
    ]


def _ouverture(notice: NoticeLot) -> list[str]:
    lignes = []
    if notice.chiffre:
        lignes += [
            "    Chaque fichier est un zip chiffré (AES-256), à ouvrir avec 7-Zip ; son mot de passe est celui que",
            "    l'équipe nationale vous a remis par un autre canal. Donnez-le à la Cpam par un autre canal aussi.",
        ]
    if notice.format == "csv":
        lignes += [
            "    Pour l'ouvrir dans Excel sans perdre de zéros : Données, À partir d'un fichier texte/CSV, et le type",
            "    Texte pour les trois colonnes. Une valeur qui commencerait par = + - ou @ est précédée de '.",
        ]
    return lignes


def _consigne(notice: NoticeLot, cpam: list[str]) -> list[str]:
    accuse = f"ACCUSE_{notice.code_caf}_{notice.mois.compact}.csv"
    echeance = f"À FAIRE AU PLUS TARD LE {notice.a_transmettre_avant:%d/%m/%Y}"
    if notice.lignes == 0:
        return [
            "À FAIRE",
            "Rien, pas même l'accusé : ce mois n'a personne à transmettre. Un mois vide est normal.",
        ]
    if notice.commune:
        return [
            echeance,
            "1. Remettez le fichier au service Maladie de votre caisse, qui est aussi la Cpam.",
            f"2. Complétez {accuse} (portail : interne) et déposez-le dans le dossier retours/ de votre Caf.",
        ]
    sans_convention = [
        f"   Sans convention en vigueur, n'envoyez rien à : {code} {nom}."
        for code, nom in sorted(notice.cpam_sans_convention.items())
    ]
    seule = len(cpam) + len(sans_convention) == 1
    if seule:
        envoi = ["Envoyez le fichier par le portail BlueFiles ou PEPS, et par aucun autre moyen, à :"]
    else:
        par_cpam = any(f"_{prefixe}" in nom for nom in notice.fichiers for prefixe in ("cpam", A_REPARTIR))
        a_diviser = f"le fichier {A_REPARTIR}" if par_cpam else "le fichier"
        envoi = [
            f"Répartissez {a_diviser} entre vos Cpam, d'après le code postal de chaque personne.",
            "Envoyez à chaque Cpam ses seules personnes, par BlueFiles ou PEPS et par aucun autre moyen :",
        ]
        if par_cpam and not any(A_REPARTIR in nom for nom in notice.fichiers):
            envoi = ["Envoyez à chaque Cpam son fichier, par BlueFiles ou PEPS et par aucun autre moyen :"]
    retour = f"Complétez {accuse} et déposez-le dans le dossier retours/ de votre Caf."
    if not seule:
        retour = (
            f"Complétez {accuse}, une ligne par Cpam avec le nombre de personnes envoyées, et déposez-le dans le "
            "dossier retours/ de votre Caf."
        )
    numerotees = [f"{rang}. {texte}" for rang, texte in enumerate((*envoi, retour), start=1)]
    return [echeance, *numerotees[:-1], *cpam, *sans_convention, numerotees[-1]]
