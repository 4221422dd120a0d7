"""``registre``: the register sheets, of the nation and each Caf, in a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.lots.fiche_de_registre import NATIONALE, build_classeur, build_fiche
from aller_vers.socle.francais import count
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``registre``: the sheets as files."""
    registre = commandes.add_parser(
        "registre", help="écrit les fiches du registre des traitements : chaque Caf et la nation, ou une Caf"
    )
    registre.add_argument("--caf", default="", help="code d'une Caf ; sans lui, toutes et la fiche nationale")
    registre.add_argument("--sortie", required=True, type=Path, help="dossier où écrire les fiches")
    registre.set_defaults(action=_export)


def _export(console: Console, choix: argparse.Namespace) -> None:
    codes = [choix.caf] if choix.caf else [NATIONALE, *load_caf()]
    fiches = [build_fiche(code, load_reglages()) for code in codes]
    for fiche in fiches:
        write_sortie(choix.sortie / fiche.nom, build_classeur(fiche))
    console.print(
        f"{count(len(fiches), 'fiche', feminin=True)} du registre dans {choix.sortie}", soft_wrap=True
    )
