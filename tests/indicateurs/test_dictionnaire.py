"""The dictionary: strict, complete, versioned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from aller_vers.indicateurs.dictionnaire import Composant, Indicateur, load_dictionnaire
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

DEFINITION: dict[str, Any] = {
    "code": "taux", "version": 1, "libelle": "Taux", "definition": "D", "nature": "IS", "type": "ratio",
    "numerateur": {"mesure": "n", "modalite": "tous"}, "denominateur": {"mesure": "d", "modalite": "tous"},
    "unite": "part", "sens": "plus", "biais": "B", "levier": "L", "source": "S",
    "valable_du": date(2020, 9, 1), "journal": ["version 1 : première définition"],
}  # fmt: skip
HISTOGRAMME = {"denominateur": None, "numerateur": {"mesure": "delai"}}


def write(dossier: Path, champs: dict[str, Any], nom: str = "taux") -> None:
    (dossier / f"{nom}.yml").write_text(yaml.safe_dump(champs, allow_unicode=True), encoding="utf-8")


def define(**champs: Any) -> Indicateur:
    return Indicateur.model_validate(DEFINITION | champs)


def test_the_shipped_dictionary_is_read() -> None:
    assert {"demandeurs", "taux_courriel_valide"} <= {i.code for i in load_dictionnaire()}


def test_a_complete_definition_is_read(tmp_path: Path) -> None:
    champs = {
        "nature": "IR", "axe": "Accès aux droits", "points": 30, "valeur_origine": 0.45, "cibles": {date(2025, 1, 1): 0.5},
        "bande_quasi_atteint": 0.05, "part_minimale_caisses": 0.8, "valable_au": date(2027, 12, 31),
        "abandonne": date(2027, 1, 1), "periodes": ["annee", "origine"], "maille": "couple",
        "decisions": [{"mois": "2025-06", "atteinte": "quasi_atteinte", "date": date(2025, 9, 1), "raison": "Comité de suivi."}],
    }  # fmt: skip
    write(tmp_path, DEFINITION | champs)
    [lu] = load_dictionnaire(tmp_path)
    assert lu == define(**champs)
    assert lu.cibles == {date(2025, 1, 1): Decimal("0.5")}
    assert lu.numerateur == (Composant(mesure="n", modalite="tous"),)
    assert lu.find_decision(Mois(2025, 6)) == "quasi_atteinte"
    assert lu.find_decision(Mois(2025, 7)) is None


@pytest.mark.parametrize("champ", [c for c in DEFINITION if c != "denominateur"])
def test_a_definition_without_a_field_is_refused(tmp_path: Path, champ: str) -> None:
    write(tmp_path, {c: v for c, v in DEFINITION.items() if c != champ})
    with pytest.raises(ErreurAllerVers, match=rf"taux\.yml est refusé.*{champ}"):
        load_dictionnaire(tmp_path)


@pytest.mark.parametrize(
    "champs",
    [
        {"cible": 0.7},
        {"nature": "IX"},
        {"type": "taux"},
        {"sens": "mieux"},
        {"version": 0},
        {"code": "Taux!"},
        {"libelle": ""},
        {"journal": []},
        {"journal": ["première définition"]},
        {"journal": ["version 2 : pas celle-ci"]},
        {"denominateur": None},
        {"type": "compte"},
        {"type": "dispersion", "denominateur": None},
        {"type": "dispersion", "maille": "couple"},
        {"type": "evolution", "denominateur": None},
        {"type": "evolution", "denominateur": None, "recul_mois": 12, "periodes": ["annee"]},
        {"type": "quantile", **HISTOGRAMME},
        {"type": "quantile", **HISTOGRAMME, "quantile": 1},
        {
            "type": "quantile",
            **HISTOGRAMME,
            "quantile": 0.5,
            "numerateur": [{"mesure": "delai", "poids": 0.5}],
        },
        {"quantile": 0.5},
        {"recul_mois": 1},
        {"frequence": "semestre", "periodes": ["annee"]},
        {"points": 10, "nature": "IR"},
        {"nature": "IR"},
        {"nature": "IR", "cibles": {date(2025, 1, 1): 0.5}, "sans_cible": "le réseau n'en a pas fixé"},
        {"sens": "neutre", "cibles": {date(2025, 1, 1): 0.5}},
        {"sens": "neutre", "nature": "IR", "sans_cible": "le réseau n'en a pas fixé"},
        {"points": 10, "axe": "Droits"},
        {"numerateur": []},
        {"numerateur": {"mesure": "n", "modalites": ["tous"]}},
        {"numerateur": {"mesure": "n", "classe_min": 3, "classe_max": 2}},
        {"numerateur": {"mesure": "n", "poids": 0}},
        {"cibles": {"bientôt": 0.7}},
        {"valable_au": date(2020, 8, 31)},
        {"abandonne": True},
        {"maille": "departement"},
        {"decisions": [{"mois": "2025-06", "atteinte": "atteinte", "date": date(2025, 9, 1)}]},
    ],
)
def test_what_is_unknown_or_contradicts_itself_is_refused(tmp_path: Path, champs: dict[str, Any]) -> None:
    write(tmp_path, DEFINITION | champs)
    with pytest.raises(ErreurAllerVers, match="est refusé"):
        load_dictionnaire(tmp_path)


def test_a_field_written_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, DEFINITION)
    with (tmp_path / "taux.yml").open("a", encoding="utf-8") as fichier:
        fichier.write("version: 2\n")
    with pytest.raises(ErreurAllerVers, match=r"(?s)est refusé.*double"):
        load_dictionnaire(tmp_path)


def test_two_versions_of_one_code_stand_side_by_side(tmp_path: Path) -> None:
    write(tmp_path, DEFINITION)
    write(
        tmp_path,
        DEFINITION | {"version": 2, "journal": ["version 1 : …", "version 2 : autre seuil"]},
        "taux_v2",
    )
    assert [i.cle for i in load_dictionnaire(tmp_path)] == ["taux/1", "taux/2"]
    write(tmp_path, DEFINITION, "taux_v1")
    with pytest.raises(ErreurAllerVers, match="deux fois la version 1"):
        load_dictionnaire(tmp_path)


@pytest.mark.parametrize("nom", ["autre", "taux_v2", "taux-1"])
def test_a_definition_under_another_name_is_refused(tmp_path: Path, nom: str) -> None:
    write(tmp_path, DEFINITION, nom)
    with pytest.raises(ErreurAllerVers, match=rf"{nom}\.yml définit « taux », version 1"):
        load_dictionnaire(tmp_path)


def test_a_folder_without_a_definition_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers, match="ne contient aucun indicateur"):
        load_dictionnaire(tmp_path)


@pytest.mark.parametrize(
    ("mois", "cible"),
    [(Mois(2024, 12), None), (Mois(2025, 1), "0.5"), (Mois(2025, 6), "0.7"), (Mois(2026, 1), "0.7")],
)
def test_the_target_in_force_is_the_last_one_dated_by_the_end_of_the_month(
    mois: Mois, cible: str | None
) -> None:
    indicateur = define(cibles={date(2025, 6, 30): 0.7, date(2025, 1, 1): 0.5})
    assert indicateur.find_cible(mois) == (cible and Decimal(cible))


@pytest.mark.parametrize(
    ("champs", "mois"),
    [
        ({}, {5, 6, 7, 8, 9, 12}),
        ({"valable_du": date(2025, 6, 30)}, {6, 7, 8, 9, 12}),
        ({"valable_du": date(2025, 7, 1)}, {7, 8, 9, 12}),
        ({"valable_au": date(2025, 6, 1)}, {5, 6}),
        ({"frequence": "trimestre"}, {6, 9, 12}),
        ({"frequence": "semestre"}, {6, 12}),
        ({"frequence": "annee"}, {12}),
    ],
)
def test_a_definition_has_a_value_in_the_months_in_force_that_close_its_period(
    champs: dict[str, Any], mois: set[int]
) -> None:
    indicateur = define(**champs)
    assert {m for m in (5, 6, 7, 8, 9, 12) if indicateur.is_valable(Mois(2025, m))} == mois


def test_an_indicator_is_given_up_from_a_day_on() -> None:
    indicateur = define(abandonne=date(2025, 6, 30))
    assert [indicateur.is_abandonne(Mois(2025, m)) for m in (5, 6, 7)] == [False, True, True]


@pytest.mark.parametrize(
    ("champs", "niveaux", "caisse"),
    [
        ({}, ("national", "region", "groupe", "caf"), "caf"),
        ({"maille": "cpam"}, ("national", "region", "groupe", "cpam"), "cpam"),
        ({"maille": "couple"}, ("national", "region", "groupe", "caf", "cpam"), "caf"),
        ({"maille": "national"}, ("national",), None),
        ({"type": "dispersion"}, ("national", "region", "groupe"), None),
    ],
)
def test_the_grain_of_the_measures_says_which_levels_have_a_value(
    champs: dict[str, Any], niveaux: tuple[str, ...], caisse: str | None
) -> None:
    indicateur = define(**champs)
    assert indicateur.niveaux == niveaux
    assert indicateur.caisse == caisse


@pytest.mark.parametrize(
    ("mesure", "admise"),
    [("contacts_separation", True), ("actions_fnpeis", True), ("demandeurs", False), ("inconnue", False)],
)
def test_modalities_are_added_up_only_where_they_partition_the_measure(
    tmp_path: Path, mesure: str, admise: bool
) -> None:
    """« tous » and « ajpa » of the same people would count them twice."""
    compte = {"type": "compte", "numerateur": {"mesure": mesure, "modalite": "*"}}
    write(tmp_path, {cle: v for cle, v in (DEFINITION | compte).items() if cle != "denominateur"})
    if admise:
        assert len(load_dictionnaire(tmp_path)) == 1
    else:
        with pytest.raises(ErreurAllerVers, match=f"modalités de {mesure}"):
            load_dictionnaire(tmp_path)
