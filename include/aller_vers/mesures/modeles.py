"""Templates of the files of declared measures: the expected rows, ready to fill, as csv and as xlsx."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import datetime

import xlsxwriter

from aller_vers.mesures.declarees import MesureDeclaree

COLONNES = ("code_cpam", "code_caf", "periode", "mesure", "modalite", "valeur")
_LARGEURS = (12, 12, 12, 40, 30, 14)
_PERIODES = {"mois": "2025-06", "trimestre": "2025-T2", "semestre": "2025-S1", "annee": "2025"}
_NIVEAUX = {
    "caf": "code_caf rempli, code_cpam vide",
    "cpam": "code_cpam rempli, code_caf vide",
    "national": "code_caf et code_cpam vides",
}


def build_modeles(declarees: Iterable[MesureDeclaree]) -> dict[str, bytes]:
    """Return the templates and their notice, by file name; the same list gives the same bytes."""
    mesures = list(declarees)
    lignes = [
        ("", "", "", mesure.code, modalite, "")
        for mesure in mesures
        for modalite in mesure.modalites or ("",)
    ]
    return {
        "modele_mesures.csv": _build_csv(lignes),
        "modele_mesures.xlsx": _build_classeur(lignes),
        "LISEZMOI.txt": _build_notice(mesures),
    }


def _build_csv(lignes: Iterable[tuple[str, ...]]) -> bytes:
    return "".join(f"{';'.join(ligne)}\r\n" for ligne in (COLONNES, *lignes)).encode("utf-8-sig")


def _build_classeur(lignes: Iterable[tuple[str, ...]]) -> bytes:
    tampon = io.BytesIO()
    classeur = xlsxwriter.Workbook(tampon, {"in_memory": True, "strings_to_formulas": False})
    classeur.set_properties({"title": "Mesures déclarées", "created": datetime(2025, 1, 1)})
    texte = classeur.add_format({"num_format": "@"})
    entete = classeur.add_format({"num_format": "@", "bold": True})
    feuille = classeur.add_worksheet("mesures")
    for rang, (nom, largeur) in enumerate(zip(COLONNES, _LARGEURS, strict=True)):
        # Codes and periods are texts: a spreadsheet would take the zero off 061.
        feuille.set_column(rang, rang, largeur, None if nom == "valeur" else texte)
        feuille.write_string(0, rang, nom, entete)
    feuille.freeze_panes(1, 0)
    for rangee, ligne in enumerate(lignes, start=1):
        for rang, valeur in enumerate(ligne):
            if valeur:
                feuille.write_string(rangee, rang, valeur, texte)
    classeur.close()
    return tampon.getvalue()


def _build_notice(mesures: Iterable[MesureDeclaree]) -> bytes:
    lignes = [
        "MESURES DÉCLARÉES",
        "",
        "Remplir une copie de modele_mesures.xlsx ou de modele_mesures.csv, une ligne par caisse, période et modalité,",
        "et la déposer dans le dossier qui contient ce dossier modeles/. Une valeur laissée vide veut dire « non",
        "fourni », ce qui n'est pas zéro. Déposer de nouveau une ligne la remplace ; l'ancienne valeur reste dans",
        "l'historique. Un fichier refusé va dans refuses/, avec la raison. Jamais de donnée sur une personne.",
        "",
    ]
    for mesure in mesures:
        modalites = (
            f" ; modalités : {', '.join(mesure.modalites)}" if mesure.modalites else " ; sans modalité"
        )
        lignes += [
            f"{mesure.code} : {mesure.libelle}.",
            f"    {_NIVEAUX[mesure.niveau]} ; période : {mesure.periode}, écrite {_PERIODES[mesure.periode]}"
            f"{modalites}.",
        ]
    return "".join(f"{ligne}\r\n" for ligne in lignes).encode("utf-8-sig")
