"""Statistical secret at the real network's size: seconds of a month, what is hidden, what an omitted column costs.

Usage: ``python benchmarks/secret.py``. Months are drawn: 1,340 applicants over 101 Caf. The whole dictionary over one
month; applicants and the Cpam's returns over a year, by month and closed; then one Cpam in eight in turn omits
« personnes jointes ». Thresholds 5 and 11.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from mois_tires import draw_mesures
from rich.console import Console

from aller_vers.diffusion.publication import load_regle
from aller_vers.diffusion.secret.annee import show_annee
from aller_vers.diffusion.secret.grille import Case, Grille, control
from aller_vers.diffusion.secret.lecture import Couple
from aller_vers.indicateurs import Indicateur, load_dictionnaire
from aller_vers.indicateurs.calcul import compute_valeurs, sum_unites
from aller_vers.indicateurs.modele import Mesure, load_reseau
from aller_vers.socle.mois import Mois

MESURES = frozenset({"demandeurs", "contacts_utilisables", "retour_mensuel"})
NIVEAUX = ("national", "region", "caf")
MOIS = [Mois(2025, n) for n in range(1, 13)]
RESEAU, REGLE = load_reseau(), load_regle()


def publish(dictionnaire: Sequence[Indicateur], mesures: Sequence[Mesure], mois: Mois, seuil: int) -> Grille:
    """Return the grid of a month, the parts of each Cpam known."""
    par_nom: dict[tuple[str, str, str | None], list[Mesure]] = defaultdict(list)
    for m in mesures:
        par_nom[m.mois, m.mesure, m.modalite].append(m)
    couples = [
        Couple(i.code, i.version, caf, cpam, s.numerateur, s.denominateur)
        for i in dictionnaire
        for (caf, cpam), s in sum_unites(i, mois, par_nom).items()
        if caf and cpam
    ]
    valeurs = compute_valeurs(dictionnaire, mesures, RESEAU, 5, [mois])
    return control(dictionnaire, valeurs, RESEAU, seuil, REGLE, couples=couples)


def share(cases: Iterable[Case]) -> str:
    """Return the share of the provided cells of each level that are hidden."""
    statuts = Counter((c.valeur.niveau, c.statut) for c in cases)
    parts = []
    for niveau in NIVEAUX:
        secretes = statuts[niveau, "secret"]
        fournies = secretes + statuts[niveau, "definitif"]
        parts.append(f"{niveau} {secretes / max(fournies, 1):.0%} de {fournies}")
    return " ; ".join(parts)


def list_secrets(grille: Grille) -> set[str]:
    """Return the national figures that are hidden."""
    return {c.valeur.code for c in grille.cases if (c.valeur.niveau, c.statut) == ("national", "secret")}


def measure_mois(console: Console, seuil: int) -> None:
    """Print what a month of the whole dictionary costs, and what is hidden of it."""
    dictionnaire = load_dictionnaire()
    valeurs = compute_valeurs(
        dictionnaire, draw_mesures(dictionnaire, RESEAU, MOIS[-1]), RESEAU, 5, [MOIS[-1]]
    )
    debut, coeur = time.perf_counter(), time.process_time()
    grille = control(dictionnaire, valeurs, RESEAU, seuil, REGLE)
    duree, coeur = time.perf_counter() - debut, time.process_time() - coeur
    console.print(
        f"seuil {seuil}, tout le dictionnaire : {len(grille.etat)} mesures, {duree:.1f} s ({coeur:.1f} s d'un cœur)"
    )
    console.print(f"  {share(grille.cases)}")


def measure_annee(console: Console, seuil: int) -> None:
    """Print what is hidden of a year, by month and closed, and of a month in which one Cpam omits a column."""
    dictionnaire = [i for i in load_dictionnaire() if i.mesures <= MESURES]
    mesures = {m: draw_mesures(dictionnaire, RESEAU, m) for m in MOIS}
    grilles = [publish(dictionnaire, mesures[m], m, seuil) for m in MOIS]
    # The year asks for every indicator: those that are not cumulated in the marts are here too.
    annuels = [i.model_copy(update={"periodes": ("annee",)}) for i in dictionnaire]
    toutes = [x for m in MOIS for x in mesures[m]]
    valeurs = [v for v in compute_valeurs(annuels, toutes, RESEAU, 5) if v.mois == str(MOIS[-1])]
    annee = show_annee(annuels, valeurs, [g.cases for g in grilles])
    console.print(
        f"seuil {seuil}, demandeurs et retours, mois : {share(c for g in grilles for c in g.cases)}"
    )
    console.print(f"seuil {seuil}, demandeurs et retours, année close : {share(annee)}")
    cpams = sorted({x.code_cpam for x in mesures[MOIS[0]] if x.mesure == "retour_mensuel" and x.code_cpam})
    nombres = Counter(
        len(
            list_secrets(publish(dictionnaire, omit(mesures[MOIS[0]], cpam), MOIS[0], seuil))
            - list_secrets(grilles[0])
        )
        for cpam in cpams[::8]
    )
    bilan = ", ".join(f"{n} fois {chiffres}" for chiffres, n in sorted(nombres.items()))
    console.print(f"seuil {seuil}, une Cpam omet « personnes jointes », chiffres nationaux cachés : {bilan}")


def omit(mesures: Sequence[Mesure], cpam: str) -> list[Mesure]:
    """Return the measures without the people reached of a Cpam."""
    return [m for m in mesures if (m.code_cpam, m.modalite) != (cpam, "personnes_jointes")]


def main() -> None:
    """Print it all."""
    console = Console(soft_wrap=True)
    for seuil in (5, 11):
        measure_mois(console, seuil)
        measure_annee(console, seuil)


if __name__ == "__main__":
    main()
