"""The laptop's commands as ``python -m aller_vers`` reads them; what they do is imported when one is chosen."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

Commandes = Any  # argparse's own type of subparsers is private


def add_commandes(commandes: Commandes) -> None:
    """Add ``run``, ``ui``, ``stop`` and ``clean``."""
    mois = commandes.add_parser("run", help="fait passer un mois, de la requête aux indicateurs")
    mois.add_argument("--mois", help="AAAA-MM ; par défaut le dernier mois complet")
    mois.add_argument("--a-blanc", action="store_true", help="compte et juge, ne dépose rien")
    mois.set_defaults(action=_run)
    for nom, aide in (
        ("ui", "démarre Airflow et le laisse ouvert"),
        ("stop", "arrête tout"),
        ("clean", "arrête tout et efface les données"),
    ):
        commandes.add_parser(nom, help=aide).set_defaults(action=_act)


def _run(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes import mois_sur_le_poste as commandes

    commandes.run(console, choix.mois or None, a_blanc=choix.a_blanc)


def _act(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes import mois_sur_le_poste as commandes

    {"ui": commandes.ui, "stop": commandes.stop, "clean": commandes.clean}[choix.commande](console)
