"""What the reports of a month draw on, read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sqlalchemy import Connection

from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.publication import read_cases
from aller_vers.diffusion.vues import view_public
from aller_vers.indicateurs.dictionnaire import Indicateur, Niveau
from aller_vers.indicateurs.entonnoir import Place, Termes, place_caisses
from aller_vers.indicateurs.modele import Homogeneite, Valeur
from aller_vers.indicateurs.valeurs import read_valeurs
from aller_vers.rapports.caisse import Cle, DouzeMois, add_up
from aller_vers.rapports.echanges import Echanges, read_echanges
from aller_vers.rapports.fusions import fold_anciennes, list_anciennes
from aller_vers.rapports.groupes import read_groupes
from aller_vers.rapports.national import Complement, read_complement
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import Caf
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql

MOIS_SUIVIS = 12
Places = Mapping[tuple[str, str], Mapping[Cle, Place]]
Valeurs = Mapping[tuple[str, str], Mapping[Mois, Sequence[Valeur]]]


@dataclass(frozen=True)
class Sources:
    """What the reports of a month draw on, read once: values by level and territory, the published nation.

    ``complement`` is the national team's alone. ``anciennes``: by Caf, those merged into it before the month, whose
    months its values count. ``nation_douze``: what is published of twelve
    months; ``cumuls``: the quantiles of them, by caisse; ``lecteurs_ods``: who reads OpenDocument.
    """

    mois: Mois
    valeurs: Valeurs
    nation: Sequence[Case]
    homogeneites: Sequence[Homogeneite]
    complement: Complement
    dictionnaire: Sequence[Indicateur]
    seuil: int
    echanges: Echanges
    nation_douze: Mapping[Cle, DouzeMois]
    cumuls: Mapping[tuple[str, str], Mapping[Cle, Decimal | None]]
    anciennes: Mapping[str, Sequence[Caf]]
    lecteurs_ods: frozenset[str]


def read_sources(
    entrepot: Connection,
    mois: Mois,
    dictionnaire: Sequence[Indicateur],
    publiees: Iterable[Case],
    reglages: Reglages,
    niveaux: Sequence[Niveau] = ("national", "caf", "cpam"),
) -> Sources:
    """Read what the reports of the month draw on; ``niveaux``: those whose reports are written."""
    valeurs: dict[tuple[str, str], dict[Mois, list[Valeur]]] = defaultdict(lambda: defaultdict(list))
    debut = mois.shift(1 - MOIS_SUIVIS)
    for valeur in read_valeurs(entrepot, debut, mois, niveaux=list(niveaux)):
        valeurs[valeur.niveau, valeur.territoire][Mois.parse(valeur.mois)].append(valeur)
    homogeneites = [
        Homogeneite._make(ligne)
        for ligne in run_sql(
            entrepot, "rapports/select_homogeneite_marts.sql", mois=mois, code=None, version=None
        )
    ]
    publiees_avant = [
        c for c in read_cases(entrepot, debut, mois)
        if c.valeur.niveau == "national" and c.valeur.periode == "mois"
    ]  # fmt: skip
    cumuls: dict[tuple[str, str], dict[Cle, Decimal | None]] = defaultdict(dict)
    codes = [i.code for i in dictionnaire if i.quantile is not None and "douze_mois" in i.periodes]
    for li in run_sql(entrepot, "rapports/select_douze_mois_marts.sql", mois=mois, codes=codes):
        cumuls[li.niveau, li.territoire][li.code, li.version] = li.valeur
    complement = replace(
        read_complement(entrepot, mois, dictionnaire),
        groupes=read_groupes(entrepot, mois, dictionnaire, reglages.seuil_homogeneite),
    )
    anciennes = list_anciennes(mois)
    return Sources(
        mois, fold_anciennes(valeurs, anciennes, dictionnaire, reglages.seuil_diffusion), view_public(publiees),
        homogeneites, complement, dictionnaire,
        reglages.seuil_diffusion, read_echanges(entrepot, debut, mois, reglages),
        add_up_nation(dictionnaire, publiees_avant, reglages.denominateur_diffusion),
        cumuls, anciennes, frozenset(reglages.lecteurs_ods),
    )  # fmt: skip


def add_up_nation(
    dictionnaire: Sequence[Indicateur], publiees: Iterable[Case], denominateur_minimal: int
) -> dict[Cle, DouzeMois]:
    """Return what the published months of the nation are together."""
    cases = index(publiees)
    sommes = {
        (i.code, i.version): add_up(i, cases[i.code, i.version], denominateur_minimal)
        for i in dictionnaire if (i.code, i.version) in cases
    }  # fmt: skip
    return {cle: somme for cle, somme in sommes.items() if somme is not None}


def place(dictionnaire: Sequence[Indicateur], valeurs: Valeurs) -> dict[tuple[str, str], dict[Cle, Place]]:
    """Return where each caisse stands beside all those of its level, from their final terms of the months read."""
    termes: dict[tuple[str, Cle], dict[str, Termes]] = defaultdict(dict)
    for (niveau, territoire), par_mois in valeurs.items():
        if niveau not in ("caf", "cpam"):
            continue
        for v in (v for du_mois in par_mois.values() for v in du_mois):
            if v.statut == "definitif" and v.numerateur is not None and v.denominateur is not None:
                siens = termes[niveau, (v.code, v.version)]
                n, d = siens.get(territoire, (Decimal(0), Decimal(0)))
                siens[territoire] = (n + v.numerateur, d + v.denominateur)
    places: dict[tuple[str, str], dict[Cle, Place]] = defaultdict(dict)
    definitions = {(i.code, i.version): i for i in dictionnaire}
    for (niveau, cle), par_caisse in termes.items():
        if cle in definitions:
            for code, sa_place in place_caisses(definitions[cle], par_caisse).items():
                places[niveau, code][cle] = sa_place
    return places


def index(cases: Iterable[Case]) -> dict[Cle, list[Case]]:
    """Return values by definition."""
    par_cle: dict[Cle, list[Case]] = defaultdict(list)
    for case in cases:
        par_cle[case.valeur.code, case.valeur.version].append(case)
    return par_cle
