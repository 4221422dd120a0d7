"""A closed year as it is published: the sum of what its twelve months show, and ``secret`` where one of them is.

It is made of published cells alone: a correction that waits is not in it, and it says nothing that they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from aller_vers.diffusion.secret.grille import Case, hide
from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.formule import divide, judge_atteinte
from aller_vers.indicateurs.modele import Valeur


def show_annee(
    dictionnaire: Sequence[Indicateur], valeurs: Iterable[Valeur], mois: Sequence[Sequence[Case]]
) -> tuple[Case, ...]:  # fmt: skip
    """Return the cells of a closed year.

    Args:
        dictionnaire: the definitions.
        valeurs: the cumulated values of December, which say which cells there are.
        mois: the published cells of each month of the year.
    """
    definitions = {(i.code, i.version): i for i in dictionnaire}
    publiees: dict[tuple[str, int, str, str], list[Case]] = {}
    for cases in mois:
        for c in cases:
            publiees.setdefault(_place(c.valeur), []).append(c)
    return tuple(
        _sum(definitions[v.code, v.version], v, publiees.get(_place(v), ()))
        for v in sorted(valeurs, key=_place)
        if v.periode == "annee" and v.niveau != "cpam" and (v.code, v.version) in definitions
    )


def _place(v: Valeur) -> tuple[str, int, str, str]:
    return (v.code, v.version, v.niveau, v.territoire)


def _sum(i: Indicateur, v: Valeur, cases: Sequence[Case]) -> Case:
    if any(c.statut == "secret" for c in cases):
        return hide(v)
    donnees = [c.valeur for c in cases if c.statut != "non_fourni"]
    if not donnees:
        vide = v._replace(numerateur=None, denominateur=None, valeur=None, atteinte=None, statut="non_fourni")
        return Case(vide, "non_fourni")
    numerateur, denominateur = _add(d.numerateur for d in donnees), _add(d.denominateur for d in donnees)
    if (numerateur, denominateur) == (v.numerateur, v.denominateur):
        return Case(v, v.statut)
    if i.type == "quantile":
        return hide(v)  # that of the marts counts people who are not published, and months give no other
    somme = v._replace(numerateur=numerateur, denominateur=denominateur, valeur=numerateur, atteinte=None)
    if denominateur is not None:
        if denominateur <= 0 or numerateur is None:
            return Case(somme._replace(valeur=None, statut="sans_objet"), "sans_objet")
        somme = somme._replace(valeur=divide(numerateur, denominateur))
    if somme.cible is not None and somme.valeur is not None:
        somme = somme._replace(atteinte=judge_atteinte(i, somme.valeur, somme.cible))
    return Case(somme._replace(statut="definitif"), "definitif")


def _add(termes: Iterable[Decimal | None]) -> Decimal | None:
    donnes = [t for t in termes if t is not None]
    return sum(donnes, Decimal(0)) if donnes else None
