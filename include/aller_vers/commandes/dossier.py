"""``dossier``: what a data-protection officer and an auditor ask for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.francais import count


def add_commandes(commandes: Any) -> None:
    """Add ``dossier``."""
    dossier = commandes.add_parser(
        "dossier",
        help="écrit le dossier du délégué à la protection des données : registre, AIPD, flux, durées, mesures",
    )
    dossier.add_argument(
        "--sortie", type=Path, required=True, help="dossier où écrire le document et la page"
    )
    dossier.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.rapports.dossier_dpd import write_fichiers
    from aller_vers.socle.reglages import load_reglages

    ecrits = write_fichiers(load_reglages(), choix.sortie)
    for nom, restent in ecrits.items():
        console.print(
            f"Écrit : {choix.sortie / nom}, {count(restent, 'passage')} à écrire.",
            highlight=False,
            soft_wrap=True,
        )
