"""Integrity of the reference files, read as plain CSV, and of the script that derives them."""

import csv
import importlib.util
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

REFERENCE = Path(__file__).parents[2] / "include" / "reference"
CLES = {
    "caf": ("code_caf",),
    "cpam": ("code_cpam",),
    "region": ("code_region",),
    "code_postal": ("code_postal",),
    "perimetre": ("code_cpam", "code_postal"),
    "convention": ("code_caf", "code_cpam", "date_debut"),
}
SEIGNANX = {"40220", "40390", "40440"}
DEPARTEMENTS_DIVISES = {"59", "62", "64", "76"}


def read(nom: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{nom}.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=";", strict=True))
    assert rows
    return rows


def split(cell: str) -> set[str]:
    return set(cell.split("|")) if cell else set()


CAF, CPAM, PERIMETRE, CONVENTION = (read(nom) for nom in ("caf", "cpam", "perimetre", "convention"))
CODE_POSTAL = {row["code_postal"]: row for row in read("code_postal")}
DEPARTEMENTS = [(departement, row) for row in CAF for departement in split(row["departements"])]


@pytest.mark.parametrize("nom", CLES)
def test_the_file_is_utf8_without_bom_with_lf(nom: str) -> None:
    content = (REFERENCE / f"{nom}.csv").read_bytes()

    assert not content.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in content
    assert content.endswith(b"\n")
    assert not content.endswith(b"\n\n")
    assert "\ufffd" not in content.decode("utf-8")


@pytest.mark.parametrize("nom", CLES)
def test_every_line_is_complete_and_keys_are_unique_and_sorted(nom: str) -> None:
    rows = read(nom)
    cles = [tuple(row[column] for column in CLES[nom]) for row in rows]

    assert all(None not in row and None not in row.values() for row in rows)
    assert all(all(cle) for cle in cles)
    assert len(set(cles)) == len(cles)
    assert cles == sorted(cles)


@pytest.mark.parametrize(
    ("nom", "nombre"),
    [("caf", 101), ("cpam", 107), ("region", 18), ("code_postal", 6189), ("convention", 108)],
)
def test_the_file_has_its_number_of_lines(nom: str, nombre: int) -> None:
    assert len(read(nom)) == nombre


def test_the_types_of_caisses_are_those_of_the_maladie_network() -> None:
    assert Counter(row["type"] for row in CPAM) == {"CPAM": 100, "CCSS": 2, "CGSS": 4, "CSSM": 1}


def test_short_names_are_distinct_and_accented() -> None:
    libelles = {row["code_caf"]: row["libelle_court"] for row in CAF}

    assert len(set(libelles.values())) == len({row["siren"] for row in CAF}) == 101
    assert libelles["831"] == "Var"
    assert libelles["051"] == "Hautes-Alpes"
    assert libelles["971"] == "Guadeloupe"
    assert libelles["974"] == "La Réunion"
    assert libelles["641"] == "Pyrénées-Atlantiques"


def test_a_department_has_one_caf_and_some_postcodes_and_a_cpam() -> None:
    departements = {departement for departement, _ in DEPARTEMENTS}

    assert len(DEPARTEMENTS) == len(departements) == 103
    assert {row["departement"] for row in CODE_POSTAL.values()} == departements
    assert {departement for row in CPAM for departement in split(row["departements"])} == departements


def test_the_region_of_a_postcode_is_the_one_of_its_caf() -> None:
    regions = {departement: row["code_region"] for departement, row in DEPARTEMENTS}

    assert set(regions.values()) == {row["code_region"] for row in read("region")}
    assert [c for c, row in CODE_POSTAL.items() if row["code_region"] != regions[row["departement"]]] == []


def test_every_inhabitant_is_counted_once() -> None:
    # 68,392,618: the 34,969 communes of the package less those of territories without a Caf.
    assert sum(int(row["population"]) for row in CODE_POSTAL.values()) == 68_392_618
    assert all(int(row["population"]) > 0 and int(row["nb_communes"]) > 0 for row in CODE_POSTAL.values())


def test_saint_martin_and_saint_barthelemy_depend_on_guadeloupe() -> None:
    guadeloupe = next(row for row in CAF if row["code_caf"] == "971")

    assert CODE_POSTAL["97133"]["departement"] == "977"
    assert CODE_POSTAL["97150"]["departement"] == "978"
    assert split(guadeloupe["departements"]) == {"971", "977", "978"}


def test_territories_without_a_caf_are_left_out() -> None:
    assert [code for code in CODE_POSTAL if code.startswith(("975", "98"))] == []


def test_corsican_postcodes_follow_their_department() -> None:
    corse = {code: row["departement"] for code, row in CODE_POSTAL.items() if code.startswith("20")}

    assert {code[:3] for code in corse} == {"200", "201", "202", "206"}
    assert {code for code, departement in corse.items() if departement == "2A"} == {
        code for code in corse if code.startswith(("200", "201"))
    }
    assert set(corse.values()) == {"2A", "2B"}


