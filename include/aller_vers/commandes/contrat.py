"""``contrat``: the contract of the source and the dictionary, as open data contracts."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.erreurs import ErreurAllerVers


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
        try:
            choix.sortie.mkdir(parents=True, exist_ok=True)
            fichier.write_text(write_yaml(contrat), encoding="utf-8")
        except OSError as erreur:
            raise ErreurAllerVers(
                f"Le contrat ne s'écrit pas dans {choix.sortie} ({erreur.strerror}).",
                "donner un autre dossier.",
            ) from None
        console.print(f"Écrit : {fichier}", highlight=False, soft_wrap=True)
