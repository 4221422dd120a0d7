"""``modeles-mesures``: the templates of the declared measures, in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.mesures.modeles import build_modeles
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``modeles-mesures``."""
    modeles = commandes.add_parser(
        "modeles-mesures", help="écrit les modèles des fichiers de mesures déclarées"
    )
    modeles.add_argument(
        "--sortie", type=Path, required=True, metavar="DOSSIER", help="dossier où écrire les modèles"
    )
    modeles.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    dossier: Path = choix.sortie
    if not dossier.is_dir():
        raise ErreurAllerVers(f"Le dossier {dossier} n'existe pas.", "le créer, ou en donner un autre.")
    for nom, octets in build_modeles(load_mesures_declarees().values()).items():
        write_sortie(dossier / nom, octets)
        console.print(f"Écrit : {dossier / nom}", highlight=False, soft_wrap=True)
