"""The gate, with the real Great Expectations: every failing Caf is named, and doubt holds."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import date
from typing import Any

import pandas as pd
import pytest

from aller_vers.qualite.porte import judge
from aller_vers.qualite.suites import Attente, Severite, Suite
from aller_vers.qualite.verdicts import Manquement
from canaris import keep_resultats

CAF = [f"{n:03d}" for n in range(1, 102)]
NATION = pd.DataFrame([{"code_caf": "FR", "lignes": 10, "defauts": 0, "caf_inconnues": 0}])


def expect(
    colonne: str = "defauts",
    severite: Severite = "critical",
    regle: str | None = None,
    **parametres: Any,
) -> Attente:
    return Attente(
        type="expect_column_values_to_be_between", regle=regle or colonne, colonne=colonne,
        parametres=parametres or {"max_value": 0}, severite=severite,
        raison="Une raison d'essai.", date=date(2025, 6, 1),
    )  # fmt: skip


def build_suite(*caf: Attente, nation: tuple[Attente, ...] = ()) -> Suite:
    return Suite(gate="essai", caf=caf, nation=nation)


def build_profil(fautives: dict[str, Any] | None = None, codes: list[str] = CAF) -> pd.DataFrame:
    """One row a Caf, ``defauts`` 0 but for those named."""
    return pd.DataFrame(
        [{"code_caf": c, "lignes": 10, "autres": 0, "defauts": (fautives or {}).get(c, 0)} for c in codes]
    )


@pytest.mark.parametrize("nombre", [0, 1, 2, 7, 21, 100, 101])
def test_every_failing_caf_is_named_and_no_other(nombre: int) -> None:
    fautives = {code: rang for rang, code in enumerate(CAF[::-1][:nombre], start=1)}
    jugement = judge(build_suite(expect()), build_profil(fautives), NATION)
    assert {c for c, d in jugement.par_caf.items() if d == "retenu"} == set(fautives)
    assert len(jugement.par_caf) == 101
    assert {m.code_caf: m.nombre for m in jugement.manquements} == fautives
    assert jugement.nation == "conforme"


@pytest.mark.parametrize("nombre", [199, 200, 201, 450])
def test_more_failing_units_than_great_expectations_lists_in_brief_are_all_named(nombre: int) -> None:
    codes = [f"{n:03d}" for n in range(500)]
    fautives = dict.fromkeys(codes[:nombre], 1)
    jugement = judge(build_suite(expect()), build_profil(fautives, codes), NATION)
    assert [m.code_caf for m in jugement.manquements] == codes[:nombre]
    assert jugement.count() == {"conforme": 500 - nombre, "avertissement": 0, "retenu": nombre}


@pytest.mark.parametrize(
    ("severite", "decision"), [("critical", "retenu"), ("warning", "avertissement"), ("info", "conforme")]
)
def test_the_severity_decides(severite: Severite, decision: str) -> None:
    jugement = judge(build_suite(expect(severite=severite)), build_profil({"042": 3}), NATION)
    assert jugement.par_caf["042"] == decision
    assert set(jugement.par_caf.values()) <= {decision, "conforme"}
    assert jugement.manquements == (Manquement("042", "defauts", severite, 3),)


def test_several_failures_give_the_worst_and_all_are_kept() -> None:
    suite = build_suite(
        expect(regle="info", severite="info"),
        expect(regle="grave"),
        expect("lignes", "warning", "attention", max_value=5),
    )
    jugement = judge(suite, build_profil({"042": 3}), NATION)
    assert jugement.count() == {"conforme": 0, "avertissement": 100, "retenu": 1}
    assert [m.regle for m in jugement.manquements if m.code_caf == "042"] == ["info", "grave", "attention"]


def test_the_nation_is_judged_apart() -> None:
    nation = NATION.assign(caf_inconnues=4)
    jugement = judge(build_suite(expect(), nation=(expect("caf_inconnues"),)), build_profil(), nation)
    assert (jugement.nation, set(jugement.par_caf.values())) == ("retenu", {"conforme"})
    assert jugement.manquements == (Manquement(None, "caf_inconnues", "critical", 4),)


def test_a_share_is_recorded_as_the_number_of_rows_behind_it() -> None:
    profil = build_profil({"042": 10, "043": 7}).assign(part_defauts=lambda p: p["defauts"] / p["lignes"])
    jugement = judge(build_suite(expect("part_defauts", max_value=0.6)), profil, NATION)
    assert {m.code_caf: m.nombre for m in jugement.manquements} == {"042": 10, "043": 7}


@pytest.mark.parametrize("severite", ["critical", "warning", "info"])
@pytest.mark.parametrize(
    "profil",
    [
        pytest.param(build_profil().drop(columns="defauts"), id="missing column"),
        pytest.param(build_profil({"042": None}), id="None"),
        pytest.param(build_profil({"042": float("nan")}), id="NaN"),
        pytest.param(build_profil({"042": "douze"}), id="text among numbers: an exception"),
        pytest.param(build_profil(dict.fromkeys(CAF, "canari@example.org")), id="text: an exception"),
    ],
)
def test_what_could_not_be_evaluated_holds_every_caf_whatever_its_severity(
    profil: pd.DataFrame, severite: Severite, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    jugement = judge(build_suite(expect(severite=severite), expect("autres")), profil, NATION)
    assert jugement.count() == {"conforme": 0, "avertissement": 0, "retenu": 101}
    assert {(m.regle, m.nombre, m.evaluee) for m in jugement.manquements} == {("defauts", None, False)}
    assert "canari" not in caplog.text + str(jugement)


@pytest.mark.parametrize("portee", ["caf", "nation"])
def test_an_empty_profile_holds_the_nation(portee: str) -> None:
    vide = build_profil().head(0)
    suite = build_suite(expect(), nation=(expect("lignes", min_value=1),))
    jugement = judge(suite, vide, NATION) if portee == "caf" else judge(suite, build_profil(), NATION.head(0))
    assert jugement.nation == "retenu"
    assert [(m.code_caf, m.evaluee) for m in jugement.manquements] == [(None, False)]


def test_a_type_that_great_expectations_cannot_tell_by_row_holds() -> None:
    """Its result names nobody: no name is no acquittal."""
    attente = Attente(
        type="expect_column_values_to_be_of_type", regle="defauts", colonne="defauts",
        parametres={"type_": "str"}, severite="info", raison="Une raison d'essai.", date=date(2025, 6, 1),
    )  # fmt: skip
    jugement = judge(build_suite(attente), build_profil(), NATION)
    assert jugement.count()["retenu"] == 101


def test_the_judgement_holds_codes_rules_and_counts_alone() -> None:
    jugement = judge(build_suite(expect()), build_profil({"042": 3}), NATION)
    [manquement] = jugement.manquements
    assert asdict(manquement) == {
        "code_caf": "042", "regle": "defauts", "severite": "critical", "nombre": 3, "evaluee": True,
        "derogation": None,
    }  # fmt: skip
    assert type(manquement.code_caf) is str
    assert type(manquement.nombre) is int


@pytest.mark.parametrize("nombre", [1, 3])
def test_a_result_holds_the_codes_of_the_failing_caf_and_no_value(
    nombre: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resultats = keep_resultats(monkeypatch)
    fautives = {f"{rang:03d}": 424_242 + rang for rang in range(1, nombre + 1)}
    judge(build_suite(expect()), build_profil(fautives), NATION)
    [nommes] = resultats
    assert "001" in nommes
    assert "42424" not in "".join(resultats)


def test_no_progress_bar_reaches_the_log(capfd: pytest.CaptureFixture[str]) -> None:
    judge(build_suite(expect()), build_profil({"042": 3}), NATION)
    assert "Calculating" not in "".join(capfd.readouterr())
