"""The commands ``opposition`` and ``trace``; what they do is imported when one is chosen."""

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
from aller_vers.socle.mois import Mois
from aller_vers.socle.sorties import write_sortie

Commandes = Any  # argparse's own type of subparsers is private


def add_commandes(commandes: Commandes) -> None:
    """Add ``opposition`` and ``trace``."""
    commandes.add_parser(
        "opposition",
        help="enregistre l'opposition de personnes, dont les identifiants sont lus sur l'entrée standard",
        description="Lit un identifiant (id_personne) par ligne sur l'entrée standard, sans jamais l'afficher ni "
        "l'écrire : seule son empreinte à clé est gardée. Le DAG oppositions détruit ensuite partout.",
    ).set_defaults(action=_oppose)
    trace = commandes.add_parser("trace", help="vérifie, scelle ou exporte la trace des échanges")
    actes = trace.add_subparsers(dest="acte", metavar="ACTE", required=True)
    verifier = actes.add_parser(
        "verifier", help="vérifie les chaînes et les sceaux ; code 1 si la trace est altérée"
    )
    verifier.add_argument("--mois", help="AAAA-MM ; par défaut tous")
    verifier.set_defaults(action=_verify)
    actes.add_parser(
        "etats", help="écrit les états d'un lot : le diagramme de la documentation, la condition de la base"
    ).set_defaults(action=_show_etats)
    actes.add_parser("sceller", help="scelle le dernier mois complet").set_defaults(action=_seal)
    rayer = actes.add_parser(
        "rayer",
        help="raye la raison d'un événement, qui nomme quelqu'un ; la chaîne tient, et dit qui a rayé",
        description="La raison quitte la trace et les avis qui la répètent. Ce qui est déjà parti par courriel, ou "
        "posé sur le partage, n'est pas repris.",
    )
    rayer.add_argument("--evenement", type=int, required=True, help="son numéro, que trace exporter donne")
    rayer.set_defaults(action=_strike)
    exporter = actes.add_parser("exporter", help="écrit la trace d'un lot, d'une Caf ou d'un mois")
    quoi = exporter.add_mutually_exclusive_group(required=True)
    quoi.add_argument("--lot", help="CAF/AAAA-MM, par exemple 831/2025-06")
    quoi.add_argument("--caf", help="code de la Caf")
    quoi.add_argument("--mois", help="AAAA-MM")
    exporter.add_argument("--format", choices=["csv", "json"], default="csv", help="par défaut csv")
    exporter.add_argument("--sortie", type=Path, help="fichier à écrire ; par défaut la sortie standard")
    exporter.set_defaults(action=_export)


def _show_etats(console: Console, _: argparse.Namespace) -> None:
    from aller_vers.suivi.etats import build_check, draw_diagram

    console.print(f"{draw_diagram()}\n\n{build_check()}")


def _oppose(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import load_reglages_du_poste, open_base
    from aller_vers.destruction.oppositions import (
        count_a_la_source,
        count_dans_les_tables,
        read_identifiants,
        record_oppositions,
    )

    if sys.stdin.isatty():  # typed without an echo: a screen is read over a shoulder
        lus = read_identifiants([getpass("Identifiant de la personne (id_personne) : ")])
    else:
        lus = read_identifiants(sys.stdin)
    with open_base("av_pilotage") as pilotage:
        neuves = record_oppositions(pilotage, load_reglages_du_poste(), lus)
    console.print(
        f"{count(neuves, 'opposition enregistrée', feminin=True)} ; "
        f"{count(len(lus) - neuves, 'déjà connue', feminin=True)}, à rechercher de nouveau. "
        "Le DAG oppositions les traite toutes les heures ; le déclencher pour ne pas attendre."
    )
    # Kept already: a database that does not answer takes nothing away from an objection.
    for lieu, nom, compter in (
        ("dans les tables", "av_entrepot", count_dans_les_tables),
        ("à la source", "av_source", count_a_la_source),
    ):
        try:
            with open_base(nom) as base:
                trouvees = compter(base, lus)
        except ErreurAllerVers as erreur:
            texte = f"Non cherchées {lieu} : {erreur.constat}"
        else:
            texte = f"Trouvées {lieu} : {trouvees} sur {len(lus)}."
            if lieu == "à la source" and trouvees < len(lus):
                texte += (
                    f" {count(len(lus) - trouvees, 'identifiant inconnu')} : vérifier la saisie ; l'opposition est "
                    "gardée, et vaudra si la personne apparaît un prochain mois."
                )
        console.print(texte)


def _verify(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.suivi.trace import list_sceaux, require_intact, verify_trace

    mois = [str(Mois.parse(choix.mois))] if choix.mois else []
    with open_base("av_pilotage") as pilotage:
        anomalies = verify_trace(pilotage, *mois)
        sceaux = list_sceaux(pilotage)
    require_intact(anomalies)
    for pour, empreinte in sceaux:
        console.print(f"Sceau {pour} : {empreinte}")
    console.print("La trace est intacte. Comparer ses sceaux avec ceux reçus par courriel.")


def _seal(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.suivi.trace import seal

    with open_base("av_entrepot") as entrepot:
        pour = seal(entrepot, datetime.now(UTC))
    console.print(
        f"Trace scellée pour {pour}." if pour else "Rien à sceller : le mois l'est déjà, ou rien n'a bougé."
    )


def _strike(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.suivi.trace import strike_motif

    with open_base("av_entrepot") as entrepot:
        neuve = strike_motif(entrepot, choix.evenement, getuser())
    console.print("Raison rayée." if neuve else "Cette raison était déjà rayée.")


def _export(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.suivi.trace import export, load_evenements

    code_caf, mois = choix.caf, choix.mois
    if choix.lot:
        code_caf, _, mois = choix.lot.partition("/")
    mois = str(Mois.parse(mois)) if mois is not None else None
    with open_base("av_pilotage") as pilotage:
        evenements = load_evenements(pilotage, mois, code_caf)
    if not evenements:
        raise ErreurAllerVers(
            "La trace n'a aucun événement pour ce choix.", "vérifier le code de la Caf et le mois (AAAA-MM)."
        )
    octets = export(evenements, choix.format)
    if choix.sortie is None:
        sys.stdout.buffer.write(octets)
        return
    write_sortie(choix.sortie, octets)
    console.print(f"{count(len(evenements), 'événement écrit')} dans {choix.sortie}.")
