"""The command ``quarantaine``: what was received and may hold somebody's data, and a person's decision on it."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import Console


def add_commandes(commandes: Any) -> None:
    """Add ``quarantaine``."""
    commande = commandes.add_parser(
        "quarantaine",
        help="liste les fichiers reçus qui attendent une décision ; en admet ou en détruit un",
        description="Un fichier reçu qui contient peut-être une donnée personnelle attend ici, fermé à la Caf. Sans "
        "décision, il est détruit. Admis, il est relu à la prochaine réception.",
    )
    acte = commande.add_mutually_exclusive_group()
    acte.add_argument("--admettre", metavar="CAF/FICHIER", help="il ne contient rien d'une personne")
    acte.add_argument("--detruire", metavar="CAF/FICHIER", help="il contient des données d'une personne")
    commande.set_defaults(action=_decide)


def _decide(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_partage
    from aller_vers.retours.fichiers import quarantaine
    from aller_vers.socle.francais import write_instant
    from aller_vers.socle.reglages import load_reglages

    lieu, partage = quarantaine.Quarantaine.of(load_reglages()), open_partage()
    if choix.admettre:
        quarantaine.admit(partage, lieu, choix.admettre)
        lignes = ["Admis : la prochaine réception le relit."]
    elif choix.detruire:
        quarantaine.destroy(partage, lieu, choix.detruire)
        lignes = ["Détruit."]
    else:
        attendent = quarantaine.list_ecartes(partage, lieu)
        lignes = [f"{e.cle}  (jusqu'au {write_instant(e.jusqu_a)})" for e in attendent] or ["Rien n'attend."]
    for ligne in lignes:
        console.print(ligne)
