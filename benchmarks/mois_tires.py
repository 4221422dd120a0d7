"""Measures of a drawn month at the real network's size, nested as real ones are: parts within their wholes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from aller_vers.indicateurs.dictionnaire import Composant, Indicateur
from aller_vers.indicateurs.modele import Mesure, Reseau
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_conventions

DEMANDEURS = 1340  # a month, in the whole country
# The funnel of a Cpam's return, each a part of the one before.
ENTONNOIR = (
    ("cibles", 1.0), ("contactables", 0.92), ("personnes_appelees", 0.95), ("personnes_jointes", 0.72),
    ("acceptations", 0.5), ("rdv_pris", 0.9), ("rdv_honores", 0.8),
)  # fmt: skip
Unite = tuple[str | None, str | None]


def draw_mesures(
    dictionnaire: Sequence[Indicateur], reseau: Reseau, mois: Mois, graine: int = 3
) -> list[Mesure]:
    """Draw every measure of the dictionary; each Caf has the same size in every month."""
    tailles = np.random.default_rng(graine).lognormal(0, 0.9, len(reseau.caf))
    flux = dict(zip(reseau.caf, DEMANDEURS * tailles / tailles.sum(), strict=True))
    tirage = np.random.default_rng([graine, mois.annee, mois.numero])
    unites: dict[str, dict[Unite, float]] = {
        "caf": {(c, None): f for c, f in flux.items()},
        "cpam": {(None, c): DEMANDEURS / len(reseau.cpam) for c in reseau.cpam},
        "couple": _share(flux),
        "national": {(None, None): 40.0},
    }
    vues: dict[tuple[object, ...], dict[Unite, int]] = {}
    for unite, moyen in unites["couple"].items():
        n = int(tirage.poisson(moyen))
        for modalite, part in ENTONNOIR:
            n = int(tirage.binomial(n, part))
            vues.setdefault(("retour_mensuel", modalite, None), {})[unite] = n
    for i in sorted(dictionnaire, key=lambda i: (i.denominateur is None, i.code)):
        _draw(i, unites[i.maille], vues, tirage)
    return [
        Mesure(str(mois), caf, cpam, str(m), modalite, classe, Decimal(n))  # type: ignore[arg-type]
        for (m, modalite, classe), comptes in vues.items()
        for (caf, cpam), n in comptes.items()
    ]


def _share(flux: Mapping[str, float]) -> dict[Unite, float]:
    """Return the flow of each pair of a Caf and a Cpam: a Caf's, in equal parts."""
    couples = [(c.code_caf, c.code_cpam) for c in load_conventions()]
    nombre = {caf: sum(c == caf for c, _ in couples) for caf in flux}
    return {(caf, cpam): flux[caf] / nombre[caf] for caf, cpam in couples}


def _name(i: Indicateur, c: Composant) -> tuple[object, ...]:
    classe = (c.classe_min or 0) if i.is_histogramme or c.classe_min is not None else c.classe_max
    return (c.mesure, c.modalite, classe)


def _draw(
    i: Indicateur, moyens: Mapping[Unite, float], vues: dict[tuple[object, ...], dict[Unite, int]],
    tirage: np.random.Generator,
) -> None:  # fmt: skip
    denominateur = [c for c in i.denominateur or () if c.modalite != "*"]
    for c in denominateur:
        vues.setdefault(
            _name(i, c), {u: int(tirage.poisson(m / len(denominateur))) for u, m in moyens.items()}
        )
    for rang, c in enumerate(i.numerateur):
        if c.modalite == "*" or _name(i, c) in vues:
            continue
        if i.type == "ratio" and denominateur:
            # Several parts of one whole are drawn among what the former ones leave.
            base = vues[_name(i, denominateur[rang % len(denominateur)])]
            vues[_name(i, c)] = {u: int(tirage.binomial(n, 0.4)) for u, n in base.items()}
        elif c.mesure.endswith("_eur"):
            vues[_name(i, c)] = {u: int(180 * tirage.poisson(m)) for u, m in moyens.items()}
        else:
            vues[_name(i, c)] = {u: int(tirage.poisson(m / 2)) for u, m in moyens.items()}
