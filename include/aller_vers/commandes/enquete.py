"""``enquete``: the answers of a survey raked to the population, with their margin."""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.fichiers_edites import read_texte, refuse
from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``enquete``."""
    enquete = commandes.add_parser(
        "enquete",
        help="redresse les réponses d'une enquête sur la population, et en dit la marge d'erreur",
        description="Lit des réponses sans identité (une ligne par répondant) et les marges de la population "
        "(strate;modalite;population), met de côté ce qui est en double ou se contredit, redresse deux fois, et "
        "écrit chaque part avant et après, son effet de plan et sa marge. Trop peu de réponses : aucun chiffre.",
    )
    enquete.add_argument(
        "--code", default="satisfaction", help="enquête de include/configuration/enquetes.yml"
    )
    enquete.add_argument("--reponses", type=Path, required=True, metavar="FICHIER", help="CSV des réponses")
    enquete.add_argument("--marges", type=Path, required=True, metavar="FICHIER", help="CSV de la population")
    enquete.add_argument("--sortie", type=Path, required=True, metavar="FICHIER", help="CSV à écrire")
    enquete.set_defaults(action=_rake)


def _rake(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.mesures import enquetes

    enquete = enquetes.find_enquete(choix.code)
    retenues = enquetes.sort_reponses(enquete, _read(choix.reponses))
    marges = enquetes.read_marges(_read(choix.marges))
    write_sortie(choix.sortie, enquetes.build_tableau(enquetes.compute_resultats(enquete, retenues, marges)))
    for phrase in (*enquetes.describe(enquete, retenues, marges), f"Écrit : {choix.sortie}"):
        console.print(phrase)


def _read(fichier: Path) -> list[dict[str, str]]:
    lecteur = csv.DictReader(
        io.StringIO(read_texte(fichier), newline=""), delimiter=";", restval="", strict=True
    )
    try:
        return [{cle: (valeur or "").strip() for cle, valeur in ligne.items() if cle} for ligne in lecteur]
    except csv.Error:
        quoi = f"ligne {lecteur.line_num} : ses guillemets ne se ferment pas, ou sa cellule est trop longue"
        raise refuse(fichier, quoi, "corriger cette ligne.") from None
