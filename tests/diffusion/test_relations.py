"""The relations between measures that the headers declare hold on random people, and no other does."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import permutations

import numpy as np
import pytest
from relations import Colonne, Somme, list_egalites, list_inclusions

from aller_vers.indicateurs.modele import Mesure
from aller_vers.mesures.comptes import load_comptes, read_entetes

PREMIER = 2_147_483_647
SENS = ("indu:avec_enfants", "indu:sans_enfant", "rappel:avec_enfants", "rappel:sans_enfant")
# The synthetic source recalculates a right once at most; a real one does not promise it.
PROPRES_A_LA_SOURCE: list[Somme] = [
    {(f"recalculs_{de_qui}", s): 1, (f"droits_recalcules_{de_qui}", s): -1}
    for s in SENS
    for de_qui in ("separation", "des_separes")
]
Table = dict[Colonne, np.ndarray]


@pytest.fixture(scope="module")
def table(mesures_de_l_annee: Sequence[Mesure]) -> Table:
    """Give each count as a column, a row a Caf and month, of the measures that are computed here."""
    lignes = sorted({(m.mois, str(m.code_caf)) for m in mesures_de_l_annee if m.code_caf})
    rang = {ligne: i for i, ligne in enumerate(lignes)}
    comptes = load_comptes().keys() & read_entetes().keys() - {"retour_mensuel"}
    colonnes: Table = defaultdict(lambda: np.zeros(len(rang), dtype=np.int64))
    for m in mesures_de_l_annee:
        if m.code_caf and m.mesure in comptes:
            colonnes[m.mesure, m.modalite][rang[m.mois, m.code_caf]] += int(m.valeur)
    assert len(lignes) == 12 * 101
    return dict(colonnes)


def list_modalites(table: Table) -> Mapping[str, Sequence[str | None]]:
    modalites: dict[str, list[str | None]] = defaultdict(list)
    for mesure, modalite in table:
        modalites[mesure].append(modalite)
    return modalites


def add(somme: Somme, table: Table) -> np.ndarray:
    return sum(
        (n * table[c] for c, n in somme.items()), start=np.zeros(len(next(iter(table.values()))), np.int64)
    )


def count_rank(vecteurs: Iterable[Sequence[int]]) -> int:
    """Return the rank of whole vectors, modulo a large prime."""
    lignes = np.array([[int(x) % PREMIER for x in v] for v in vecteurs], dtype=object)
    rang = 0
    for colonne in range(lignes.shape[1]):
        pivots = [i for i in range(rang, len(lignes)) if lignes[i, colonne]]
        if not pivots:
            continue
        lignes[[rang, pivots[0]]] = lignes[[pivots[0], rang]]
        lignes[rang] = lignes[rang] * pow(int(lignes[rang, colonne]), -1, PREMIER) % PREMIER
        for i in range(len(lignes)):
            if i != rang and lignes[i, colonne]:
                lignes[i] = (lignes[i] - lignes[i, colonne] * lignes[rang]) % PREMIER
        rang += 1
    return rang


def test_what_is_declared_holds(table: Table) -> None:
    modalites = list_modalites(table)
    egalites, inclusions = list(list_egalites(modalites)), list(list_inclusions(modalites))
    assert len(egalites) > 5
    assert len(inclusions) > 20
    assert [e for e in egalites if add(e, table).any()] == []
    assert [i for i in inclusions if (add(i, table) > 0).any()] == []


def test_no_sum_is_always_another_but_those_declared(table: Table) -> None:
    """As many independent identities are declared as the counts of random people show."""
    colonnes = [c for c, valeurs in table.items() if valeurs.any()]
    vues = np.unique(np.array([table[c] for c in colonnes]).T, axis=0)
    egalites = [*list_egalites(list_modalites(table)), *PROPRES_A_LA_SOURCE]
    declarees = count_rank([[e.get(c, 0) for c in colonnes] for e in egalites])
    assert declarees == len(colonnes) - count_rank(vues.T.tolist())


def test_no_count_is_always_within_another_but_those_declared(table: Table) -> None:
    """Seen: a count is within another in every Caf and month, and often is not once the months are shifted."""
    modalites = list_modalites(table)
    dans = close(
        [*list_inclusions(modalites), *list_egalites(modalites), *PROPRES_A_LA_SOURCE],
        [*list_egalites(modalites), *PROPRES_A_LA_SOURCE],
    )
    vues = {
        (a, b) for a, b in permutations(table, 2)
        if (table[a] <= table[b]).all()
        and min((np.roll(table[a], 101 * n) > table[b]).sum() for n in (1, 2, 3, 5, 7)) >= 30
    }  # fmt: skip
    assert len(vues & dans) > 20
    assert vues - dans == set()


def close(sommes: Iterable[Somme], egalites: Iterable[Somme]) -> set[tuple[Colonne, Colonne]]:
    """Return which count is within which, step by step, by sums that are never above 0 and sums that are always 0."""
    dans: set[tuple[Colonne, Colonne]] = set()
    for somme in [*sommes, *({c: -n for c, n in e.items()} for e in egalites)]:
        petites, grandes = [c for c, n in somme.items() if n > 0], [c for c, n in somme.items() if n < 0]
        if len(grandes) == 1:
            dans |= {(p, grandes[0]) for p in petites}
    suite = dans
    while suite:
        suite = {(a, d) for a, b in dans for c, d in dans if b == c and a != d} - dans
        dans |= suite
    return dans
