"""What random rounding costs in truth: national rates as they are published against the marts.

Usage: ``python benchmarks/arrondi.py``. Two years are drawn at the real network's volume (1,340 applicants a month over
101 Caf); every rate of the dictionary is rounded, under ten keys. Bases 5 and 11.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Sequence

from mois_tires import draw_mesures
from rich.console import Console

from aller_vers.diffusion.arrondi import Arrondi
from aller_vers.diffusion.publication import assemble
from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Diffusion
from aller_vers.indicateurs.modele import Reseau, Valeur, load_reseau
from aller_vers.mesures.comptes import load_comptes, load_sans_personne
from aller_vers.socle.mois import Mois

MOIS = [Mois(2025, 12).shift(-n) for n in range(24)]
TAILLES = ((500, 10**9, "plus de 500 personnes"), (100, 500, "101 à 500"), (19, 100, "20 à 100"))


def list_taux() -> list[Indicateur]:
    """Return every rate of people of the dictionary, as if it were public."""
    return [
        i.model_copy(update={"diffusion": Diffusion(portee="public")})
        for i in load_dictionnaire()
        if i.type == "ratio" and i.mesures <= load_comptes().keys() and not i.mesures <= load_sans_personne()
    ]


def measure(
    console: Console, taux: Sequence[Indicateur], valeurs: Sequence[Valeur], reseau: Reseau, base: int
) -> None:
    """Print the errors of the national rates by size of their denominator, and what a publication takes."""
    vraies = {v[:6]: v for v in valeurs}
    erreurs: dict[str, list[float]] = defaultdict(list)
    debut = time.perf_counter()
    for cle in range(10):
        for case in assemble(
            taux, valeurs, {}, reseau, Arrondi(f"une clef de mesure {cle}".encode(), base, 20)
        ):
            vraie, montre = vraies[case.valeur[:6]], case.valeur.valeur
            if (
                case.valeur.niveau == "national"
                and montre is not None
                and vraie.valeur
                and vraie.denominateur
            ):
                for mini, maxi, nom in TAILLES:
                    if mini < vraie.denominateur <= maxi:
                        erreurs[nom].append(100 * abs(float(montre - vraie.valeur)))
    duree = (time.perf_counter() - debut) / 10
    for _, _, nom in TAILLES:
        siennes = erreurs[nom] or [0.0]
        rang = sorted(siennes)[int(len(siennes) * 0.9)]
        console.print(
            f"base {base}, taux nationaux sur {nom} : {len(erreurs[nom])} ; écart médian "
            f"{statistics.median(siennes):.2f} point, neuvième décile {rang:.2f}, maximum {max(siennes):.2f}"
        )
    console.print(f"base {base}, {len(valeurs)} valeurs assemblées en {duree:.1f} s")


def main() -> None:
    """Print it all."""
    console, reseau, taux = Console(soft_wrap=True), load_reseau(), list_taux()
    mesures = [m for mois in MOIS for m in draw_mesures(taux, reseau, mois)]
    valeurs = [v for v in compute_valeurs(taux, mesures, reseau, 5) if v.niveau == "national"]
    for base in (5, 11):
        measure(console, taux, valeurs, reseau, base)


if __name__ == "__main__":
    main()
