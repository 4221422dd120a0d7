"""Share of the provided cells that are hidden over a drawn year at the real network's size: months, closed year.

Usage: ``python benchmarks/secret_annee.py``: applicants and the Cpam's returns, thresholds 5 and 11.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from mois_tires import draw_mesures
from rich.console import Console

from aller_vers.diffusion import load_regle
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.modele import load_reseau
from aller_vers.mois import Mois
from aller_vers.secret.annee import show_annee
from aller_vers.secret.grille import Case, control

MESURES = frozenset({"demandeurs", "contacts_utilisables", "retour_mensuel"})


def share(cases: Sequence[Case], niveau: str) -> str:
    """Return the share of the provided cells of a level that are hidden."""
    statuts = Counter(c.statut for c in cases if c.valeur.niveau == niveau)
    fournies = statuts["secret"] + statuts["fourni"]
    return f"{niveau} {statuts['secret'] / max(fournies, 1):.1%} de {fournies}"


def main() -> None:
    """Print the shares by threshold, period and level."""
    console, reseau = Console(), load_reseau()
    dictionnaire = [i for i in load_dictionnaire() if i.mesures <= MESURES]
    # The year asks for every indicator: those that are not cumulated in the marts are here too.
    annuels = [i.model_copy(update={"periodes": ("annee",)}) for i in dictionnaire]
    mois = [Mois(2025, n) for n in range(1, 13)]
    mesures = [x for m in mois for x in draw_mesures(dictionnaire, reseau, m)]
    valeurs = compute_valeurs(annuels, mesures, reseau, 5)
    for seuil in (5, 11):
        grilles = [
            control(dictionnaire, [v for v in valeurs if v.mois == str(m)], reseau, seuil, load_regle()).cases
            for m in mois
        ]
        annee = show_annee(annuels, [v for v in valeurs if v.mois == "2025-12"], grilles)
        tous = [c for grille in grilles for c in grille]
        for nom, cases in (("mois", tous), ("année close", annee)):
            niveaux = " ; ".join(share(cases, n) for n in ("national", "region", "caf"))
            console.print(f"seuil {seuil}, {nom} : {niveaux}")


if __name__ == "__main__":
    main()
