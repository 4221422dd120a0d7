"""A Cpam that omits a column: what it costs the nation, and that it gives nothing back to the attacker."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from attaquant import TIRAGES
from test_attaque_diffusion import APPELS, JANVIER, MODALITES, Journal, Valeurs, attack

from aller_vers.indicateurs.modele import Reseau

CAF = "ABCDEFGHI"
RESEAU = Reseau(
    {caf: "1" if caf < "F" else "2" for caf in CAF},
    {"a1": "1", "a2": "1"} | {caf.lower(): "1" if caf < "F" else "2" for caf in CAF[2:]},
)
# A has two Cpam, and one of them is also that of B.
COUPLES = [("A", "a1"), ("A", "a2"), ("B", "a2"), *((caf, caf.lower()) for caf in CAF[2:])]
RETOURS = {"A": (60, 25, 9), "B": (50, 24, 8), "C": (45, 20, 7), "D": (3, 2, 1), "E": (40, 18, 6)} | {
    caf: (30 + rang, 15, 6) for rang, caf in enumerate("FGHI")
}


def publish(valeurs: Valeurs) -> Journal:
    journal = Journal(APPELS, reseau=RESEAU)
    journal.publish(JANVIER, valeurs)
    return journal


def read_retours(oublis: Iterable[tuple[str, str]] = ()) -> Valeurs:
    return {
        ("retour_mensuel", modalite, caf, cpam, None): n
        for caf, cpam in COUPLES
        for modalite, n in zip(MODALITES, RETOURS[caf], strict=True)
        if (caf, modalite) not in oublis
    }


def list_secrets(journal: Journal) -> set[str]:
    """Return the national figures that are hidden."""
    return {
        c.valeur.code
        for c in journal.grilles[JANVIER][0].cases
        if (c.valeur.niveau, c.statut) == ("national", "secret")
    }


@pytest.mark.parametrize(
    ("caf", "modalite", "secrets"),
    [
        ("E", "personnes_jointes", set()),  # 40 people called are shown: with them and without says nothing
        ("D", "personnes_jointes", {"taux_personnes_jointes", "taux_transformation_sur_joints"}),
        ("D", "personnes_appelees", {"taux_personnes_jointes", "taux_transformation_sur_appeles"}),
    ],
    ids=["a large return", "a small return", "the largest of three"],
)
def test_an_omitted_column_costs_the_rates_that_would_give_its_small_count(
    caf: str, modalite: str, secrets: set[str]
) -> None:
    assert list_secrets(publish(read_retours())) == set()
    journal = publish(read_retours([(caf, modalite)]))
    assert list_secrets(journal) == secrets
    assert [attack(journal, qui) for qui in ("", "C", "a2", caf)] == [[]] * 4


def draw_retours(tirage: random.Random, oublis: Iterable[tuple[str, str]]) -> Valeurs:
    """Draw returns, half of them small; some count everybody of the former column."""
    valeurs: Valeurs = {}
    for caf, cpam in COUPLES:
        grand, n = tirage.random() < 0.5, 60
        oubliee = tirage.choice(MODALITES) if (caf, cpam) in oublis else None
        for modalite, bornes in zip(MODALITES, ((15, 60), (8, 27), (5, 9)), strict=True):
            nombre = tirage.randint(*bornes) if grand else tirage.randint(0, tirage.choice([5, 6, 25]))
            n = n if tirage.random() < 0.25 else min(n, nombre)
            if modalite != oubliee:
                valeurs["retour_mensuel", modalite, caf, cpam, None] = n
    return valeurs


def test_no_omitted_column_narrows_a_small_count() -> None:
    tirage, montres = random.Random(16), 0
    for _ in range(20 * TIRAGES):
        oublis = tirage.sample(COUPLES, tirage.randint(1, 2))
        valeurs = draw_retours(tirage, oublis)
        journal = publish(valeurs)
        montres += not list_secrets(journal) & {
            "personnes_appelees",
            "personnes_jointes",
            "rendez_vous_honores",
        }
        for qui in {"", *tirage.sample([*RESEAU.caf, *RESEAU.cpam], 2), *(caf for caf, _ in oublis)}:
            assert attack(journal, qui) == [], (qui, valeurs)
    assert montres >= 5, "the nation was hidden each time, and nothing was attacked"
