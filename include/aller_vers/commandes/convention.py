"""``convention``: the draft that a Caf and a Cpam complete and sign."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.francais import count


def add_commandes(commandes: Any) -> None:
    """Add ``convention``."""
    convention = commandes.add_parser(
        "convention", help="écrit le projet de convention d'une Caf et d'une Cpam, à compléter et à signer"
    )
    convention.add_argument("caf", metavar="CAF", help="code de la Caf, par exemple 831")
    convention.add_argument("cpam", metavar="CPAM", help="code de la Cpam, par exemple 831")
    convention.add_argument(
        "--sortie", type=Path, default=Path(), help="dossier où l'écrire ; par défaut ici"
    )
    convention.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.rapports.convention import write_convention
    from aller_vers.socle.reglages import load_reglages
    from aller_vers.socle.sorties import write_sortie

    octets, restent = write_convention(choix.caf, choix.cpam, load_reglages())
    fichier = choix.sortie / f"CONVENTION_{choix.caf}_{choix.cpam}.docx"
    write_sortie(fichier, octets)
    console.print(
        f"Écrit : {fichier}, {count(restent, 'passage')} à écrire. Une fois signée, porter sa date, ses signataires et "
        "sa référence dans convention.csv.",
        highlight=False,
        soft_wrap=True,
    )