def test_a_postcode_begins_like_its_department_but_for_known_ones() -> None:
    others = {
        code: row["departement"]
        for code, row in CODE_POSTAL.items()
        if not code.startswith(row["departement"]) and row["departement"] not in {"2A", "2B"}
    }

    # Paray-Vieille-Poste (Essonne) is served by the post office of Orly (Val-de-Marne).
    assert others == {"94390": "91", "97133": "977", "97150": "978"}


def test_postcodes_across_two_departments_say_so() -> None:
    across = {
        code: row["autres_departements"] for code, row in CODE_POSTAL.items() if row["autres_departements"]
    }

    assert len(across) == 16
    assert across["01200"] == "74"
    assert all(CODE_POSTAL[code]["departement"] not in split(autres) for code, autres in across.items())


def test_every_postcode_has_a_cpam_and_every_cpam_a_postcode() -> None:
    assert {row["code_postal"] for row in PERIMETRE} == set(CODE_POSTAL)
    assert {row["code_cpam"] for row in PERIMETRE} == {row["code_cpam"] for row in CPAM}


def test_a_cpam_serves_a_postcode_of_one_of_its_departments() -> None:
    departements = {row["code_cpam"]: split(row["departements"]) for row in CPAM}

    for row in PERIMETRE:
        served = CODE_POSTAL[row["code_postal"]]
        assert departements[row["code_cpam"]] & (
            {served["departement"]} | split(served["autres_departements"])
        ), row


def test_no_postcode_has_two_confirmed_cpam() -> None:
    confirmed = Counter(row["code_postal"] for row in PERIMETRE if row["fiabilite"] == "confirmé")

    assert [code for code, nombre in confirmed.items() if nombre > 1] == []


def test_a_postcode_of_a_department_with_one_cpam_is_confirmed() -> None:
    fiabilites = {(row["code_cpam"], row["code_postal"]): row["fiabilite"] for row in PERIMETRE}
    whole = {
        departement: row
        for row in CPAM
        for departement in split(row["departements"])
        if row["code_cpam"] != "641" and departement not in DEPARTEMENTS_DIVISES
    }
    assert len(whole) == 103 - len(DEPARTEMENTS_DIVISES)

    for code, row in CODE_POSTAL.items():
        if row["departement"] in whole and code not in SEIGNANX:
            caisse = whole[row["departement"]]
            assert fiabilites[caisse["code_cpam"], code] == caisse["fiabilite_perimetre"]


def test_the_caisses_communes_follow_their_own_reliability() -> None:
    communes = [row for row in PERIMETRE if row["code_cpam"] in {"051", "481"}]

    assert {row["code_cpam"] for row in communes} == {"051", "481"}
    assert {row["fiabilite"] for row in communes} == {"à confirmer"}


def test_nothing_is_confirmed_in_a_divided_department() -> None:
    divided = [
        row
        for row in PERIMETRE
        if CODE_POSTAL[row["code_postal"]]["departement"] in DEPARTEMENTS_DIVISES
        or row["code_postal"] in SEIGNANX
    ]

    assert {row["code_cpam"] for row in divided} == {
        *("594", "595", "597", "599", "623", "624", "641", "642", "763", "764", "401")
    }
    assert {row["fiabilite"] for row in divided} == {"à confirmer"}


@pytest.mark.parametrize(
    ("code", "candidats"),
    [
        ("40220", {"401", "641"}),  # Tarnos
        ("40390", {"401", "641"}),  # Biaudos, and two communes outside the Seignanx
        ("40100", {"401"}),  # Dax
        ("59140", {"594"}),  # Dunkerque
        ("59800", {"594", "595", "597"}),  # Lille
        ("59500", {"595"}),  # Douai
        ("59300", {"599"}),  # Valenciennes
        ("62100", {"623"}),  # Calais
        ("62000", {"624"}),  # Arras
        ("64100", {"641"}),  # Bayonne
        ("64000", {"642"}),  # Pau
        ("76600", {"763"}),  # Le Havre
        ("76000", {"764"}),  # Rouen
        ("01200", {"011", "741"}),  # across Ain and Haute-Savoie
        ("97150", {"971"}),  # Saint-Martin
    ],
)
def test_the_candidates_of_a_known_postcode(code: str, candidats: set[str]) -> None:
    assert {row["code_cpam"] for row in PERIMETRE if row["code_postal"] == code} == candidats


def test_a_convention_joins_a_caf_and_a_cpam_that_share_a_department() -> None:
    expected = {
        (one["code_caf"], other["code_cpam"])
        for one in CAF
        for other in CPAM
        if split(one["departements"]) & split(other["departements"])
    }

    assert {(row["code_caf"], row["code_cpam"]) for row in CONVENTION} == expected
    assert {("401", "641"), ("051", "051"), ("481", "481")} <= expected


def test_every_caf_and_every_cpam_has_a_convention() -> None:
    assert {row["code_caf"] for row in CONVENTION} == {row["code_caf"] for row in CAF}
    assert {row["code_cpam"] for row in CONVENTION} == {row["code_cpam"] for row in CPAM}
    assert {(row["date_debut"], row["date_fin"]) for row in CONVENTION} == {("2025-05-16", "")}


