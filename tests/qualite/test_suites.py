"""Suites are read strictly: nothing that is asked for is left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from aller_vers.qualite.porte import build_expectation
from aller_vers.qualite.suites import DOSSIER, load_suite
from aller_vers.socle.erreurs import ErreurAllerVers

ATTENTE = """\
  - type: expect_column_values_to_be_between
    regle: {regle}
    colonne: lignes
    parametres: {{max_value: 0}}
    severite: critical
    raison: Une raison que l'on peut lire.
    date: 2025-06-01
"""
BONNE = "gate: essai\ncaf:\n" + ATTENTE.format(regle="une") + "nation:\n" + ATTENTE.format(regle="une")


def load(dossier: Path, texte: str) -> object:
    (dossier / "essai.yml").write_text(texte, encoding="utf-8")
    return load_suite("essai", dossier)


def test_a_complete_suite_is_read(tmp_path: Path) -> None:
    suite = load(tmp_path, BONNE)
    assert [a.regle for a in suite.caf] == ["une"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        pytest.param(
            "    colonne: lignes\n", "    colonne: lignes\n    mostly: 0.9\n", "mostly", id="unknown key"
        ),
        pytest.param("gate: essai\n", "gate: essai\nnotes: x\n", "notes", id="unknown key of the suite"),
        pytest.param("severite: critical", "severite: grave", "severite", id="unknown severity"),
        pytest.param("    raison: Une raison que l'on peut lire.\n", "", "raison", id="no reason"),
        pytest.param("Une raison que l'on peut lire.", "bof", "raison", id="reason too short"),
        pytest.param("    date: 2025-06-01\n", "", "date", id="no date"),
        pytest.param("date: 2025-06-01", "date: hier", "date", id="not a date"),
        pytest.param("    regle: une\n", "", "regle", id="no rule"),
        pytest.param("    type: ", "    typ: ", "type", id="misspelt key"),
        pytest.param(
            "    severite: critical\n",
            "    severite: critical\n    severite: info\n",
            "double",
            id="doubled key",
        ),
        pytest.param(
            "nation:\n",
            ATTENTE.format(regle="une") + "nation:\n",
            "règles en double : une",
            id="doubled rule",
        ),
        pytest.param(ATTENTE.format(regle="une") + "nation", "nation", "caf", id="caf without expectation"),
        pytest.param("caf:\n", "caf:\n  - [\n", "ligne 4", id="not YAML"),
    ],
)
def test_a_suite_with_a_fault_is_refused_with_its_name(
    tmp_path: Path, avant: str, apres: str, dit: str
) -> None:
    if avant.startswith("    type"):
        avant, apres = "- type: ", "- typ: "
    assert avant in BONNE
    with pytest.raises(ErreurAllerVers, match=rf"(?s)expectations/essai\.yml est refusée.*{dit}") as erreur:
        load(tmp_path, BONNE.replace(avant, apres, 1))
    assert "aucun lot n'est jugé conforme" in erreur.value.remede


@pytest.mark.parametrize("texte", ["", "[]", "gate: essai\ncaf: []\nnation: []\n", "caf: []\n"])
def test_an_empty_suite_is_refused(tmp_path: Path, texte: str) -> None:
    with pytest.raises(ErreurAllerVers, match="est refusée"):
        load(tmp_path, texte)


def test_a_suite_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match=r"expectations/absente\.yml est refusée"):
        load_suite("absente", tmp_path)


@pytest.mark.parametrize("fichier", sorted(DOSSIER.glob("*.yml")), ids=lambda f: f.stem)
def test_every_shipped_suite_asks_for_what_great_expectations_has(fichier: Path) -> None:
    suite = load_suite(fichier.stem)
    construites = [build_expectation(attente, attente.colonne) for attente in (*suite.caf, *suite.nation)]
    assert len(construites) > 5


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        ("expect_column_values_to_be_between", "expect_column_values_to_be_entre", "attente inconnue"),
        ("expect_column_values_to_be_between", "expect_table_row_count_to_equal", "attente inconnue"),
        ("expect_column_values_to_be_between", "expect_column_mean_to_be_between", "attente inconnue"),
        ("{max_value: 0}", "{maximum: 0}", "paramètre inconnu ou interdit : maximum"),
        ("{max_value: 0}", "{max_value: 0, mostly: 0.9}", "paramètre inconnu ou interdit : mostly"),
        (
            "{max_value: 0}",
            "{max_value: 0, row_condition: x}",
            "paramètre inconnu ou interdit : row_condition",
        ),
        ("{max_value: 0}", "{max_value: 0, column: x}", "paramètre inconnu ou interdit : column"),
        ("{max_value: 0}", "{max_value: zéro}", "valeurs qui ne lui conviennent pas"),
        ("{max_value: 0}", "{}", "valeurs qui ne lui conviennent pas"),
    ],
)
def test_an_unknown_type_or_parameter_is_refused_with_the_name_of_its_rule(
    tmp_path: Path, avant: str, apres: str, dit: str
) -> None:
    suite = load(tmp_path, BONNE.replace(avant, apres))
    with pytest.raises(ErreurAllerVers, match=f"La règle « une ».*{dit}"):
        build_expectation(suite.caf[0], "defauts")  # type: ignore[attr-defined]


RARETE = BONNE.replace("colonne: lignes", "colonne: exces_lignes\n    dispersion: 0.1", 1)


@pytest.mark.parametrize(
    ("avant", "apres", "dit"),
    [
        pytest.param("    dispersion: 0.1\n", "", "à une rareté, et à elle seule", id="no model"),
        pytest.param(
            "dispersion: 0.1", "dispersion: 0.1\n    part_normale: 0.1", "à une rareté, et à elle seule", id="both models"
        ),
        pytest.param("colonne: exces_lignes", "colonne: lignes", "à une rareté, et à elle seule", id="no rarity"),
        pytest.param(
            "colonne: exces_lignes\n    dispersion", "colonne: manque_lignes\n    part_normale",
            "part_normale ne juge qu'un excès", id="a share of a lack",
        ),
        pytest.param("dispersion: 0.1", "dispersion: 1.5", "dispersion", id="out of bounds"),
        pytest.param(
            "nation:\n",
            ATTENTE.format(regle="deux").replace("colonne: lignes", "colonne: exces_lignes\n    dispersion: 0.2") + "nation:\n",
            "une rareté à deux modèles : exces_lignes", id="two models of one rarity",
        ),
    ],
)  # fmt: skip
def test_a_rarity_has_one_model_and_the_one_that_suits_it(
    tmp_path: Path, avant: str, apres: str, dit: str
) -> None:
    load(tmp_path, RARETE)
    assert avant in RARETE
    with pytest.raises(ErreurAllerVers, match=rf"(?s)est refusée.*{dit}"):
        load(tmp_path, RARETE.replace(avant, apres, 1))
