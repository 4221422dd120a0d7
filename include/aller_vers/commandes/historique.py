"""The command ``reprendre-historique``: aggregates of years past, counted in one pass at the source."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from rich.console import Console

from aller_vers.socle.mois import Mois


def add_commandes(commandes: Any) -> None:
    """Add ``reprendre-historique``."""
    commande = commandes.add_parser(
        "reprendre-historique",
        help="compte à la source les mois d'avant, pour les cumuls « depuis l'origine »",
        description="Compte à la source, en une passe et sans qu'aucune personne n'en sorte, ce que les indicateurs "
        "cumulent depuis l'origine. Un mois déjà calculé garde ses mesures. Se relance sans risque.",
    )
    commande.add_argument("--depuis", type=Mois.parse, required=True, metavar="AAAA-MM", help="premier mois")
    commande.set_defaults(action=_resume)


def _resume(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.indicateurs import load_dictionnaire
    from aller_vers.indicateurs.historique import resume_historique
    from aller_vers.socle.calendrier import PARIS
    from aller_vers.socle.francais import write_de
    from aller_vers.socle.referentiel import load_caf
    from aller_vers.socle.reglages import load_reglages

    dernier = Mois.last_complete(datetime.now(PARIS).date())
    with open_base("av_source") as source, open_base("av_entrepot") as entrepot:
        mois = resume_historique(
            source, entrepot, choix.depuis, dernier, load_reglages(), load_dictionnaire(), tuple(load_caf())
        )
    repris = f"{write_de(mois[0].libelle)} à {mois[-1].libelle}" if mois else "tous sont déjà calculés"
    console.print(f"Mois repris : {len(mois)}, {repris}.")
