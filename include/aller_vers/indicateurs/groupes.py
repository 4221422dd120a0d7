"""A group of caisses beside the rest of the network: a month, what came before a date and what came since.

The month is that of the marts; before and since are added up from the terms that the marts keep, by the formulas of
every territory. Nothing of it is published, so no published figure can be told from another by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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


@dataclass
class _Passe:
    """What the units gave over some months: of the definition, from the first month that has anything to the last."""

    du: str
    au: str
    unites: dict[Unite, Sommes] = field(default_factory=lambda: defaultdict(Sommes))


@dataclass(frozen=True)
class Histoire:
    """What every group is compared from: its month, and the terms of the months before, cut at ``bornes``.

    ``tranches``: by definition and rank, what lies before the first of the bounds (0), then from each of them.
    """

    mois: Mois
    bornes: tuple[Mois, ...]
    du_mois: Mapping[Cle, Mapping[str, Valeur]]
    tranches: Mapping[tuple[Cle, int], _Passe]

    def add_up(self, cle: Cle, periode: PeriodeGroupe, depuis: Mois) -> _Passe | None:
        """Return what lies before one of the bounds, or since; None where there is nothing."""
        rang = self.bornes.index(depuis) + 1
        rangs = range(rang) if periode == "avant" else range(rang, len(self.bornes) + 1)
        siennes = [t for r in rangs if (t := self.tranches.get((cle, r)))]
        if len(siennes) < 2:
            return siennes[0] if siennes else None
        passe = _Passe(min(t.du for t in siennes), max(t.au for t in siennes))
        for tranche in siennes:
            for unite, sommes in tranche.unites.items():
                passe.unites[unite].add(sommes)
        return passe


def read_histoire(
    pilotage: Connection, dictionnaire: Sequence[Indicateur], mois: Mois, depuis: Iterable[Mois]
) -> Histoire:
    """Read, once for all groups, a computed month and those before it, cut at each month from which one is told."""
    du_mois: dict[Cle, dict[str, Valeur]] = defaultdict(dict)
    for valeur in read_valeurs(pilotage, mois, mois, niveaux=["groupe"]):
        du_mois[valeur.code, valeur.version][valeur.territoire] = valeur
    bornes, tranches = tuple(sorted(set(depuis))), dict[tuple[Cle, int], _Passe]()
    for ligne in run_sql(
        pilotage, "indicateurs/select_avant_depuis.sql", codes=[i.code for i in dictionnaire if _is_local(i)],
        bornes=[str(borne) for borne in bornes], mois=mois,
    ).all():  # fmt: skip
        code, version, tranche, caf, cpam, classe, du, au, *sommees = tuple(ligne)
        cle = (code, version), tranche
        if cle not in tranches:
            tranches[cle] = _Passe(du, au)
        passe = tranches[cle]
        passe.du, passe.au = min(passe.du, du), max(passe.au, au)
        sommes = passe.unites[caf, cpam]
        if classe is None:
            sommes.numerateur, sommes.denominateur, sommes.donne, sommes.provisoire = sommees
        else:
            sommes.classes[classe] = sommees[0]
    return Histoire(mois, bornes, du_mois, tranches)


def compare_groupe(
    histoire: Histoire, groupe: GroupeDeCaisses, dictionnaire: Sequence[Indicateur], depuis: Mois, reseau: Reseau,
    seuil: int, echeances: Echeances,
) -> list[Comparaison]:  # fmt: skip
    """Return each indicator for the month, then over those before ``depuis``, one of the bounds, and those since.

    The group is what it is that month, in all three. A change against an earlier month (« evolution ») adds up to
    nothing over several: it has its month alone. An indicator of the nation alone has no group.
    """
    mois = histoire.mois
    membres = [m._replace(depuis=None) for m in groupe.membres if (m.depuis or mois) <= mois]
    lui = Reseau(reseau.caf, reseau.cpam, {groupe.code: membres}, reseau.vies)
    comparaisons = []
    for i in filter(_is_local, dictionnaire):
        cle = (i.code, i.version)
        if groupe.code in (du_mois := histoire.du_mois.get(cle, {})):
            comparaisons.append(_compare(i, groupe.code, "mois", str(mois), str(mois), du_mois))
        applique = echeances.find_seuil(seuil, i.mesures_comptees)
        for periode in _CUMULS if i.type != "evolution" else ():
            if passe := histoire.add_up(cle, periode, depuis):
                fin = Mois.parse(passe.au)
                valeurs = evaluate(
                    i, fin, periode, passe.unites, lui, applique, echeances, niveaux=["groupe"]
                )
                par_cote = {v.territoire: v for v in valeurs}
                comparaisons.append(_compare(i, groupe.code, periode, passe.du, passe.au, par_cote))
    return comparaisons


def _is_local(i: Indicateur) -> bool:
    return i.maille != "national"


def _compare(
    i: Indicateur, code: str, periode: PeriodeGroupe, du: str, au: str, valeurs: Mapping[str, Valeur]
) -> Comparaison:
    lui, reste = valeurs[code], valeurs[f"{HORS}{code}"]
    return Comparaison(
        code, i.code, i.version, i.libelle, i.unite, periode, du, au, lui.valeur, lui.statut,
        lui.definitif_le, reste.valeur, reste.statut, reste.definitif_le,
    )  # fmt: skip
