"""Seeded defects, each with its verdict and the Caf that it names.

The months are counts by Caf as the profile holds them, drawn around rates of the synthetic source.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

import pytest
from requete_exemples import JUIN
from sqlalchemy import Connection, text

from aller_vers.qualite.bulletin import announce_porte
from aller_vers.qualite.libelles import find_libelle
from aller_vers.qualite.regles import load_regles
from aller_vers.qualite.suites import load_suite
from aller_vers.qualite.verdicts import Jugement
from aller_vers.requete.publication import judge_requete
from aller_vers.socle.mois import Mois

TAUX = {
    "opposition": 0.02, "affiliation_terminee": 0.02, "courriel_inutilisable": 0.1, "courriel_absent": 0.19,
    "telephone_inutilisable": 0.14, "telephone_absent": 0.13, "sans_contact": 0.09, "code_postal_inconnu": 0.015,
    "code_postal_absent": 0.01, "champs_inverses": 0.005, "contact_repete": 0.02, "deja_le_mois_precedent": 0.02,
}  # fmt: skip
Mensuel = dict[str, tuple[int, dict[str, int]]]


def draw_mois(tirage: random.Random, codes: Sequence[str]) -> Mensuel:
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
    regles = [regle.code for regle in load_regles("requete")]
    etl.execute(
        text(
            "INSERT INTO dq.profil_requete VALUES (:m, 'r', :c, CAST(:c AS text) <> '999', :n, cast(:k AS jsonb))"
        ),
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


Seme = Callable[[Mensuel, Mensuel], None]


def change(code: str, lignes: float = 1, **parts: float) -> Seme:
    def apply(mensuel: Mensuel, _: Mensuel) -> None:
        for c in [*mensuel] if code == "*" else [code]:
            n = round(mensuel[c][0] * lignes)
            comptes = {r: min(v, n) for r, v in mensuel[c][1].items()}
            mensuel[c] = (n, comptes | {regle: round(part * n) for regle, part in parts.items()})

    return apply


def copy(mensuel: Mensuel, precedent: Mensuel) -> None:
    mensuel |= precedent


def add_inconnue(mensuel: Mensuel, _: Mensuel) -> None:
    mensuel["999"] = (3, dict.fromkeys(TAUX, 0))


def nothing(_: Mensuel, __: Mensuel) -> None:
    """Change nothing: the defect is in the past."""


# What holds a Caf from the first row.
JAMAIS = (
    "identite_dupliquee", "identite_absente", "format_inattendu", "depot_hors_mois", "dates_inversees",
    "prestation_inconnue", "opposition_transmise", "opposition_inconnue",
)  # fmt: skip
# One for each other line of the suite: what is done to a clean month, and what the line decides.
SEMES_CAF: dict[str, tuple[Seme, str]] = {
    **{r: (change("591", **{r: 0.9}), "retenu") for r in (
        "opposition", "affiliation_terminee", "champs_inverses", "hors_territoire", "pivot_pour_caf",
        "contact_repete", "deja_le_mois_precedent")},
    **{r: (change("591", **{r: 0.8}), "avertissement") for r in (
        "sans_contact", "courriel_inutilisable", "courriel_absent", "telephone_inutilisable", "telephone_absent",
        "code_postal_inconnu", "code_postal_absent", "contact_de_remplissage")},
    "volume_eleve": (change("591", 1.8), "avertissement"),
    "volume_aberrant": (change("591", 2.6), "retenu"),
    "volume_faible": (change("591", 0.5), "avertissement"),
    "volume_effondre": (change("591", 0.2), "retenu"),
    "caf_absente": (change("591", 0), "retenu"),
}  # fmt: skip
SEMES_NATION: dict[str, tuple[Seme, str]] = {
    "caf_inconnue": (add_inconnue, "retenu"),
    "extrait_vide": (change("*", 0), "retenu"),
    "mois_errone": (change("*", depot_hors_mois=1), "retenu"),
    **{r: (change("*", **{r: 0.8}), "retenu") for r in (
        "opposition", "champs_inverses", "hors_territoire", "pivot_pour_caf", "contact_repete",
        "deja_le_mois_precedent")},
    "extrait_identique": (copy, "retenu"),
    "volume_national_eleve": (change("*", 1.45), "avertissement"),
    "volume_national_aberrant": (change("*", 2), "retenu"),
    "volume_national_faible": (change("*", 0.66), "avertissement"),
    "volume_national_effondre": (change("*", 0.3), "retenu"),
    "historique_court": (nothing, "conforme"),
    **{r: (change("*", **{r: 0.6}), "avertissement") for r in (
        "courriel_inutilisable", "telephone_inutilisable", "code_postal_inconnu", "contact_de_remplissage")},
}  # fmt: skip
LIEN, MATIN = "http://airflow.example.org/runs/essai", datetime(2025, 7, 1, 4, 5, tzinfo=UTC)


@cache
def draw_suite(codes: tuple[str, ...], nombre: int) -> list[Mensuel]:
    """Draw so many clean months, once for every defect."""
    tirage = random.Random(7)
    return [draw_mois(tirage, codes) for _ in range(nombre)]


def judge_seme(etl: Connection, *semes: Seme, mois_passes: int = 6) -> Jugement:
    """Judge a month with these defects, after months without any."""
    *passes, clair = draw_suite(tuple(list_codes(etl)), mois_passes + 1)
    for rang, precedent in enumerate(passes):
        write_mois(etl, JUIN.shift(rang - mois_passes), precedent)
    mensuel = dict(clair)
    for seme in semes:
        seme(mensuel, passes[-1])
    write_mois(etl, JUIN, mensuel)
    return judge_requete(etl, JUIN, "r")


def read_alerte(etl: Connection, jugement: Jugement) -> tuple[str, list[str]]:
    """Announce; return the subject and the lines of the digest, none if there was nothing to tell."""
    if not announce_porte(etl, "requete", JUIN, jugement, LIEN, MATIN):
        return "", []
    [avis] = etl.execute(text("SELECT objet, corps FROM suivi.avis")).all()
    return avis.objet, [ligne for ligne in avis.corps.splitlines() if ligne.startswith("- ")]


def find_ligne(lignes: list[str], regle: str, decision: str) -> str:
    [ligne] = [li for li in lignes if li.startswith(f"- {decision} : {find_libelle(regle)} ({regle}) : ")]
    return ligne


@pytest.mark.parametrize("regle", SEMES_CAF)
def test_a_defect_of_a_caf_is_caught_for_it_and_no_other_and_the_alert_names_it(
    etl: Connection, regle: str
) -> None:
    seme, decision = SEMES_CAF[regle]
    jugement = judge_seme(etl, seme)
    assert jugement.nation != "retenu"
    fautes = {(m.code_caf, m.decision) for m in jugement.manquements if m.regle == regle and m.code_caf}
    assert fautes == {("591", decision)}
    assert jugement.par_caf["591"] == decision
    assert {c for c, d in jugement.par_caf.items() if d != "conforme"} == {"591"}
    objet, lignes = read_alerte(etl, jugement)
    combien = "1 Caf retenue" if decision == "retenu" else "1 Caf en avertissement"
    assert objet == f"Proches aidants : porte de la requête, juin 2025 : {combien}"
    [manquement] = [m for m in jugement.manquements if m.regle == regle and m.code_caf]
    assert find_ligne(lignes, regle, decision).endswith(f" : 591 · Nord ({manquement.nombre})")
    assert {code for li in lignes for code in re.findall(r"(\d{3}) ·", li)} == {"591"}


def test_what_is_never_tolerated_holds_each_caf_for_its_own_defect_and_no_other(etl: Connection) -> None:
    siens = dict(zip(JAMAIS, list_codes(etl)[-len(JAMAIS) :], strict=True))
    jugement = judge_seme(etl, *(change(code, **{regle: 0.03}) for regle, code in siens.items()))
    assert jugement.nation != "retenu"
    fautes = {(m.regle, m.code_caf, m.nombre, m.decision) for m in jugement.manquements if m.code_caf}
    assert fautes == {(regle, code, 1, "retenu") for regle, code in siens.items()}
    assert {c for c, d in jugement.par_caf.items() if d != "conforme"} == set(siens.values())
    objet, lignes = read_alerte(etl, jugement)
    assert objet == "Proches aidants : porte de la requête, juin 2025 : 8 Caf retenues"
    assert {re.findall(r"(\d{3}) ·", find_ligne(lignes, regle, "retenu"))[0] for regle in siens} == {
        *siens.values()
    }


@pytest.mark.parametrize("regle", SEMES_NATION)
def test_a_defect_of_the_nation_is_its_own_and_the_alert_says_so(etl: Connection, regle: str) -> None:
    seme, decision = SEMES_NATION[regle]
    jugement = judge_seme(etl, seme, mois_passes=2 if regle == "historique_court" else 6)
    nationales = {m.regle: m.decision for m in jugement.manquements if m.code_caf is None}
    assert nationales[regle] == jugement.nation == decision
    objet, lignes = read_alerte(etl, jugement)
    if decision == "conforme":  # for information: it is on the page
        assert (objet, lignes) == ("", [])
        return
    debut = "le mois est retenu" if decision == "retenu" else "avertissement national"
    assert objet.startswith(f"Proches aidants : porte de la requête, juin 2025 : {debut}")
    assert "la nation (" in find_ligne(lignes, regle, decision)
    if regle == "caf_inconnue":
        assert "999 (3)" in find_ligne(lignes, regle, decision)
        assert {c for c, d in jugement.par_caf.items() if d == "retenu"} == set()


def test_every_line_of_the_suite_has_its_seeded_defect_and_the_other_way_round() -> None:
    suite = load_suite("requete_nationale")
    decisions = {"critical": "retenu", "warning": "avertissement", "info": "conforme"}
    semes_caf = {r: d for r, (_, d) in SEMES_CAF.items()} | dict.fromkeys(JAMAIS, "retenu")
    semes_nation = {r: d for r, (_, d) in SEMES_NATION.items()}
    for attentes, semes in ((suite.caf, semes_caf), (suite.nation, semes_nation)):
        assert {a.regle: decisions[a.severite] for a in attentes} == semes
    regles = {regle.code for regle in load_regles("requete")}
    assert regles <= {*semes_caf, *semes_nation}


def test_an_empty_month_of_a_small_caf_is_a_quiet_month(etl: Connection) -> None:
    """The smallest of the draw, about one applicant a month: nobody this month is nothing to tell."""
    jugement = judge_seme(etl, change("011", 0))
    assert (set(jugement.par_caf.values()), jugement.nation) == ({"conforme"}, "conforme")
