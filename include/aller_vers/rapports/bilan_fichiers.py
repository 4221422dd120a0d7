"""The text of a year as files, from the marts for its own reader, from what is published for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.publication import read_cases
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.valeurs import read_valeurs
from aller_vers.rapports.bilan import (
    CODES,
    BilanAnnuel,
    LecteurDuBilan,
    build_bilan,
    describe,
    write_document,
)
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.gabarits import write_html
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages


def build_fichiers(
    pilotage: Connection,
    annee: int,
    lecteur: LecteurDuBilan,
    territoires: Sequence[str],
    nom: str,
    reglages: Reglages,
) -> dict[str, bytes]:
    """Return the document and the page of the year of one territory or of several together, by the name of their file.

    Raises:
        ErreurAllerVers: the year has no figure of them.
    """
    cases = read_annee(pilotage, annee, lecteur, territoires)
    if not cases:
        quoi = "Rien n'est publié" if lecteur.publie else "Aucun chiffre n'est calculé"
        raise ErreurAllerVers(f"{quoi} de {annee}, {lecteur.nom}.", "vérifier l'année et la caisse.")
    bilan = build_bilan(annee, lecteur, cases, load_dictionnaire(), reglages.seuil_diffusion)
    return write_bilan(bilan, f"bilan_{annee}_{nom}" + "_publie" * lecteur.publie)


def write_bilan(bilan: BilanAnnuel, nom: str) -> dict[str, bytes]:
    """Return the document and the page of a text, by the name of their file."""
    return {f"{nom}.docx": write_document(bilan), f"{nom}.html": write_page(bilan)}


def read_annee(
    pilotage: Connection, annee: int, lecteur: LecteurDuBilan, territoires: Sequence[str]
) -> list[Case]:
    """Return what this reader may see of the months of a year."""
    janvier, decembre = Mois(annee, 1), Mois(annee, 12)
    if lecteur.publie:
        return [
            c for c in read_cases(pilotage, janvier, decembre)
            if c.valeur.niveau == lecteur.niveau and c.valeur.territoire in territoires and c.valeur.code in CODES
        ]  # fmt: skip
    valeurs = read_valeurs(pilotage, janvier, decembre, [lecteur.niveau], list(territoires), list(CODES))
    return [Case(v, v.statut) for v in valeurs]


def write_page(bilan: BilanAnnuel) -> bytes:
    """Return the text as a page that prints well."""
    return write_html(Path(__file__).with_name("bilan.html.j2"), bilan=bilan, describe=describe)
