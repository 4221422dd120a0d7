"""Who sees what."""

from __future__ import annotations

from decimal import Decimal

import pytest

from aller_vers.diffusion.modele import Case
from aller_vers.diffusion.vues import view_caf, view_cpam, view_nation, view_public
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.modele import Valeur

DICTIONNAIRE = load_dictionnaire()


def value(code: str, n: int, d: int | None = None, niveau: str = "caf", territoire: str = "831") -> Valeur:
    valeur = Decimal(n) if d is None else Decimal(n) / Decimal(d)
    return Valeur(
        code, 1, "2025-06", "mois", niveau, territoire, Decimal(n), None if d is None else Decimal(d), valeur, None, None,  # type: ignore[arg-type]
        "definitif",
    )  # fmt: skip


def test_a_caf_sees_its_own_figures_complete_the_monthly_funnel_included() -> None:
    siennes = [value("demandeurs", 2), value("taux_personnes_jointes", 1, 2), value("rendez_vous_honores", 1)]
    assert [c.valeur for c in view_caf("831", siennes, DICTIONNAIRE, 5)] == siennes


@pytest.mark.parametrize(("n", "d", "vue"), [(3, 40, False), (38, 40, False), (2, 4, False), (12, 40, True)])
def test_a_caf_sees_no_small_count_of_a_sensitive_return(n: int, d: int, vue: bool) -> None:
    assert bool(view_caf("831", [value("taux_precarite", n, d)], DICTIONNAIRE, 5)) == vue


def test_nobody_sees_the_figures_of_another() -> None:
    assert view_caf("831", [value("demandeurs", 9, territoire="061")], DICTIONNAIRE, 5) == []
    valeurs = [
        value("taux_personnes_jointes", 2, 4, "cpam", "831"),
        value("taux_personnes_jointes", 2, 4, "cpam", "061"),
        value("taux_personnes_jointes", 2, 4, "national", "FR"),
    ]
    assert [c.valeur for c in view_cpam("831", valeurs)] == valeurs[:1]
    assert [c.valeur for c in view_nation(valeurs)] == valeurs[2:]
    publiees = [Case(v, "publie") for v in valeurs]
    assert view_public(publiees) == publiees[2:], "everybody sees the nation alone"
