"""``contrat``: the contract of the source and the dictionary, as open data contracts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``contrat``."""
    contrat = commandes.add_parser(
        "contrat", help="écrit le contrat de la source et le dictionnaire comme contrats de données (ODCS)"
    )
    contrat.add_argument("--sortie", type=Path, required=True, help="dossier où écrire les deux fichiers")
    contrat.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.exploitation.contrat_ouvert import (
        build_contrat_indicateurs,
        build_contrat_source,
        write_yaml,
    )

    for nom, contrat in (("source", build_contrat_source()), ("indicateurs", build_contrat_indicateurs())):
        fichier = choix.sortie / f"{nom}.odcs.yaml"
        write_sortie(fichier, write_yaml(contrat).encode())
        console.print(f"Écrit : {fichier}", highlight=False, soft_wrap=True)
