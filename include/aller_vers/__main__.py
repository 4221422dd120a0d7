"""``python -m aller_vers``: the project's commands."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

from rich.console import Console

from aller_vers.commandes.analyseur import Analyseur
from aller_vers.poste.installation import find_donnees
from aller_vers.socle.erreurs import ErreurAllerVers

# In the order of the help. Each has ``add_commandes(sous_commandes)``: what it adds sets ``action``, called with the
# console and the choices.
MODULES = (
    "aller_vers.commandes.poste",
    "aller_vers.commandes.annee",
    "aller_vers.commandes.exploitation",
    "aller_vers.commandes.trace",
    "aller_vers.commandes.personne",
    "aller_vers.commandes.dossier_de_preuve",
    "aller_vers.commandes.quarantaine",
    "aller_vers.commandes.documents",
    "aller_vers.commandes.bilan",
    "aller_vers.commandes.indicateurs",
    "aller_vers.commandes.groupe",
    "aller_vers.commandes.historique",
    "aller_vers.commandes.enquete",
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 for an error that a person can mend, 130 when interrupted.

    Raises:
        SystemExit: 2, the line itself is wrong; 0, its help was asked for.
    """
    analyseur = Analyseur(prog="python -m aller_vers", description="Aller vers les proches aidants")
    commandes = analyseur.add_subparsers(dest="commande", metavar="COMMANDE", required=True)
    for module in MODULES:
        import_module(module).add_commandes(commandes)
    choix = analyseur.parse_args(arguments)
    # What is printed may hold a path, a name, brackets: as they are, on a line of their own.
    console, erreurs = (
        Console(stderr=stderr, highlight=False, markup=False, soft_wrap=True) for stderr in (False, True)
    )
    try:
        choix.action(console, choix)
    except ErreurAllerVers as erreur:
        erreurs.print(str(erreur), style="bold red")
        return 1
    except KeyboardInterrupt:
        erreurs.print("Interrompu : ce qui avait été démarré est arrêté.")
        return 130
    except Exception as erreur:  # noqa: BLE001 - one sentence for the person, the rest in a log
        journal = _write_journal(traceback.format_exc())
        erreurs.print(
            f"La commande {choix.commande} a échoué de façon imprévue ({type(erreur).__name__}). "
            f"Remède : lire {journal}, puis relancer la commande.",
            style="bold red",
        )
        return 1
    return 0


def _write_journal(texte: str) -> Path:
    """Keep the whole error in the project's own logs, else in a temporary file; return which."""
    try:
        from aller_vers.poste.installation import load_poste

        fichier = load_poste().journaux / "erreur.log"
        fichier.write_text(texte, encoding="utf-8")
    except Exception:  # noqa: BLE001 - what failed may be the installation itself
        with tempfile.NamedTemporaryFile("w", prefix="aller-vers-", suffix=".log", delete=False) as flux:
            flux.write(texte)
        return Path(flux.name)
    return fichier


if __name__ == "__main__":
    # On a laptop, what was dropped and taken is the reference of every command, and of the Airflow that it starts.
    os.environ.setdefault("AV_DEPOT_REFERENCE", str(find_donnees() / "reference"))
    sys.exit(main())