def test_the_caf_with_several_cpam_are_the_known_ones() -> None:
    cpam_par_caf = defaultdict(set)
    for row in CONVENTION:
        cpam_par_caf[row["code_caf"]].add(row["code_cpam"])

    assert {code: codes for code, codes in cpam_par_caf.items() if len(codes) > 1} == {
        "401": {"401", "641"},
        "591": {"594", "595", "597", "599"},
        "621": {"623", "624"},
        "641": {"641", "642"},
        "761": {"763", "764"},
    }


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_reference", REFERENCE / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def write_package(folder: Path, version: str = "6.0.0") -> None:
    """Write two departments, each with its Caf: a postcode across both, a town cut into arrondissements."""

    def commune(code: str, departement: str, population: int, *codes_postaux: str) -> dict[str, Any]:
        return {
            "code": code,
            "departement": departement,
            "arrondissement": f"{departement}1",
            "type": "commune-actuelle",
            "population": population,
            "codesPostaux": list(codes_postaux),
        }

    divises = {"59": "32", "62": "32", "64": "75", "76": "28"}
    noms = {
        "59": ("Dunkerque", "Lille", "Douai", "Avesnes-sur-Helpe", "Cambrai", "Valenciennes"),
        "62": ("Boulogne-sur-Mer", "Calais", "Montreuil", "Saint-Omer", "Arras", "Béthune", "Lens"),
        "64": ("Bayonne", "Oloron-Sainte-Marie", "Pau"),
        "76": ("Le Havre", "Dieppe", "Rouen"),
    }
    files: dict[str, Any] = {
        "communes.json": [
            commune("01001", "01", 50, "01200"),
            commune("01002", "01", 101, "01000", "01200"),
            commune("74001", "74", 901, "01200"),
            commune("01004", "01", 40, "01000"),
            {**commune("01005", "01", 40, "01000"), "type": "arrondissement-municipal", "commune": "01004"},
            commune("97501", "975", 600, "97500"),
            {"code": "01003", "departement": "01", "type": "commune-deleguee"},
        ],
        "regions.json": [{"code": "84", "nom": "Auvergne-Rhône-Alpes", "zone": "metro"}],
        "departements.json": [{"code": "01", "region": "84"}, {"code": "74", "region": "84"}],
        "arrondissements.json": [
            {"code": f"{departement}{rang}", "departement": departement, "nom": nom}
            for departement in divises
            for rang, nom in enumerate(noms[departement], start=1)
        ],
        "epci.json": [{"code": "244000659", "membres": [{"code": "40312"}]}],
    }
    (folder / "data").mkdir(parents=True)
    identity = {"name": "@etalab/decoupage-administratif", "version": version}
    (folder / "package.json").write_text(json.dumps(identity), encoding="utf-8")
    for nom, content in files.items():
        (folder / "data" / nom).write_text(json.dumps(content), encoding="utf-8")


def write_caisses(folder: Path, region_de_l_ain: str = "84") -> None:
    folder.mkdir()
    (folder / "caf.csv").write_text(
        f"code_caf;departements;code_region\n011;01;{region_de_l_ain}\n741;74;84\n", encoding="utf-8"
    )
    (folder / "cpam.csv").write_text(
        "code_cpam;departements;fiabilite_perimetre\n011;01;confirmé\n741;74;confirmé\n", encoding="utf-8"
    )


def test_the_script_derives_the_four_files(script: ModuleType, tmp_path: Path) -> None:
    write_package(tmp_path / "package")
    write_caisses(tmp_path / "reference")

    script.main([str(tmp_path / "package"), "--reference", str(tmp_path / "reference")])

    derived = {
        nom: (tmp_path / "reference" / f"{nom}.csv").read_bytes().decode("utf-8").splitlines()[1:]
        for nom in ("region", "code_postal", "perimetre", "convention")
    }
    assert derived == {
        "region": ["84;Auvergne-Rhône-Alpes"],
        "code_postal": ["01000;01;84;91;2;", "01200;74;84;1001;3;01"],
        "perimetre": ["011;01000;confirmé;;", "011;01200;à confirmer;;", "741;01200;confirmé;;"],
        "convention": ["011;011;2025-05-16;;;;;oui", "741;741;2025-05-16;;;;;oui"],
    }


def test_the_script_refuses_another_version_of_the_package(script: ModuleType, tmp_path: Path) -> None:
    write_package(tmp_path / "package", version="5.3.0")

    with pytest.raises(ValueError, match=r"Expected .* 6\.0\.0 .* found .* 5\.3\.0"):
        script.build(tmp_path / "package", tmp_path)


def test_the_script_refuses_a_caf_in_another_region(script: ModuleType, tmp_path: Path) -> None:
    write_package(tmp_path / "package")
    write_caisses(tmp_path / "reference", region_de_l_ain="93")

    with pytest.raises(ValueError, match="correct code_region"):
        script.build(tmp_path / "package", tmp_path / "reference")


def test_the_script_reads_the_headers_that_are_kept(script: ModuleType) -> None:
    assert len(script.read_cafs(REFERENCE)) == 101
    assert len(script.read_cpams(REFERENCE)) == 107
