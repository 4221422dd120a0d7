"""``enquete``: the answers of a survey raked to the population, with their margin."""

from __future__ import annotations

import argparse
import csv
import io
from dataclasses import astuple, fields
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.erreurs import ErreurAllerVers
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
    from aller_vers.mesures.enquetes import Resultat, compute_resultats, load_enquetes, sort_reponses
    from aller_vers.socle.francais import count, write_part
    from aller_vers.socle.tableur import build_csv

    enquetes = load_enquetes()
    if choix.code not in enquetes:
        raise ErreurAllerVers(
            f"L'enquête {choix.code[:40]} n'est pas déclarée.",
            "la déclarer dans include/configuration/enquetes.yml.",
        )
    enquete = enquetes[choix.code]
    retenues = sort_reponses(enquete, _read(choix.reponses))
    marges: dict[str, dict[str, float]] = {}
    for ligne in _read(choix.marges):
        try:
            marges.setdefault(ligne["strate"], {})[ligne["modalite"]] = float(int(ligne["population"]))
        except (KeyError, ValueError):
            raise ErreurAllerVers(
                f"Le fichier {choix.marges} n'a pas la forme strate;modalite;population.", "le corriger."
            ) from None
    resultats = compute_resultats(enquete, retenues, marges)
    rangees = (
        [f"{v:.4f}".replace(".", ",") if isinstance(v, float) else "" if v is None else v for v in astuple(r)]
        for r in resultats
    )
    write_sortie(choix.sortie, build_csv([f.name for f in fields(Resultat)], rangees))
    completes = sum(all(r.get(q.code) for q in enquete.questions) for r in retenues.reponses)
    console.print(
        f"{count(retenues.recues, 'réponse reçue', feminin=True)}, {count(retenues.doublons, 'doublon')}, "
        f"{count(sum(retenues.contradictoires.values()), 'contradiction', feminin=True)}, "
        f"{count(completes, 'réponse complète', feminin=True)} "
        f"({write_part(completes / next(iter({sum(m.values()) for m in marges.values()})))} de la population).",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    for regle, nombre in sorted(retenues.contradictoires.items()):
        console.print(f"Mises de côté, {regle} : {nombre}", highlight=False, soft_wrap=True)
    console.print(f"Écrit : {choix.sortie}", highlight=False, soft_wrap=True)


def _read(fichier: Path) -> list[dict[str, str]]:
    try:
        texte = fichier.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise ErreurAllerVers(f"Le fichier {fichier} ne se lit pas.", "le donner en CSV, UTF-8.") from None
    lignes = csv.DictReader(io.StringIO(texte, newline=""), delimiter=";", restval="")
    return [{cle: (valeur or "").strip() for cle, valeur in ligne.items() if cle} for ligne in lignes]
