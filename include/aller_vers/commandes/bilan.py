"""``bilan``: the text of a year, as the instruction writes it, for the nation, a region, a group or a caisse."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from rich.console import Console

from aller_vers.commandes.documents import add_sortie, write_fichiers
from aller_vers.socle.erreurs import ErreurAllerVers

if TYPE_CHECKING:
    from aller_vers.indicateurs.dictionnaire import Niveau
    from aller_vers.rapports.bilan import LecteurDuBilan


def add_commandes(commandes: Any) -> None:
    """Add ``bilan``."""
    bilan = commandes.add_parser(
        "bilan",
        help="écrit le bilan d'une année en toutes lettres : demandeurs, appels, rendez-vous, suites, profil",
        description="Écrit un document et une page : le texte de l'instruction IT 2025-098 §1.2, chaque chiffre relié "
        "à sa définition. Sans caisse, région ni groupe, celui de la nation.",
    )
    bilan.add_argument("--annee", type=int, required=True, help="AAAA, par exemple 2025")
    qui = bilan.add_mutually_exclusive_group()
    for niveau, aide in (
        ("caf", "le code d'une Caf"),
        ("cpam", "celui d'une Cpam"),
        ("region", "celui d'une région"),
        ("groupe", "celui d'un groupe de include/reference/groupe.csv"),
    ):
        qui.add_argument(f"--{niveau}", metavar="CODE", help=aide)
    bilan.add_argument(
        "--publie", action="store_true", help="d'après ce qui est publié, arrondi, que chacun peut lire"
    )
    add_sortie(bilan, ici=True)
    bilan.set_defaults(action=_write)


def _write(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import open_base
    from aller_vers.rapports.bilan_fichiers import build_fichiers
    from aller_vers.socle.reglages import load_reglages

    reglages = load_reglages()
    minimum = reglages.denominateur_diffusion if choix.publie else 1
    lecteur, territoires, nom = _find_lecteur(choix, minimum)
    with open_base("av_pilotage") as pilotage:
        fichiers = build_fichiers(pilotage, choix.annee, lecteur, territoires, nom, reglages)
    write_fichiers(console, {choix.sortie / nom: octets for nom, octets in fichiers.items()})


def _find_lecteur(choix: argparse.Namespace, minimum: int) -> tuple[LecteurDuBilan, list[str], str]:
    """Return whose text it is, the territories that it adds up, and how its file is named."""
    from aller_vers.rapports.bilan import LecteurDuBilan
    from aller_vers.socle.groupes import load_groupes
    from aller_vers.socle.referentiel import NATION, load_caf, load_cpam, load_regions

    niveau: Niveau = "national"
    noms, code = {NATION: "nation"}, NATION
    if choix.caf:
        niveau, noms, code = "caf", {c: caf.nom for c, caf in load_caf().items()}, choix.caf
    elif choix.cpam:
        niveau, noms, code = "cpam", {c: cpam.nom for c, cpam in load_cpam().items()}, choix.cpam
    elif choix.region:
        niveau, noms, code = "region", load_regions(), choix.region
    elif choix.groupe:
        # Its Cpam gave every figure of the text: its Caf share some of theirs with other Cpam.
        niveau, noms, code = "cpam", {c: g.libelle for c, g in load_groupes().items()}, choix.groupe
    if code not in noms:
        raise ErreurAllerVers(f"Le référentiel ne connaît pas {code[:20]}.", "vérifier le code.")
    territoires = sorted(load_groupes()[code].cpam) if choix.groupe else [code]
    genre = "groupe" if choix.groupe else niveau
    return LecteurDuBilan(noms[code], niveau, choix.publie, minimum), territoires, f"{genre}_{code}"
