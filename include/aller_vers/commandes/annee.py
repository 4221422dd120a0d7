"""``annee``: a year of the network lived on this laptop, its last month by Airflow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.poste.annee.scenario import FICHIER


def add_commandes(commandes: Any) -> None:
    """Add ``annee``."""
    annee = commandes.add_parser(
        "annee", help="fait vivre dix-huit mois de réseau à ce poste, d'après un scénario"
    )
    annee.add_argument(
        "--scenario", type=Path, default=FICHIER, metavar="FICHIER", help="par défaut, celui du projet"
    )
    annee.set_defaults(action=_live)


def _live(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.annee_sur_le_poste import live

    live(console, choix.scenario)
