"""The typed view of the reference data."""

import subprocess
import sys
from pathlib import Path

import pytest

from aller_vers.socle import referentiel
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import Caf, CodePostal, Perimetre


def test_a_caf_says_its_label_region_and_departments() -> None:
    caf = referentiel.load_caf()

    assert caf["831"].libelle == "831 · Var"
    assert caf["051"].libelle == "051 · Hautes-Alpes"
    assert caf["971"] == Caf(
        code_caf="971",
        nom="Caf de Guadeloupe",
        libelle_court="Guadeloupe",
        departements=("971", "977", "978"),
        code_region="01",
        siren="314560822",
        fiabilite_code="confirmé",
    )


def test_the_two_caisses_communes_are_known_as_such() -> None:
    communes = {code for code, cpam in referentiel.load_cpam().items() if cpam.is_caisse_commune}

    assert communes == {"051", "481"}


def test_a_cpam_may_reach_into_another_department() -> None:
    assert referentiel.load_cpam()["641"].departements == ("64", "40")


def test_a_postcode_says_every_department_it_lies_in() -> None:
    codes_postaux = referentiel.load_codes_postaux()

    assert codes_postaux["42620"].departement == "42"
    assert codes_postaux["42620"].autres_departements == ("03",)
    assert codes_postaux["97133"] == CodePostal("97133", "977", "01", 10660, 1, ())


def test_every_region_of_a_caf_has_a_name() -> None:
    regions = referentiel.load_regions()

    assert {caf.code_region for caf in referentiel.load_caf().values()} == set(regions)
    assert regions["93"] == "Provence-Alpes-Côte d'Azur"


def test_a_perimeter_says_whether_the_program_may_rely_on_it() -> None:
    seignanx = [p for p in referentiel.load_perimetres() if p.code_postal == "40220"]

    assert seignanx == [Perimetre("401", "40220", "à confirmer"), Perimetre("641", "40220", "à confirmer")]
    assert Perimetre("831", "83000", "confirmé") in referentiel.load_perimetres()


@pytest.mark.parametrize(
    ("code_postal", "region"),
    [
        ("83000", "FR"),
        ("20000", "FR"),
        ("97110", "GP"),
        ("97133", "GP"),
        ("97150", "GP"),
        ("97700", "GP"),
        ("97800", "GP"),
        ("97200", "MQ"),
        ("97300", "GF"),
        ("97400", "RE"),
        ("97600", "YT"),
        ("97500", "FR"),
        (None, "FR"),
        ("", "FR"),
        ("971", "FR"),
        ("971100", "FR"),
        (" 97110", "FR"),
        ("97110\n", "FR"),
        ("971a0", "FR"),
        ("97١١٠", "FR"),
    ],
)
def test_the_postcode_gives_the_region_of_the_telephone(code_postal: str | None, region: str) -> None:
    assert referentiel.find_region_telephone(code_postal) == region


def test_a_file_is_read_once() -> None:
    assert referentiel.load_codes_postaux() is referentiel.load_codes_postaux()
    assert referentiel.load_perimetres() is referentiel.load_perimetres()


def test_the_folder_can_be_another_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "region.csv").write_text("code_region;nom\n93;Ailleurs\n", encoding="utf-8")
    default = referentiel.load_regions()
    monkeypatch.setenv("AV_REFERENCE", str(tmp_path))

    assert referentiel.load_regions() == {"93": "Ailleurs"}
    assert default["93"] != "Ailleurs"


def test_an_absent_file_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AV_REFERENCE", str(tmp_path))

    with pytest.raises(ErreurAllerVers, match=r"caf\.csv est introuvable"):
        referentiel.load_caf()


def test_an_absent_column_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "convention.csv").write_text("code_caf;code_cpam;date_debut\n", encoding="utf-8")
    monkeypatch.setenv("AV_REFERENCE", str(tmp_path))

    with pytest.raises(ErreurAllerVers, match="absentes : date_fin"):
        referentiel.load_conventions()


def test_the_module_stays_light() -> None:
    source = Path(referentiel.__file__).parents[1]
    script = "import sys, aller_vers.socle.referentiel; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    environment = {"PYTHONPATH": str(source)}

    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
