"""A group of caisses beside the rest of the network: a month, what came before a date and what came since.

The month is that of the marts; before and since are added up from the terms that the marts keep, by the formulas of
every territory. Nothing of it is published, so no published figure can be told from another by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, NamedTuple

from sqlalchemy import Connection

from aller_vers.indicateurs.calcul import Sommes, evaluate
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.modele import HORS, Reseau, Statut, Valeur
from aller_vers.indicateurs.valeurs import read_valeurs
from aller_vers.mesures.echeances import Echeances, Unite
from aller_vers.socle.groupes import GroupeDeCaisses
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

PeriodeGroupe = Literal["mois", "avant", "depuis"]
_CUMULS: tuple[PeriodeGroupe, ...] = ("avant", "depuis")
Cle = tuple[str, int]


class Comparaison(NamedTuple):
    """An indicator of a group and of all other caisses, over the months from ``du`` to ``au``."""

    groupe: str
    code: str
    version: int
    libelle: str
    unite: str
    periode: PeriodeGroupe
    du: str
    au: str
    valeur: Decimal | None
    statut: Statut
    definitif_le: date | None
    valeur_reste: Decimal | None
    statut_reste: Statut
    definitif_le_reste: date | None


def compare_groupe(
    pilotage: Connection, groupe: GroupeDeCaisses, dictionnaire: Sequence[Indicateur], mois: Mois, depuis: Mois,
    reseau: Reseau, seuil: int, echeances: Echeances,
) -> list[Comparaison]:  # fmt: skip
    """Return each indicator for a computed month, then over those before ``depuis`` and those since.

    The group is what it is that month, in all three. A change against an earlier month (« evolution ») adds up to
    nothing over several: it has its month alone. An indicator of the nation alone has no group.
    """
    locaux = [i for i in dictionnaire if i.maille != "national"]
    du_mois: dict[Cle, dict[str, Valeur]] = defaultdict(dict)
    for valeur in read_valeurs(pilotage, mois, mois, niveaux=["groupe"]):
        du_mois[valeur.code, valeur.version][valeur.territoire] = valeur
    passes = _read_passes(pilotage, [i.code for i in locaux], depuis, mois)
    membres = [m._replace(depuis=None) for m in groupe.membres if (m.depuis or mois) <= mois]
    lui = Reseau(reseau.caf, reseau.cpam, {groupe.code: membres}, reseau.vies)
    comparaisons = []
    for i in locaux:
        cle = (i.code, i.version)
        if groupe.code in du_mois[cle]:
            comparaisons.append(_compare(i, groupe.code, "mois", str(mois), str(mois), du_mois[cle]))
        applique = echeances.find_seuil(seuil, i.mesures_comptees)
        for periode in _CUMULS if i.type != "evolution" else ():
            if passe := passes.get((cle, periode)):
                fin = Mois.parse(passe.au)
                valeurs = evaluate(
                    i, fin, periode, passe.unites, lui, applique, echeances, niveaux=["groupe"]
                )
                par_cote = {v.territoire: v for v in valeurs}
                comparaisons.append(_compare(i, groupe.code, periode, passe.du, passe.au, par_cote))
    return comparaisons


@dataclass
class _Passe:
    """What the units gave over some months: of the definition, from the first month that has anything to the last."""

    du: str
    au: str
    unites: dict[Unite, Sommes] = field(default_factory=lambda: defaultdict(Sommes))


def _read_passes(
    pilotage: Connection, codes: Sequence[str], depuis: Mois, mois: Mois
) -> dict[tuple[Cle, str], _Passe]:
    passes: dict[tuple[Cle, str], _Passe] = {}
    lignes = run_sql(pilotage, "indicateurs/select_avant_depuis.sql", codes=codes, depuis=depuis, mois=mois)
    for ligne in lignes:
        code, version, periode, caf, cpam, classe, du, au, *sommees = tuple(ligne)
        cle = (code, version), periode
        if cle not in passes:
            passes[cle] = _Passe(du, au)
        passe = passes[cle]
        passe.du, passe.au = min(passe.du, du), max(passe.au, au)
        sommes = passe.unites[caf, cpam]
        if classe is None:
            sommes.numerateur, sommes.denominateur, sommes.donne, sommes.provisoire = sommees
        else:
            sommes.classes[classe] = sommees[0]
    return passes


def _compare(
    i: Indicateur, code: str, periode: PeriodeGroupe, du: str, au: str, valeurs: Mapping[str, Valeur]
) -> Comparaison:
    lui, reste = valeurs[code], valeurs[f"{HORS}{code}"]
    return Comparaison(
        code, i.code, i.version, i.libelle, i.unite, periode, du, au, lui.valeur, lui.statut,
        lui.definitif_le, reste.valeur, reste.statut, reste.definitif_le,
    )  # fmt: skip
