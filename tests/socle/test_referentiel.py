"""The typed view of the reference data."""

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from aller_vers.socle import dossiers_reference, referentiel
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import FichierEditeError
from aller_vers.socle.groupes import load_groupes
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


LECTEURS = {
    "caf.csv": referentiel.load_caf,
    "cpam.csv": referentiel.load_cpam,
    "region.csv": referentiel.load_regions,
    "code_postal.csv": referentiel.load_codes_postaux,
    "perimetre.csv": referentiel.load_perimetres,
    "convention.csv": referentiel.load_conventions,
    "groupe.csv": load_groupes,
}


@pytest.fixture
def copie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Give a folder of the reference that may be spoiled."""
    shutil.copytree(dossiers_reference.find_dossier(), tmp_path / "reference")
    monkeypatch.setenv("AV_REFERENCE", str(tmp_path / "reference"))
    yield tmp_path / "reference"
    forget()


def forget() -> None:
    for fonction in vars(referentiel).values():
        if hasattr(fonction, "cache_clear"):
            fonction.cache_clear()


def spoil(fichier: Path, avant: str, apres: str) -> None:
    texte = fichier.read_text(encoding="utf-8")
    assert avant in texte
    fichier.write_text(texte.replace(avant, apres, 1), encoding="utf-8")


def save_with_excel(octets: bytes) -> bytes:
    """Return a csv as a French Excel saves it: cp1252, CRLF, codes and days made numbers and days of its own."""
    texte = re.sub(r"(?m)(^|;)0+(?=\d)", r"\1", octets.decode())
    texte = re.sub(r"(\d{4})-(\d\d)-(\d\d)", r"\3/\2/\1", texte)
    return texte.replace("\n", "\r\n").encode("cp1252", "replace")


@pytest.mark.parametrize(
    ("nom", "avant", "apres", "dit"),
    [
        ("convention.csv", ";date_fin;", ";", "ligne 1, colonnes absentes : date_fin"),
        ("convention.csv", ";", ",", "colonnes absentes"),
        ("convention.csv", "831;831;2025-05-16;;;;;oui", "831;831;2025-05-16;", r"ligne \d+ : ses cellules sont 4 au lieu de 8"),
        ("convention.csv", "011;011;2025-05-16;", "998;011;2025-05-16;", "ligne 2, colonne code_caf : le code 998"),
        ("convention.csv", "011;011;2025-05-16;", "011;998;2025-05-16;", "colonne code_cpam : le code 998"),
        ("convention.csv", "011;011;2025-05-16;", "011;011;2025-02-30;", "date_debut : ce jour n'existe pas"),
        ("convention.csv", "011;011;2025-05-16;", "011;011;0202-05-16;", "date_debut : une date écrite AAAA-MM-JJ"),
        ("convention.csv", "011;011;2025-05-16;", "011;011;2025-05-16;2025-05-15", "finit avant d'avoir commencé"),
        ("convention.csv", "011;011;2025-05-16;;;;;oui\n", "", "pour ces Caf : 011"),
        ("convention.csv", "831;831;2025-05-16;;;;;oui\n", "831;831;2025-05-16;;;;;oui\n" * 2, "redit la ligne"),
        (
            "convention.csv", "011;011;2025-05-16;;", "011;011;2025-05-16;;;;;oui\n011;011;2025-06-01;;",
            "commence avant que finisse la précédente",
        ),
        ("convention.csv", "011;011;2025-05-16;;;;;oui", "011;011;2025-05-16;;2025-05-16;Les deux;;", "n'est pas entière"),
        ("convention.csv", "011;011;2025-05-16;;;;;oui", "011;011;2025-05-16;;2025-05-16;Les deux;C-1;oui", "est un exemple"),
        (
            "convention.csv", "011;011;2025-05-16;;;;;oui", "011;011;2025-05-16;2025-06-30;2025-07-01;Les deux;C-1;",
            "signée après sa fin",
        ),
        ("convention.csv", "011;011;2025-05-16;", '011;011;"2025-05-16;', "guillemets ne se ferment pas"),
        ("groupe.csv", ";831;831;", ";998;831;", "colonne code_caf : le code 998"),
        ("groupe.csv", ";591;594;", ";591;998;", "colonne code_cpam : le code 998"),
        ("groupe.csv", ";831;831;2023-05-25;IT", ";831;831;2023-05-25;It", "pas le libellé ou la source"),
        ("caf.csv", ";84;Ain", ";99;Ain", "ligne 2, colonne code_region : le code 99"),
        ("region.csv", "Guadeloupe", "Guade\x00loupe", "ligne 2 : un caractère invisible"),
        ("perimetre.csv", "011;01000;confirmé;;", "011;01000;confirmé;2025-02-30;", "valable_du : ce jour n'existe pas"),
        ("perimetre.csv", "011;01000;confirmé;;", "011;01000;confirmé;2025-02-02;2025-02-01", "finit avant de commencer"),
        ("perimetre.csv", "011;01000;confirmé;;\n", "011;01000;confirmé;;\n011;01000;confirmé;2025-02-01;\n", "recouvre celle"),
        ("perimetre.csv", "011;01000;confirmé", "998;01000;confirmé", "colonne code_cpam : le code 998"),
        ("perimetre.csv", "011;01000", "011;1000", "(?s)ligne 2, colonne code_postal.*zéros de tête"),
    ],
)  # fmt: skip
def test_what_a_hand_spoils_is_refused_where_it_stands(
    copie: Path, nom: str, avant: str, apres: str, dit: str
) -> None:
    spoil(copie / nom, avant, apres)
    forget()
    with pytest.raises(FichierEditeError, match=dit) as refus:
        LECTEURS[nom]()
    assert nom in refus.value.constat


def test_what_excel_saves_is_refused_with_the_remedy_and_its_mark_of_utf_8_is_none(copie: Path) -> None:
    fichier = copie / "convention.csv"
    bon = fichier.read_bytes()
    fichier.write_bytes(save_with_excel(bon))
    forget()
    with pytest.raises(
        FichierEditeError, match=r"(?s)ligne 2, colonne code_caf.*zéros de tête.*colonnes en « Texte »"
    ):
        referentiel.load_conventions()
    fichier.write_bytes(b"\xef\xbb\xbf" + bon.replace(b"\n", b"\r\n") + b";;;;;;;\r\n")
    assert len(referentiel.load_conventions()) == 108
    (copie / "region.csv").write_bytes(save_with_excel((copie / "region.csv").read_bytes()))
    forget()
    with pytest.raises(FichierEditeError, match=r"ligne 5, colonne 7 : un caractère y est écrit en cp1252"):
        referentiel.load_regions()


@pytest.mark.parametrize("nom", LECTEURS)
def test_a_file_changed_at_random_is_read_or_refused(copie: Path, nom: str) -> None:
    hasard, fichier = random.Random(f"{nom}, 1"), copie / nom
    # Short, so that a change counts; what the others refer to stays whole.
    lignes = fichier.read_bytes().splitlines(keepends=True)
    bon = b"".join(lignes[:8] if nom in ("code_postal.csv", "perimetre.csv") else lignes)
    signes = [
        b";",
        b'"',
        b"\n",
        b"\r",
        b"\x00",
        b"\xe9",
        b"\xc3",
        b"\xff\xfe",
        b"0",
        b"-",
        b"|",
        b" ",
        b"\xef\xbb\xbf",
        b"",
    ]
    refuses = 0
    for _ in range(60):
        octets = bytearray(bon)
        for _ in range(hasard.randint(1, 4)):
            debut = hasard.randrange(len(octets) + 1)
            octets[debut : debut + hasard.choice((0, 1, 2, 40))] = hasard.choice(signes) * hasard.choice(
                (1, 1, 5)
            )
        fichier.write_bytes(octets)
        forget()
        with suppress(FichierEditeError):
            LECTEURS[nom]()
            continue
        refuses += 1
    assert refuses > 20


def test_the_module_stays_light() -> None:
    source = Path(referentiel.__file__).parents[1]
    script = "import sys, aller_vers.socle.referentiel; sys.exit('pandas' in sys.modules or 'pydantic' in sys.modules)"
    environment = {"PYTHONPATH": str(source)}

    assert subprocess.run([sys.executable, "-c", script], env=environment, check=False).returncode == 0
