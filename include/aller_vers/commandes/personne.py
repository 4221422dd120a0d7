"""The command ``personne``: access and rectification, for one person whose identifier is read and never said."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from getpass import getpass, getuser
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``personne``."""
    commande = commandes.add_parser(
        "personne",
        help="droit d'accès et de rectification d'une personne, dont l'identifiant est lu sur l'entrée standard",
        description="Lit un identifiant (id_personne) sur l'entrée standard, sans jamais l'écrire dans un journal. "
        "L'opposition a sa propre commande.",
    )
    acte = commande.add_mutually_exclusive_group(required=True)
    acte.add_argument(
        "--acces", action="store_true",
        help="dit ce qui est détenu d'elle, où, depuis quand, remis à qui et jusqu'à quand",
    )  # fmt: skip
    acte.add_argument(
        "--rectification", action="store_true",
        help="reprend à la source, que la Caf a corrigée, ses coordonnées ; refait les lots qui la tenaient",
    )  # fmt: skip
    commande.add_argument(
        "--sortie",
        type=Path,
        help="avec --acces, fichier à écrire, lisible de vous seul ; par défaut l'écran",
    )
    commande.set_defaults(action=_serve)


def _serve(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.destruction.oppositions import read_identifiants

    if sys.stdin.isatty():  # typed without an echo: a screen is read over a shoulder
        lus = read_identifiants([getpass("Identifiant de la personne (id_personne) : ")])
    else:
        lus = read_identifiants(sys.stdin)
    if len(lus) != 1:
        raise ErreurAllerVers(
            f"{count(len(lus), 'identifiant')} : une demande concerne une personne.", "n'en donner qu'un."
        )
    if choix.acces:
        _give_access(lus[0], choix.sortie)
    else:
        _rectify(console, lus[0])


def _give_access(identifiant: str, sortie: Path | None) -> None:
    from aller_vers.commandes.connexions import load_reglages_du_poste, open_base
    from aller_vers.destruction.personne import load_acces, write_acces
    from aller_vers.pilotage.lectures import Lecture, record_lecture
    from aller_vers.socle.calendrier import PARIS

    reglages = load_reglages_du_poste()
    with open_base("av_pilotage") as pilotage:  # who read, and when; never of whom
        record_lecture(pilotage, Lecture(getuser(), "acces"))
    with open_base("av_entrepot") as entrepot:
        acces = load_acces(entrepot, reglages, identifiant)
    texte = write_acces(acces, reglages, datetime.now(PARIS).date())
    if sortie is None:
        sys.stdout.write(texte)
    else:
        write_sortie(sortie, texte.encode(), secrete=True)


def _rectify(console: Console, identifiant: str) -> None:
    from aller_vers.commandes.connexions import (
        find_secret_lot,
        load_reglages_du_poste,
        open_base,
        open_partage,
    )
    from aller_vers.destruction.personne import rectify

    reglages = load_reglages_du_poste()
    with open_base("av_source") as source:
        bilan = rectify(
            lambda: open_base("av_entrepot"), source, open_partage(), reglages, datetime.now(UTC), identifiant,
            find_secret_lot,
        )  # fmt: skip
    console.print(
        f"Mois qui la tiennent : {bilan.mois} ; corrigés : {bilan.corriges} ; lots refaits : {bilan.lots}. "
        "Chaque Caf concernée en reçoit l'avis."
    )
    if bilan.inconnus:
        console.print(f"{count(bilan.inconnus, 'mois')} que la source ne redonne plus : rien n'y est changé.")
    if bilan.echecs:
        raise ErreurAllerVers(
            f"{count(len(bilan.echecs), 'lot')} à refaire ({', '.join(bilan.echecs)}) : "
            f"{next(iter(bilan.echecs.values()))}",
            "corriger la cause, puis relancer la commande : elle achève ce qui manque.",
            passagere=True,
        )
