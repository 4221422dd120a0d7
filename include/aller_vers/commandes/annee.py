"""``annee`` and ``demo``: a past of the network lived on this laptop, its last month by Airflow."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.poste.annee.scenario import FICHIER


def add_commandes(commandes: Any) -> None:
    """Add ``annee`` and ``demo``."""
    annee = commandes.add_parser(
        "annee", help="fait vivre dix-huit mois de réseau à ce poste, d'après un scénario"
    )
    annee.add_argument(
        "--scenario", type=Path, default=FICHIER, metavar="FICHIER", help="par défaut, celui du projet"
    )
    annee.set_defaults(action=_live)
    demo = commandes.add_parser(
        "demo", help="une démonstration : un passé, Airflow ouvert, quatre comptes, le courrier à lire"
    )
    demo.set_defaults(action=_show)
    for commande, nombre in ((annee, None), (demo, 4)):
        commande.add_argument(
            "--mois", type=_read_nombre, default=nombre, metavar="N",
            help=f"combien de mois, de 2 à 36 ; par défaut {nombre or 'ceux du scénario'}",
        )  # fmt: skip


def _read_nombre(texte: str) -> int:
    if not texte.isdecimal() or not 2 <= int(texte) <= 36:
        raise argparse.ArgumentTypeError("un nombre de mois va de 2 à 36")
    return int(texte)


def _live(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.annee_sur_le_poste import live

    live(console, choix.scenario, choix.mois)


def _show(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.demonstration import show

    show(console, choix.mois)
