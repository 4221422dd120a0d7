"""Commands that write documents in a folder: register sheets, conventions, the officer's file, templates, contracts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.francais import count
from aller_vers.socle.sorties import write_sortie


def add_commandes(commandes: Any) -> None:
    """Add ``registre``, ``convention``, ``dossier``, ``modeles-mesures`` and ``contrat``."""
    for nom, action, aide in (
        ("registre", _export_registre, "écrit les fiches du registre des traitements : chaque Caf et la nation, ou "
         "une Caf"),
        ("convention", _write_convention, "écrit le projet de convention d'une Caf et d'une Cpam, à compléter et à "
         "signer"),
        ("dossier", _write_dossier, "écrit le dossier du délégué à la protection des données : registre, AIPD, flux, "
         "durées, mesures"),
        ("modeles-mesures", _write_modeles, "écrit les modèles des fichiers de mesures déclarées"),
        ("contrat", _write_contrats, "écrit le contrat de la source et le dictionnaire comme contrats de données "
         "(ODCS)"),
    ):  # fmt: skip
        commande = commandes.add_parser(nom, help=aide)
        commande.set_defaults(action=action)
        if nom == "registre":
            commande.add_argument(
                "--caf", default="", help="code d'une Caf ; sans lui, toutes et la fiche nationale"
            )
        if nom == "convention":
            for caisse in ("Caf", "Cpam"):
                commande.add_argument(
                    caisse.lower(), metavar=caisse.upper(), help=f"code de la {caisse}, par exemple 831"
                )
        add_sortie(commande, ici=nom == "convention")


def add_sortie(commande: argparse.ArgumentParser, *, ici: bool = False) -> None:
    """Add ``--sortie``, the folder to write in; ``ici``: the current one by default."""
    aide = "dossier où écrire ; par défaut, celui-ci" if ici else "dossier où écrire"
    commande.add_argument(
        "--sortie", type=Path, required=not ici, default=Path(), metavar="DOSSIER", help=aide
    )


def write_fichiers(console: Console, fichiers: Mapping[Path, bytes]) -> None:
    """Write each file whole, and say where it is.

    Raises:
        ErreurAllerVers: one cannot be written.
    """
    for fichier, octets in fichiers.items():
        write_sortie(fichier, octets)
        console.print(f"Écrit : {fichier}")


def _export_registre(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.lots.fiche_de_registre import NATIONALE, build_classeur, build_fiche
    from aller_vers.socle.referentiel import load_caf
    from aller_vers.socle.reglages import load_reglages

    codes = [choix.caf] if choix.caf else [NATIONALE, *load_caf()]
    fiches = [build_fiche(code, load_reglages()) for code in codes]
    for fiche in fiches:
        write_sortie(choix.sortie / fiche.nom, build_classeur(fiche))
    console.print(f"{count(len(fiches), 'fiche', feminin=True)} du registre dans {choix.sortie}")


def _write_convention(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.rapports.convention import write_convention
    from aller_vers.socle.reglages import load_reglages

    octets, restent = write_convention(choix.caf, choix.cpam, load_reglages())
    fichier = choix.sortie / f"CONVENTION_{choix.caf}_{choix.cpam}.docx"
    write_sortie(fichier, octets)
    console.print(
        f"Écrit : {fichier}, {count(restent, 'passage')} à écrire. Une fois signée, porter sa date, ses signataires et "
        "sa référence dans convention.csv."
    )


def _write_dossier(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.rapports import dossier_dpd
    from aller_vers.socle.reglages import load_reglages

    for nom, restent in dossier_dpd.write_fichiers(load_reglages(), choix.sortie).items():
        console.print(f"Écrit : {choix.sortie / nom}, {count(restent, 'passage')} à écrire.")


def _write_modeles(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.mesures.declarees import load_mesures_declarees
    from aller_vers.mesures.modeles import build_modeles
    from aller_vers.socle.erreurs import ErreurAllerVers

    if not choix.sortie.is_dir():
        raise ErreurAllerVers(f"Le dossier {choix.sortie} n'existe pas.", "le créer, ou en donner un autre.")
    modeles = build_modeles(load_mesures_declarees().values())
    write_fichiers(console, {choix.sortie / nom: octets for nom, octets in modeles.items()})


def _write_contrats(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.exploitation import contrat_ouvert as ouvert

    contrats = {"source": ouvert.build_contrat_source(), "indicateurs": ouvert.build_contrat_indicateurs()}
    write_fichiers(
        console,
        {choix.sortie / f"{nom}.odcs.yaml": ouvert.write_yaml(c).encode() for nom, c in contrats.items()},
    )
