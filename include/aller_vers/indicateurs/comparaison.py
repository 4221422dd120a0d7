"""What a change of the dictionary is: a new word, a new value, or a break (IGAS 2013-164R, §36-38)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.verrou import FORMULE

Sorte = Literal["rupture", "nouvelle valeur", "nouveau mot", "nouvel indicateur"]
_ATTEINTE = {"cibles", "bande_quasi_atteint", "part_minimale_caisses", "decisions", "points", "nature", "axe"}

_DATES = {"valable_du", "valable_au", "abandonne"}


class Changement(NamedTuple):
    """A change of one definition, told in French; ``mois``: the first month that it moves, None for none."""

    cle: str
    sorte: Sorte
    phrase: str
    mois: str | None


def compare(avant: Sequence[Indicateur], apres: Sequence[Indicateur]) -> list[Changement]:
    """Return what changes from one dictionary to the other, breaks first.

    A break gives another value under the same name and version: what was published would no longer compare.
    """
    anciens, nouveaux = ({i.cle: i for i in dictionnaire} for dictionnaire in (avant, apres))
    codes = {i.code for i in avant}
    changements = [
        Changement(
            cle, "rupture", "a disparu : ce qui fut publié n'a plus de définition", _month(anciens[cle])
        )
        for cle in anciens.keys() - nouveaux.keys()
    ]
    for cle, indicateur in nouveaux.items():
        if cle in anciens:
            changements += _compare(anciens[cle], indicateur)
        elif indicateur.code in codes:
            phrase = f"version {indicateur.version} à côté des précédentes : {_read_journal(indicateur)}"
            changements.append(Changement(cle, "nouvelle valeur", phrase, _month(indicateur)))
        else:
            changements.append(Changement(cle, "nouvel indicateur", indicateur.libelle, _month(indicateur)))
    rang: list[Sorte] = ["rupture", "nouvelle valeur", "nouveau mot", "nouvel indicateur"]
    return sorted(changements, key=lambda c: (rang.index(c.sorte), c.cle))


def _compare(avant: Indicateur, apres: Indicateur) -> Iterator[Changement]:
    champs = {nom for nom in Indicateur.model_fields if getattr(avant, nom) != getattr(apres, nom)} - {
        "journal"
    }
    if formule := sorted(champs & FORMULE):
        phrase = (
            f"calcule autre chose sous la même version ({', '.join(formule)}) : en faire une version nouvelle"
        )
        yield Changement(apres.cle, "rupture", phrase, _month(min(avant, apres, key=lambda i: i.valable_du)))
    if dates := sorted(champs & {"valable_du", "valable_au", "abandonne"}):
        yield Changement(
            apres.cle, "nouvelle valeur", f"change de dates ({', '.join(dates)})", _find_date(avant, apres)
        )
    if atteinte := sorted(champs & _ATTEINTE):
        cibles = {jour for jour, _ in avant.cibles.items() ^ apres.cibles.items()}
        debut = f"{min(cibles):%Y-%m}" if cibles else _month(apres)
        phrase = f"sa valeur reste, ce qu'on en juge change ({', '.join(atteinte)})"
        yield Changement(apres.cle, "nouvelle valeur", phrase, debut)
    if mots := sorted(champs - FORMULE - _ATTEINTE - _DATES):
        yield Changement(apres.cle, "nouveau mot", f"se dit autrement ({', '.join(mots)})", None)


def _month(indicateur: Indicateur) -> str:
    return f"{indicateur.valable_du:%Y-%m}"


def _find_date(avant: Indicateur, apres: Indicateur) -> str:
    jours = [
        jour
        for nom in _DATES
        for jour in (getattr(avant, nom), getattr(apres, nom))
        if getattr(avant, nom) != getattr(apres, nom) and jour is not None
    ]
    return f"{min(jours):%Y-%m}"


def _read_journal(indicateur: Indicateur) -> str:
    debut = f"version {indicateur.version}"
    ligne = next(ligne for ligne in indicateur.journal if ligne.startswith(debut))
    return ligne.removeprefix(debut).lstrip(" :")
