"""``preuve``: the evidence of a lot, or of each lot of a month, as archives."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console

from aller_vers.commandes.documents import add_sortie
from aller_vers.socle.mois import Mois


def add_commandes(commandes: Any) -> None:
    """Add ``preuve``."""
    preuve = commandes.add_parser(
        "preuve",
        help="écrit la preuve d'un lot, ou de chaque lot d'un mois : une archive que chacun vérifie",
        description="Écrit une archive par lot : manifestes, accusés, retours, certificats, trace scellée, fiche du "
        "registre, et une page qui le raconte ; aucune personne. outils/verifier_preuve.py la vérifie sans ce projet.",
    )
    quoi = preuve.add_mutually_exclusive_group(required=True)
    quoi.add_argument("--lot", help="CAF/AAAA-MM, par exemple 831/2025-06")
    quoi.add_argument("--mois", help="AAAA-MM : tous les lots du mois")
    preuve.add_argument("--anonyme", action="store_true", help="ne dit ni qui a agi, ni pourquoi")
    add_sortie(preuve, ici=True)
    preuve.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import load_reglages_du_poste, open_base
    from aller_vers.rapports.dossier_de_preuve import list_lots, write_archives
    from aller_vers.socle.erreurs import ErreurAllerVers

    code_caf, _, texte = choix.lot.partition("/") if choix.lot else ("", "", choix.mois)
    mois = Mois.parse(texte)
    with open_base("av_pilotage") as pilotage:
        codes = [code_caf] if choix.lot else list_lots(pilotage, mois)
        ecrites, sans = write_archives(
            pilotage, load_reglages_du_poste(), mois, codes, choix.sortie, anonyme=choix.anonyme
        )
    for nom, empreinte in ecrites.items():
        console.print(f"{choix.sortie / nom} : empreinte {empreinte}")
    for constat in sans:
        console.print(constat)
    if not ecrites:
        raise ErreurAllerVers(
            f"Aucune preuve pour {mois}.", "vérifier le mois, et que ses lots sont déposés puis scellés."
        )
    console.print(
        "Donner l'empreinte par un autre canal que l'archive ; vérifier par outils/verifier_preuve.py."
    )
