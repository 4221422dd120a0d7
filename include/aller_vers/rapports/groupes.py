"""The national report's part on groups of caisses: each indicator beside the rest of the network, before and since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import Indicateur
from aller_vers.indicateurs.groupes import Comparaison, compare_groupe, read_histoire
from aller_vers.indicateurs.marts import find_echeances
from aller_vers.indicateurs.modele import load_reseau
from aller_vers.rapports.contenu import Figure
from aller_vers.rapports.plan import load_plan
from aller_vers.socle.groupes import GroupeDeCaisses, load_groupes
from aller_vers.socle.mois import Mois

_VIDE = (Figure(None, ""), Figure(None, ""))
Cotes = tuple[Figure, Figure]  # the group, the rest of the network


@dataclass(frozen=True)
class LigneDeGroupe:
    """An indicator of a group and of the rest: the month, the months before the group's first, those since."""

    code: str
    libelle: str
    unite: str
    mois: Cotes = _VIDE
    avant: Cotes = _VIDE
    depuis: Cotes = _VIDE

    @property
    def cotes(self) -> tuple[Figure, ...]:
        """The six figures in the order in which they are read."""
        return (*self.mois, *self.avant, *self.depuis)


@dataclass(frozen=True)
class GroupeCompare:
    """A group and its lines, in the order of the report."""

    groupe: GroupeDeCaisses
    lignes: tuple[LigneDeGroupe, ...]

    @property
    def titre(self) -> str:
        """The name of the group, and from which month « since » is told."""
        return f"{self.groupe.libelle}, depuis {Mois.of(self.groupe.depuis).libelle}"

    def list_suivies(self) -> list[LigneDeGroupe]:
        """Return the lines of the indicators that the report draws."""
        return [li for li in self.lignes if li.code in load_plan().graphiques]


def read_groupes(
    lecture: Connection, mois: Mois, dictionnaire: Sequence[Indicateur], seuil: int
) -> tuple[GroupeCompare, ...]:
    """Return each group beside the rest, of two versions of an indicator the newer one; what says nothing is left out.

    ``seuil``: the number of people from which a caisse counts in a dispersion.
    """
    reseau, echeances, plan = load_reseau(), find_echeances(lecture, [mois], dictionnaire), load_plan()
    rangs = {(i.code, i.version): plan.rank(i) for i in sorted(dictionnaire, key=lambda i: i.version)}
    groupes = [(g, Mois.of(g.depuis)) for g in load_groupes().values()]
    histoire, compares = read_histoire(lecture, dictionnaire, mois, [d for _, d in groupes]), []
    for groupe, depuis in groupes:
        lignes: dict[tuple[str, int], dict[str, Comparaison]] = {}
        for c in compare_groupe(histoire, groupe, dictionnaire, depuis, reseau, seuil, echeances):
            lignes.setdefault((c.code, c.version), {})[c.periode] = c
        dernieres = {cle[0]: cle for cle in sorted(lignes)}
        compares.append(
            GroupeCompare(
                groupe,
                tuple(
                    _build(lignes[cle])
                    for cle in sorted(dernieres.values(), key=rangs.__getitem__)
                    if any(_is_parlante(c) for c in lignes[cle].values())
                ),
            )
        )
    return tuple(c for c in compares if c.lignes)


def _build(par_periode: dict[str, Comparaison]) -> LigneDeGroupe:
    c = next(iter(par_periode.values()))
    return LigneDeGroupe(c.code, c.libelle, c.unite, **{p: _pair(c) for p, c in par_periode.items()})


def _pair(c: Comparaison) -> Cotes:
    return (
        Figure(c.valeur, c.statut, c.definitif_le), Figure(c.valeur_reste, c.statut_reste, c.definitif_le_reste),
    )  # fmt: skip


def _is_parlante(c: Comparaison) -> bool:
    """Tell whether either side has something, zero apart."""
    return bool(c.valeur or c.valeur_reste)
