"""Publication of a month: the marts through the statistical secret, into vintages that never change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.diffusion.secret.annee import show_annee
from aller_vers.diffusion.secret.grille import Case, Grille, control
from aller_vers.diffusion.secret.lecture import Couple, Regle
from aller_vers.diffusion.secret.modele import Motif, Publie
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.homogeneite import compare_caisses
from aller_vers.indicateurs.modele import Reseau, Valeur
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import lock
from aller_vers.socle.sql import load_sql, run_sql
from aller_vers.socle.yaml_strict import read_yaml

FICHIER = Path(__file__).parents[2] / "configuration" / "diffusion.yml"


@dataclass(frozen=True)
class Bilan:
    """What a run published: its vintage (None: nothing new), cells, the share hidden, definitions that wait."""

    millesime: int | None
    cellules: int
    part_secret: float
    en_attente: int


def load_regle() -> Regle:
    """Return which measures count no person, and which are sums (``include/configuration/diffusion.yml``)."""
    lue = read_yaml(FICHIER)
    return Regle(frozenset(lue["sans_personne"]), dict(lue["sommes"]))


def is_due(mois: Mois, aujourd_hui: date, delai: int) -> bool:
    """Tell whether a month may be published: its returns have had ``delai`` months to come in."""
    return Mois.of(aujourd_hui) >= mois.shift(max(delai, 1))


def list_dus(entrepot: Connection, aujourd_hui: date, delai: int) -> list[Mois]:
    """Return the months that may be published and are not yet: nothing of theirs will move to say that it is time."""
    dernier = Mois.of(aujourd_hui).shift(-max(delai, 1))
    return [Mois.parse(m) for m in run_sql(entrepot, "diffusion/select_dus.sql", mois=str(dernier)).scalars()]


def publish_diffusion(
    entrepot: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], reseau: Reseau, seuil: int
) -> Bilan:
    """Publish the month if it differs from its last vintage; the twelfth month of a year closes it, once.

    Safe to run twice and twice at once: the same marts add nothing.
    """
    lock(entrepot, "diffusion", str(mois.annee))
    rang, etat = _read_etat(entrepot, mois)
    publiees = read_cases(entrepot, mois, "mois")
    valeurs = [
        Valeur._make(ligne) for ligne in run_sql(entrepot, "diffusion/select_marts.sql", mois=str(mois))
    ]
    # What can still move is not published.
    finies = {
        (v.code, v.version)
        for v in valeurs
        if v.niveau == "national" and v.statut not in ("provisoire", "pas_encore_du")
    }
    valeurs = [v for v in valeurs if (v.code, v.version) in finies]
    couples = run_sql(entrepot, "diffusion/select_couples.sql", mois=str(mois))
    grille = control(
        dictionnaire, valeurs, reseau, seuil, load_regle(),
        (etat, publiees) if publiees else None,
        [Couple._make(ligne) for ligne in couples],
    )  # fmt: skip
    nouveau = list(grille.cases) != publiees
    if nouveau:
        rang = rang + 1 if publiees else 0
        _store(entrepot, mois, rang, grille, dictionnaire, seuil)
    _close_annee(entrepot, Mois(mois.annee, 12), dictionnaire)
    return Bilan(rang if nouveau else None, len(grille.cases), grille.part_secret, len(grille.retenues))


def _read_etat(entrepot: Connection, mois: Mois) -> tuple[int, dict[str, Publie]]:
    lignes = run_sql(entrepot, "diffusion/select_etat.sql", mois=str(mois)).all()
    etat = {
        li.terme: Publie(li.comptes, Motif(frozenset(li.caf), frozenset(li.regions), li.nation), li.couples)
        for li in lignes
    }
    return max((li.millesime for li in lignes), default=0), etat


def read_cases(entrepot: Connection, mois: Mois, periode: str = "mois") -> list[Case]:
    """Return the cells of the last vintage of the month, or of the year that it closes."""
    lignes = run_sql(entrepot, "diffusion/select_publies.sql", mois=str(mois), periode=periode)
    cases = []
    for ligne in lignes:
        statut = ligne.statut
        # A hidden cell was provided: its figures are what is absent.
        champs = (*tuple(ligne)[1:-1], "definitif" if statut == "secret" else statut)
        cases.append(Case(Valeur(*champs), statut))
    return cases


def _store(
    entrepot: Connection, mois: Mois, rang: int, grille: Grille, dictionnaire: Sequence[Indicateur], seuil: int
) -> None:  # fmt: skip
    for terme, publie in grille.etat.items():
        run_sql(
            entrepot, "diffusion/insert_etat.sql", mois=str(mois), terme=terme, millesime=rang,
            comptes=json.dumps(publie.comptes), couples=json.dumps(publie.couples), caf=sorted(publie.motif.caf),
            regions=sorted(publie.motif.regions), nation=publie.motif.nation,
        )  # fmt: skip
    _store_cases(entrepot, rang, grille.cases)
    visibles = [c.valeur for c in grille.cases if c.statut != "secret"]
    nations = {(v.code, v.version) for v in visibles if v.niveau == "national"}
    comparables = [i for i in dictionnaire if i.caisse == "caf" and (i.code, i.version) in nations]
    for homogeneite in compare_caisses(comparables, visibles, seuil):
        if homogeneite.nb_fournies:
            run_sql(
                entrepot, "diffusion/insert_homogeneite.sql", millesime=rang, **homogeneite._asdict()
            )  # fmt: skip


def _store_cases(entrepot: Connection, rang: int, cases: Sequence[Case]) -> None:
    if cases:
        entrepot.execute(
            load_sql("diffusion/insert_indicateur.sql"),
            [{**c.valeur._asdict(), "millesime": rang, "statut": c.statut} for c in cases],
        )


def _close_annee(entrepot: Connection, decembre: Mois, dictionnaire: Sequence[Indicateur]) -> None:
    """Publish the year, once, when its twelve months are."""
    if read_cases(entrepot, decembre, "annee"):
        return
    mois = []
    for n in range(12):
        if not (cases := read_cases(entrepot, decembre.shift(-n))):
            return
        mois.append(cases)
    lignes = run_sql(entrepot, "diffusion/select_annee.sql", mois=str(decembre))
    _store_cases(entrepot, 0, show_annee(dictionnaire, [Valeur._make(ligne) for ligne in lignes], mois))
