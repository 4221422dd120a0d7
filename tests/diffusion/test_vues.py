"""Who sees what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from aller_vers.diffusion.vues import view_caf, view_cpam, view_nation
from aller_vers.indicateurs import Indicateur
from aller_vers.indicateurs.modele import Valeur
from aller_vers.socle.mois import Mois

BASE: dict[str, Any] = {
    "version": 1, "libelle": "L", "definition": "D", "nature": "IS", "sens": "plus", "biais": "B", "levier": "L",
    "source": "S", "valable_du": date(2020, 9, 1), "journal": ["version 1"],
}  # fmt: skip


def define(code: str, numerateur: tuple[str, str], denominateur: tuple[str, str] | None = None) -> Indicateur:
    def terme(nom: tuple[str, str] | None) -> dict[str, str] | None:
        return {"mesure": nom[0], "modalite": nom[1]} if nom else None

    return Indicateur.model_validate(
        BASE
        | {
            "code": code, "type": "ratio" if denominateur else "compte", "unite": "part" if denominateur else "personnes",
            "numerateur": terme(numerateur), "denominateur": terme(denominateur),
        }
    )  # fmt: skip


DEMANDEURS = define("demandeurs", ("demandeurs", "tous"))
APPELS = define("appels", ("retour_mensuel", "personnes_jointes"), ("retour_mensuel", "personnes_appelees"))
RDV = define("rdv", ("retour_mensuel", "rdv_honores"))
DICTIONNAIRE = [DEMANDEURS, APPELS, RDV]


def value(
    code: str, mois: str, n: int, d: int | None = None, niveau: str = "caf", territoire: str = "831"
) -> Valeur:
    valeur = Decimal(n) if d is None else Decimal(n) / Decimal(d) if d else None
    return Valeur(
        code, 1, mois, "mois", niveau, territoire, Decimal(n), None if d is None else Decimal(d), valeur, None, None,  # type: ignore[arg-type]
        "definitif",
    )  # fmt: skip


def see(mois: str, *valeurs: Valeur) -> dict[str, tuple[Decimal | None, str, int]]:
    cases = view_caf("831", valeurs, DICTIONNAIRE, Mois.parse(mois), 5)
    return {c.valeur.code: (c.valeur.valeur, c.statut, c.duree) for c in cases}


def test_a_caf_sees_its_own_request_complete_even_small() -> None:
    assert see("2025-06", value("demandeurs", "2025-06", 2)) == {"demandeurs": (2, "definitif", 1)}


def test_calls_come_by_closed_quarter_and_add_up() -> None:
    mois = [value("appels", f"2025-0{m}", 2, 4) for m in (4, 5, 6)]
    assert see("2025-05", *mois) == {}
    assert see("2025-06", *mois) == {"appels": (Decimal("0.5"), "definitif", 3)}


def test_what_stays_small_over_the_quarter_is_secret_and_so_is_a_small_distance() -> None:
    assert see("2025-06", value("appels", "2025-06", 3, 40)) == {"appels": (None, "secret", 3)}
    assert see("2025-06", value("appels", "2025-06", 38, 40)) == {"appels": (None, "secret", 3)}
    assert see("2025-06", value("appels", "2025-06", 0, 40)) == {"appels": (0, "definitif", 3)}


@pytest.mark.parametrize(("mois", "statut"), [
    ([(10, 20), (3, 20), (12, 20)], "secret"),  # the published months leave 3 of 20
    ([(10, 20), (17, 20), (12, 20)], "secret"),  # 3 who were not reached
    ([(10, 20), (1, 20), (2, 20)], "secret"),  # 3 in two months
    ([(10, 20), (4, 20), (4, 20)], "definitif"),  # 8 in two months
    ([(10, 20), (0, 20), (12, 20)], "definitif"),
])  # fmt: skip
def test_a_quarter_less_its_published_months_leaves_no_small_count(
    mois: list[tuple[int, int]], statut: str
) -> None:
    valeurs = [value("appels", f"2025-0{m}", n, d) for m, (n, d) in zip((4, 5, 6), mois, strict=True)]
    assert see("2025-06", *valeurs)["appels"][1] == statut


@pytest.mark.parametrize(("nombre", "statut"), [(3, "secret"), (8, "definitif")])
def test_a_rate_without_a_cpam_that_gave_one_term_alone_leaves_no_small_count(
    nombre: int, statut: str
) -> None:
    """30 people of 60 were reached, and 63 were called: 3 by another Cpam, which says nothing of those reached."""
    appeles = define("appeles", ("retour_mensuel", "personnes_appelees"))
    valeurs = [value("appels", f"2025-0{m}", 10, 20) for m in (4, 5, 6)]
    valeurs += [value("appeles", f"2025-0{m}", 20 + (nombre if m == 5 else 0)) for m in (4, 5, 6)]
    cases = view_caf("831", valeurs, [*DICTIONNAIRE, appeles], Mois(2025, 6), 5)
    assert {c.valeur.code: c.statut for c in cases} == {"appeles": "definitif", "appels": statut}


def test_appointments_come_by_closed_year() -> None:
    mois = [value("rdv", f"2025-{m:02d}", 1) for m in range(1, 13)]
    assert see("2025-06", *mois) == see("2025-11", *mois) == {}
    assert see("2025-12", *mois) == {"rdv": (12, "definitif", 12)}
    assert see("2025-12", *mois[:3]) == {"rdv": (None, "secret", 12)}


def test_nobody_sees_the_figures_of_another() -> None:
    assert see("2025-06", value("demandeurs", "2025-06", 9, territoire="061")) == {}
    valeurs = [
        value("appels", "2025-06", 2, 4, "cpam", "831"),
        value("appels", "2025-06", 2, 4, "cpam", "061"),
        value("appels", "2025-06", 2, 4, "national", "FR"),
    ]
    assert [c.valeur for c in view_cpam("831", valeurs)] == valeurs[:1]
    assert [c.valeur for c in view_nation(valeurs)] == valeurs[2:]
