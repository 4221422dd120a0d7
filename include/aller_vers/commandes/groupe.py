"""``groupe``: a group of caisses beside the rest of the network, before and since a month."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.socle.mois import Mois


def add_commandes(commandes: Any) -> None:
    """Add ``groupe``."""
    groupe = commandes.add_parser(
        "groupe",
        help="compare un groupe de caisses au reste du réseau, avant et depuis un mois",
        description="Écrit chaque indicateur d'un groupe de include/reference/groupe.csv à côté du reste du réseau : "
        "le mois, ce qui précède une date, ce qui la suit. Chiffres internes : rien n'en est publié.",
    )
    groupe.add_argument("code", help="par exemple pilotes")
    groupe.add_argument("--mois", help="AAAA-MM ; par défaut, le dernier calculé")
    groupe.add_argument("--depuis", help="AAAA-MM ; par défaut, le mois du début du groupe")
    groupe.add_argument("--sortie", type=Path, required=True, metavar="FICHIER.csv", help="le csv à écrire")
    groupe.set_defaults(action=_compare)


def _compare(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.commandes.connexions import load_reglages_du_poste, open_base
    from aller_vers.indicateurs.dictionnaire import load_dictionnaire
    from aller_vers.indicateurs.fichiers_auditeur import format_csv
    from aller_vers.indicateurs.groupes import Comparaison, compare_groupe, read_histoire
    from aller_vers.indicateurs.modele import load_reseau
    from aller_vers.mesures.echeances import load_echeances
    from aller_vers.socle.erreurs import ErreurAllerVers
    from aller_vers.socle.francais import write_de
    from aller_vers.socle.groupes import load_groupes
    from aller_vers.socle.sorties import write_sortie
    from aller_vers.socle.sql import run_sql

    groupes = load_groupes()
    if choix.code not in groupes:
        raise ErreurAllerVers(
            f"Le groupe {choix.code[:40]} n'est pas dans groupe.csv.",
            f"en choisir un : {', '.join(groupes)}.",
        )
    groupe, dictionnaire = groupes[choix.code], load_dictionnaire()
    depuis = Mois.parse(choix.depuis) if choix.depuis else Mois.of(groupe.depuis)
    fin = Mois.parse(choix.mois) if choix.mois else None
    with open_base("av_pilotage") as pilotage:
        calcules = [Mois.parse(m) for m in run_sql(pilotage, "indicateurs/select_calculs.sql").scalars()]
        mois = fin or max(calcules, default=None)
        if mois is None or mois not in calcules:
            raise ErreurAllerVers(
                f"Les indicateurs {write_de(fin.libelle) if fin else 'du réseau'} ne sont pas calculés.",
                "lancer « Indicateurs du mois » pour ce mois.",
            )
        comparaisons = compare_groupe(
            read_histoire(pilotage, dictionnaire, mois, [depuis]), groupe, dictionnaire, depuis, load_reseau(),
            load_reglages_du_poste().seuil_homogeneite, load_echeances(pilotage, calcules),
        )  # fmt: skip
    write_sortie(choix.sortie, format_csv(comparaisons, Comparaison))
    console.print(
        f"{groupe.libelle}, {len(groupe.caf)} Caf, {mois.libelle}, avant et depuis {depuis.libelle}. "
        f"Écrit : {choix.sortie}"
    )
