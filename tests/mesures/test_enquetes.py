"""Surveys: a mission whose truth is known, what is set aside, weights that give the population back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aller_vers.__main__ import main
from aller_vers.mesures.enquetes import (
    Enquete,
    Resultat,
    Retenues,
    compute_resultats,
    load_enquetes,
    rake,
    sort_reponses,
)
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import NATION

SATISFACTION = load_enquetes()["satisfaction"]
# Of 10,000 people, 22.2 % are very satisfied; 7 % answer everything, and of these 18.3 % are: the young answer most.
CELLULES = [  # age, children, people, very satisfied, answered something, answered everything
    ("moins_de_40_ans", "avec", 2500, 0.10, 400, 231),
    ("moins_de_40_ans", "sans", 2500, 0.10, 400, 231),
    ("40_ans_et_plus", "sans", 3000, 0.30, 450, 143),
    ("40_ans_et_plus", "avec", 2000, 0.41, 300, 95),
]
MARGES = {
    "age": {"moins_de_40_ans": 5000.0, "40_ans_et_plus": 5000.0},
    "enfants": {"avec": 4500.0, "sans": 5500.0},
}
VERITE = sum(n * p for _, _, n, p, _, _ in CELLULES) / 10_000


def live_mission() -> list[dict[str, str]]:
    lignes = []
    for age, enfants, _, part, repondants, complets in CELLULES:
        for rang in range(repondants):
            tres = rang < round(complets * part)
            avis = "" if rang >= complets else "tres_satisfaits" if tres else "satisfaits"
            lignes.append(
                {"repondant": f"r{len(lignes)}", "code_caf": "831" if rang % 2 else "061", "age": age,
                 "enfants": enfants, "contact": "oui", "avis": avis}
            )  # fmt: skip
    return lignes


def find(resultats: list[Resultat], territoire: str = NATION, modalite: str = "tres_satisfaits") -> Resultat:
    [trouve] = [
        r for r in resultats if (r.territoire, r.question, r.modalite) == (territoire, "avis", modalite)
    ]
    return trouve


def test_the_raked_figure_of_the_mission_is_nearer_to_the_truth_than_the_raw_one() -> None:
    retenues = sort_reponses(SATISFACTION, live_mission())
    complets = sum(bool(r["avis"]) for r in retenues.reponses)
    assert (complets, round(VERITE, 3)) == (700, 0.222)
    resultat = find(compute_resultats(SATISFACTION, retenues, MARGES))
    assert resultat.brut is not None
    assert resultat.redresse is not None
    assert resultat.marge is not None
    assert round(resultat.brut, 3) == 0.183
    assert abs(resultat.redresse - VERITE) < 0.002 < abs(resultat.brut - VERITE)
    assert resultat.effet_de_plan is not None
    assert 1 < resultat.effet_de_plan < 2
    assert 0.03 < resultat.marge < 0.045
    satisfaits = find(compute_resultats(SATISFACTION, retenues, MARGES), modalite="satisfaits")
    assert satisfaits.redresse is not None
    assert satisfaits.redresse + resultat.redresse == pytest.approx(1)


def test_too_few_answers_give_no_figure_and_a_caf_has_its_own_where_they_are_enough() -> None:
    lignes = live_mission()
    for ligne in lignes[:60]:
        ligne["code_caf"] = "591"
    resultats = compute_resultats(SATISFACTION, sort_reponses(SATISFACTION, lignes), MARGES)
    assert find(resultats, "831").redresse is not None
    petite = find(resultats, "591")
    assert (petite.reponses, petite.brut, petite.redresse, petite.marge) == (60, None, None, None)
    peu = compute_resultats(SATISFACTION, sort_reponses(SATISFACTION, lignes[:80]), MARGES)
    assert {(r.question, r.redresse) for r in peu} == {("contact", None), ("avis", None)}
    minimum = SATISFACTION.reponses_minimales
    lignes = [ligne for ligne in live_mission() if ligne["avis"]][:: 700 // minimum]
    for nombre in (minimum - 1, minimum):
        retenues = sort_reponses(SATISFACTION, lignes[:nombre])
        assert len(retenues.reponses) == nombre
        assert (find(compute_resultats(SATISFACTION, retenues, MARGES)).redresse is None) is (
            nombre < minimum
        )


def test_what_is_answered_twice_or_contradicts_itself_is_set_aside_and_counted() -> None:
    base = {"age": "40_ans_et_plus", "enfants": "avec", "contact": "oui", "avis": "satisfaits"}
    lignes = [
        {**base, "repondant": "a"}, {**base, "repondant": "a"}, {**base, "repondant": "a"},
        {**base, "repondant": "b"}, {**base, "repondant": "b", "avis": "pas_satisfaits"},
        {**base, "repondant": "c", "contact": "non", "avis": "tres_satisfaits"}, {**base, "repondant": "d", "avis": ""},
    ]  # fmt: skip
    retenues = sort_reponses(SATISFACTION, lignes)
    assert [r["repondant"] for r in retenues.reponses] == ["a", "d"]
    assert (retenues.recues, retenues.doublons) == (7, 2)
    assert retenues.contradictoires == {
        "deux réponses différentes sous un même numéro": 2,
        "très satisfait d'un accompagnement, sans aucun contact": 1,
    }


@pytest.mark.parametrize(
    "fausse",
    [{"avis": "ravi"}, {"age": ""}, {"repondant": "0199001234"}, {"repondant": "claire@example.org"}, {"repondant": ""}],
)  # fmt: skip
def test_a_line_that_the_survey_does_not_know_refuses_the_file_without_being_repeated(
    fausse: dict[str, str],
) -> None:
    lignes = live_mission()[:3]
    lignes[1] |= fausse
    with pytest.raises(ErreurAllerVers, match="Ligne 3 : ") as refus:
        sort_reponses(SATISFACTION, lignes)
    assert not any(v and v in str(refus.value) for v in fausse.values())


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy")), min_size=8, max_size=40), st.data())
def test_raked_weights_give_the_population_back_and_keep_to_their_bounds(
    couples: list[tuple[str, str]], data: Any
) -> None:
    couples += [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")]
    reponses = [{"un": u, "deux": d} for u, d in couples]
    a, x = data.draw(st.integers(20, 80)), data.draw(st.integers(20, 80))
    marges = {"un": {"a": float(a), "b": 100.0 - a}, "deux": {"x": float(x), "y": 100.0 - x}}
    poids = rake(reponses, [1.0] * len(reponses), marges)
    for colonne, modalites in marges.items():
        for modalite, population in modalites.items():
            sommes = sum(p for p, r in zip(poids, reponses, strict=True) if r[colonne] == modalite)
            assert sommes == pytest.approx(population, rel=1e-4)
    moyen = 100 / len(reponses)
    assert all(
        moyen / 2 - 1e-9 <= p <= moyen * 2 + 1e-9 for p in rake(reponses, [1.0] * len(reponses), marges, 2)
    )


def test_who_left_a_question_out_is_made_up_for_by_what_they_answered() -> None:
    """Those without a contact leave the opinion out more often, and are less satisfied: the strata cannot tell."""
    lignes = []
    for rang in range(1000):
        contact = "oui" if rang < 500 else "non"
        dit = rang % 5 != 0 if contact == "oui" else rang % 5 == 0
        avis = ("satisfaits" if contact == "oui" else "pas_satisfaits") if dit else ""
        lignes.append({"repondant": f"r{rang}", "age": "moins_de_40_ans" if rang % 2 else "40_ans_et_plus",
                       "enfants": "avec" if rang % 4 < 2 else "sans", "contact": contact, "avis": avis})  # fmt: skip
    retenues = sort_reponses(SATISFACTION, lignes)
    resultat = find(compute_resultats(SATISFACTION, retenues, MARGES), modalite="satisfaits")
    assert resultat.brut == pytest.approx(0.8)
    assert resultat.redresse == pytest.approx(0.5, abs=0.01)
    # One who did not say either: what not everybody answered makes up for nobody.
    retenues = sort_reponses(SATISFACTION, [{**lignes[0], "contact": ""}, *lignes[1:]])
    sans = SATISFACTION.model_copy(update={"auxiliaires": ()})
    assert compute_resultats(SATISFACTION, retenues, MARGES) == compute_resultats(sans, retenues, MARGES)


def test_margins_that_are_not_the_strata_s_or_a_modality_without_anybody_are_refused() -> None:
    retenues = sort_reponses(SATISFACTION, live_mission())
    for marges in ({"age": MARGES["age"]}, {**MARGES, "enfants": {"avec": 1.0, "sans": 2.0}}):
        with pytest.raises(ErreurAllerVers, match="Les marges ne sont pas"):
            compute_resultats(SATISFACTION, retenues, marges)
    jeunes = Retenues(tuple(r for r in retenues.reponses if r["age"] == "moins_de_40_ans"), 0, 0, {})
    with pytest.raises(ErreurAllerVers, match="Personne n'a répondu parmi age = 40_ans_et_plus"):
        compute_resultats(SATISFACTION, jeunes, MARGES)


def test_a_dictionary_that_cites_what_it_has_not_is_refused() -> None:
    brut = SATISFACTION.model_dump()
    for faute in ({"auxiliaires": ("age",)}, {"contradictions": ({"libelle": "x", "reponses": {"avis": "x", "age": "y"}},)}):  # fmt: skip
        with pytest.raises(ValueError, match=r"question auxiliaire|une contradiction cite"):
            Enquete.model_validate({**brut, **faute})


def test_the_command_tells_before_and_after(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lignes = live_mission()
    with (tmp_path / "r.csv").open("w", encoding="utf-8", newline="") as flux:
        ecriture = csv.DictWriter(flux, lignes[0], delimiter=";")
        ecriture.writeheader()
        ecriture.writerows([*lignes, lignes[0]])
    marges = "".join(f"{s};{m};{int(n)}\n" for s, ms in MARGES.items() for m, n in ms.items())
    (tmp_path / "m.csv").write_text(f"strate;modalite;population\n{marges}", encoding="utf-8")
    options = ["--reponses", "r.csv", "--marges", "m.csv", "--sortie", "s.csv"]
    assert main(["enquete", *(str(tmp_path / o) if o.endswith("csv") else o for o in options)]) == 0
    dit = capsys.readouterr().out
    assert "1 551 réponses reçues" in dit.replace("\u202f", " ")
    assert "1 doublon, aucune contradiction, 700 réponses complètes (7,0" in dit
    ecrites = list(
        csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text(encoding="utf-8-sig")), delimiter=";")
    )
    [tres] = [x for x in ecrites if x["territoire"] == NATION and x["modalite"] == "tres_satisfaits"]
    assert (tres["brut"], tres["redresse"][:4]) == ("0,1829", "0,22")
