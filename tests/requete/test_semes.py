"""Seeded defects, each with its verdict and the Caf that it names.

The months are counts by Caf as the profile holds them, drawn around rates of the synthetic source.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import pytest
from requete_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.mois import Mois
from aller_vers.regles import load_regles
from aller_vers.requete import judge_requete
from aller_vers.verdicts import Jugement

TAUX = {
    "opposition": 0.02, "affiliation_terminee": 0.02, "courriel_inutilisable": 0.1, "courriel_absent": 0.19,
    "telephone_inutilisable": 0.14, "telephone_absent": 0.13, "sans_contact": 0.09, "code_postal_inconnu": 0.015,
    "code_postal_absent": 0.01, "champs_inverses": 0.005, "contact_repete": 0.02, "deja_le_mois_precedent": 0.02,
}  # fmt: skip
Mensuel = dict[str, tuple[int, dict[str, int]]]


def draw_mois(tirage: random.Random, codes: list[str]) -> Mensuel:
    """Draw a clean month: from 1 to 70 people a Caf, 59 (the Nord) the largest."""
    mensuel: Mensuel = {}
    for rang, code in enumerate(codes):
        moyenne = 70 if code == "591" else 1 + 34 * rang / len(codes)
        lignes = sum(tirage.random() < moyenne / 1000 for _ in range(1000))
        mensuel[code] = (
            lignes,
            {r: sum(tirage.random() < t for _ in range(lignes)) for r, t in TAUX.items()},
        )
    return mensuel


def write_mois(etl: Connection, mois: Mois, mensuel: Mensuel) -> None:
    regles = [regle.code for regle in load_regles("requete_nationale")]
    etl.execute(
        text("INSERT INTO dq.profil_requete VALUES (:m, 'r', :c, true, :n, cast(:k AS jsonb))"),
        [
            {"m": str(mois), "c": code, "n": lignes, "k": json.dumps(dict.fromkeys(regles, 0) | comptes)}
            for code, (lignes, comptes) in mensuel.items()
        ],
    )
    etl.execute(
        text("INSERT INTO core.publication (mois, run_id, depot, demandeurs, transmissibles)"
             " VALUES (:m, 'r', true, 0, 0)"), {"m": str(mois)},
    )  # fmt: skip


def list_codes(etl: Connection) -> list[str]:
    return list(etl.scalars(text("SELECT code_caf FROM marts.caf ORDER BY code_caf")))


def find_retenues(jugement: Jugement) -> set[str]:
    return {code for code, decision in jugement.par_caf.items() if decision == "retenu"}


def change(code: str, lignes: float = 1, **parts: float) -> Callable[[Mensuel, Mensuel], None]:
    def apply(mensuel: Mensuel, _: Mensuel) -> None:
        for c in [*mensuel] if code == "*" else [code]:
            n = round(mensuel[c][0] * lignes)
            comptes = {r: min(v, n) for r, v in mensuel[c][1].items()}
            mensuel[c] = (n, comptes | {regle: round(part * n) for regle, part in parts.items()})

    return apply


def copy(mensuel: Mensuel, precedent: Mensuel) -> None:
    mensuel |= precedent


def empty_lozere(mensuel: Mensuel, _: Mensuel) -> None:
    mensuel["011"] = (0, dict.fromkeys(TAUX, 0))


SEMES = [
    *((change("591", **{r: 0.02}), r, "591", False) for r in (
        "identite_dupliquee", "identite_absente", "format_inattendu", "depot_hors_mois", "dates_inversees",
        "prestation_inconnue", "opposition_transmise", "opposition_inconnue")),
    *((change("591", **{r: 0.9}), r, "591", False) for r in (
        "opposition", "affiliation_terminee", "champs_inverses", "hors_territoire", "pivot_pour_caf",
        "contact_repete", "deja_le_mois_precedent")),
    (change("591", 2.6), "volume_aberrant", "591", False),
    (change("591", 0.2), "volume_effondre", "591", False),
    (change("591", 0), "caf_absente", "591", False),
    (empty_lozere, "", "", False),
    (change("*", depot_hors_mois=1), "mois_errone", "*", True),
    *((change("*", **{r: 0.8}), r, "*", True) for r in (
        "opposition", "champs_inverses", "hors_territoire", "pivot_pour_caf", "contact_repete",
        "deja_le_mois_precedent")),
    (copy, "extrait_identique", "", True),
    (change("*", 2), "volume_national_aberrant", "*", True),
    (change("*", 0.3), "volume_national_effondre", "*", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("seme", "regle", "caf", "nation"), SEMES, ids=lambda v: v if isinstance(v, str) else ""
)
def test_each_seeded_defect_is_caught_for_its_caf_and_no_other(
    etl: Connection, seme: Callable[[Mensuel, Mensuel], None], regle: str, caf: str, nation: bool
) -> None:
    tirage = random.Random(7)
    codes = list_codes(etl)
    for rang in range(6):
        precedent = draw_mois(tirage, codes)
        write_mois(etl, JUIN.shift(rang - 6), precedent)
    mensuel = draw_mois(tirage, codes)
    seme(mensuel, precedent)
    write_mois(etl, JUIN, mensuel)
    jugement = judge_requete(etl, JUIN, "r")
    assert (jugement.nation == "retenu") == nation
    if caf != "*":
        assert find_retenues(jugement) == ({caf} if caf else set())
    if regle:
        cible = None if nation else caf
        assert regle in {
            m.regle for m in jugement.manquements if m.code_caf == cible and m.decision == "retenu"
        }
