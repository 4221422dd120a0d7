"""Statistical secret of a whole month of the dictionary, at the real network's size: seconds, and what is hidden.

Usage: ``python benchmarks/secret.py``. Counts are drawn: 1,340 applicants over 101 Caf, parts of them elsewhere.
"""

from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal

import numpy as np
from rich.console import Console

from aller_vers.diffusion import load_regle
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.modele import Mesure, load_reseau
from aller_vers.mois import Mois
from aller_vers.secret.grille import control

MOIS = Mois(2025, 12)


def draw_mesures(seuil_graine: int = 3) -> list[Mesure]:
    """Draw every measure of the dictionary, by Caf or pair, with small counts as real months have."""
    tirage = np.random.default_rng(seuil_graine)
    reseau, dictionnaire = load_reseau(), load_dictionnaire()
    poids = tirage.lognormal(0, 0.9, len(reseau.caf))
    flux = dict(zip(reseau.caf, 1340 * poids / poids.sum(), strict=True))
    par_cpam = dict.fromkeys(reseau.cpam, 1340 / len(reseau.cpam))
    mesures = []
    vues = set()
    for i in dictionnaire:
        for rang, terme in enumerate((i.denominateur or (), i.numerateur)):
            for c in terme:
                cle = (i.maille == "cpam", c.mesure, c.modalite, c.classe_min)
                if cle in vues or c.modalite == "*":
                    continue
                vues.add(cle)
                part = 0.5**rang / max(len(terme), 1)
                for unite, moyen in (par_cpam if i.maille == "cpam" else flux).items():
                    caf, cpam = (None, unite) if i.maille == "cpam" else (unite, None)
                    classe = (c.classe_min or 0) if i.is_histogramme or c.classe_min is not None else None
                    n = int(tirage.poisson(moyen * part))
                    mesures.append(Mesure(str(MOIS), caf, cpam, c.mesure, c.modalite, classe, Decimal(n)))
    return mesures


def main() -> None:
    """Print seconds, cells by status and level, and the share hidden."""
    console, dictionnaire, reseau = Console(), load_dictionnaire(), load_reseau()
    valeurs = compute_valeurs(dictionnaire, draw_mesures(), reseau, 5, [MOIS])
    for seuil in (5, 11):
        debut = time.perf_counter()
        grille = control(dictionnaire, valeurs, reseau, seuil, load_regle())
        duree = time.perf_counter() - debut
        console.print(
            f"seuil {seuil} : {len(grille.etat)} mesures, {len(grille.cases)} cellules, {duree:.1f} s, "
            f"{grille.part_secret:.1%} secret"
        )
        for niveau in ("national", "region", "caf"):
            statuts = Counter(c.statut for c in grille.cases if c.valeur.niveau == niveau)
            fournies = statuts["secret"] + statuts["fourni"]
            console.print(f"  {niveau} : {statuts['secret'] / max(fournies, 1):.1%} de {fournies} cellules")


if __name__ == "__main__":
    main()
