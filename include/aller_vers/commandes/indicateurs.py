"""``python -m aller_vers indicateurs`` and ``dictionnaire``: for auditors, without Airflow or a database server."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from rich.console import Console

from aller_vers.commandes.documents import write_fichiers


def add_commandes(commandes: Any) -> None:
    """Add ``indicateurs`` and ``dictionnaire``."""
    calcul = commandes.add_parser("indicateurs", help="calcule un dictionnaire sur un fichier de mesures")
    for option, requise, valeur, aide in (
        ("--dictionnaire", True, "DOSSIER", "les définitions, par exemple include/indicateurs"),
        ("--mesures", True, "FICHIER.csv", "mois;code_caf;code_cpam;mesure;modalite;classe;valeur"),
        ("--actions", False, "FICHIER.csv", "code;fiche;axe;etat"),
        ("--sortie", True, "FICHIER.csv", "les valeurs ; à côté, leur dispersion et leur atteinte"),
    ):
        calcul.add_argument(option, type=Path, required=requise, metavar=valeur, help=aide)
    calcul.set_defaults(action=_compute)
    redaction = commandes.add_parser(
        "dictionnaire", help="récrit docs/indicateurs.md, verrouille les nouvelles définitions"
    )
    redaction.add_argument(
        "--sortie",
        type=Path,
        metavar="DOSSIER",
        help="écrit aussi la page, le csv et le json dans ce dossier",
    )
    redaction.add_argument(
        "--comparer",
        nargs=2,
        type=Path,
        metavar=("AVANT", "APRES"),
        help="dit, de deux dossiers de définitions, ce qui change : mot, valeur ou rupture ; n'écrit rien",
    )
    redaction.set_defaults(action=_write_dictionnaire)


def _compute(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.indicateurs.calcul import compute_valeurs
    from aller_vers.indicateurs.dictionnaire import load_dictionnaire
    from aller_vers.indicateurs.fichiers_auditeur import (
        check_sortie,
        format_csv,
        list_ignorees,
        read_actions,
        read_mesures,
    )
    from aller_vers.indicateurs.homogeneite import (
        BilanActions,
        compare_caisses,
        score_actions,
        score_territoires,
    )
    from aller_vers.indicateurs.modele import Homogeneite, Score, Valeur, load_reseau
    from aller_vers.socle.reglages import load_reglages

    check_sortie(choix.sortie, choix.mesures, choix.actions)
    seuil = load_reglages().seuil_homogeneite
    reseau = load_reseau()
    dictionnaire = load_dictionnaire(choix.dictionnaire)
    actions = read_actions(choix.actions) if choix.actions else None
    mesures = read_mesures(choix.mesures, reseau)
    if ignorees := list_ignorees(dictionnaire, mesures):
        console.print(f"Mesures qu'aucun indicateur ne lit : {', '.join(ignorees)}.")
    valeurs = compute_valeurs(dictionnaire, mesures, reseau, seuil)
    sorties = {
        "": format_csv(valeurs, Valeur),
        ".homogeneite": format_csv(compare_caisses(dictionnaire, valeurs, seuil), Homogeneite),
        ".atteinte": format_csv(score_territoires(dictionnaire, valeurs), Score),
    }
    if actions is not None:
        sorties[".actions"] = format_csv(score_actions(actions), BilanActions)
    sortie: Path = choix.sortie
    write_fichiers(
        console,
        {sortie.with_name(f"{sortie.stem}{suffixe}{sortie.suffix}"): o for suffixe, o in sorties.items()},
    )


def _write_dictionnaire(console: Console, choix: argparse.Namespace) -> None:
    from aller_vers.indicateurs.dictionnaire import load_dictionnaire
    from aller_vers.indicateurs.documentation import write_documentation
    from aller_vers.indicateurs.verrou import lock_definitions

    if choix.comparer:
        from aller_vers.indicateurs.comparaison import compare

        changements = compare(*map(load_dictionnaire, choix.comparer))
        for c in changements:
            depuis = f" (mois touchés : depuis {c.mois})" if c.mois else " (aucun mois touché)"
            console.print(f"{c.sorte} : {c.cle} {c.phrase}{depuis}")
        if not changements:
            console.print("Rien ne change.")
        return
    dictionnaire = load_dictionnaire()
    nouvelles = lock_definitions(dictionnaire)
    fichiers = write_documentation(dictionnaire)
    if choix.sortie is not None:
        choix.sortie.mkdir(parents=True, exist_ok=True)
        fichiers += write_documentation(dictionnaire, choix.sortie)
    for fichier in fichiers:
        console.print(f"Écrit : {fichier}")
    for cle in nouvelles:
        console.print(f"Verrouillé : {cle}")
