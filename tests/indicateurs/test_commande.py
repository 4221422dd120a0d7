"""The auditors' command, away from the project's folder and database: the shipped dictionary on a table of measures."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from aller_vers.__main__ import main
from aller_vers.indicateurs.dictionnaire import DOSSIER

ENTETE = "mois;code_caf;code_cpam;mesure;modalite;classe;valeur"
# IT 2025-098 §1.2, Var 2024 and Flandres, as the returns of a half-year.
BILANS = """
2024-12;831;831;retour_mensuel;personnes_appelees;;78
2024-12;831;831;retour_mensuel;rdv_honores;;14
2024-12;;831;retour_semestriel;rdv_honores;;14
2024-12;;831;retour_semestriel;accompagnements_misas;;2
2024-12;;831;retour_semestriel;orientations_service_social;;5
2024-12;591;594;retour_mensuel;personnes_appelees;;109
2024-12;591;594;retour_mensuel;personnes_jointes;;61
2024-12;591;594;retour_mensuel;acceptations;;42
2024-12;591;594;retour_mensuel;rdv_honores;;28
2024-12;;594;retour_semestriel;rdv_honores;;28
2024-12;;594;retour_semestriel;precarite;;18
2024-12;;594;retour_semestriel;sans_complementaire;;3
"""
# Flandres, « profil sociologique » : shares whose terms are not printed; 32 people give every one of them.
PROFIL = """
2024-12;;594;profil_aidant;sexe:femmes;;27
2024-12;;594;profil_aidant;sexe:hommes;;5
2024-12;;594;profil_aidant;activite:temps_plein;;7
2024-12;;594;profil_aidant;activite:temps_partiel;;7
2024-12;;594;profil_aidant;activite:sans_activite;;18
2024-12;;594;profil_aidant;lien_aide:parent;;21
2024-12;;594;profil_aidant;lien_aide:enfant;;7
2024-12;;594;profil_aidant;lien_aide:conjoint;;4
2024-12;;594;profil_aidant;lien_aide:fratrie;;0
2024-12;;594;profil_aidant;lien_aide:autre;;0
"""


@pytest.fixture
def ailleurs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that is not the project's, with no address of a database."""
    for nom in ("AIRFLOW_CONN_AV_ENTREPOT", "AV_ENTREPOT", "AIRFLOW_HOME"):
        monkeypatch.delenv(nom, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(mesures: str | bytes, *, sortie: str = "sortie.csv", fichier: str = "mesures.csv") -> int:
    octets = mesures if isinstance(mesures, bytes) else mesures.encode()
    Path(fichier).write_bytes(octets)
    return main(
        ["indicateurs", "--dictionnaire", str(DOSSIER), "--mesures", fichier, "--sortie", sortie]
    )  # fmt: skip


def percent(code: str, territoire: str, niveau: str) -> str:
    with Path("sortie.csv").open(encoding="utf-8-sig", newline="") as flux:
        [ligne] = [
            li for li in csv.DictReader(flux, delimiter=";")
            if (li["code"], li["territoire"], li["niveau"], li["periode"]) == (code, territoire, niveau, "mois")
        ]  # fmt: skip
    return f"{Decimal(ligne['valeur'].replace(',', '.')) * 100:.0f} %"


def test_the_shipped_dictionary_gives_the_figures_of_the_instruction(
    ailleurs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """« un taux de transformation de 18 % », « 64 % en situation de précarité », « 11 % » without complementary cover."""
    assert run(ENTETE + BILANS) == 0
    assert percent("taux_transformation_sur_appeles", "831", "caf") == "18 %"
    assert percent("taux_transformation_sur_joints", "591", "caf") == "46 %"  # printed as 45 %, cut
    assert percent("taux_misas", "831", "cpam") == "14 %"
    assert percent("taux_service_social", "831", "cpam") == "36 %"
    assert percent("taux_precarite", "594", "cpam") == "64 %"
    assert percent("taux_sans_complementaire", "594", "cpam") == "11 %"
    # The nation: 42 parcours of 187 calls, not the mean of 18 % and 26 %.
    assert percent("taux_transformation_sur_appeles", "FR", "national") == "22 %"
    assert "qu'aucun indicateur ne lit" not in capsys.readouterr().out
    assert {f.name for f in ailleurs.iterdir()} == {
        "mesures.csv", "sortie.csv", "sortie.homogeneite.csv", "sortie.atteinte.csv",
    }  # fmt: skip


def test_the_shipped_dictionary_gives_the_profile_of_flandres(ailleurs: Path) -> None:
    """« des actifs à 44 % qui pour la moitié travaillent à temps partiel », « des femmes à 84 % », « à 66 % des enfants
    de l'aidé, à 22 % des parents de l'aidé et à 12 % conjoint de l'aidé » (12.5 %, cut): who helps a parent is a child.
    """
    assert run(ENTETE + PROFIL) == 0
    attendus = {
        "actifs": "44 %", "temps_partiel": "50 %", "femmes": "84 %", "parent_aide": "66 %", "enfant_aide": "22 %",
        "conjoint_aide": "12 %", "fratrie_aide": "0 %",
    }  # fmt: skip
    assert {nom: percent(f"part_{nom}_aidants_recus", "594", "cpam") for nom in attendus} == attendus


def test_the_shipped_dictionary_gives_the_profile_of_the_var(ailleurs: Path) -> None:
    """« un de leurs parents (autour de 60 %), ensuite leur conjoint (près de 30 %) et enfin » child, kin, friend (10 %)."""
    liens = {"parent": 6, "conjoint": 3, "enfant": 1, "fratrie": 0, "autre": 0}
    lignes = [f"2024-12;;831;profil_aidant;lien_aide:{lien};;{n}" for lien, n in liens.items()]
    assert run("\n".join([ENTETE, *lignes, ""])) == 0
    parts = {lien: percent(f"part_{lien}_aide_aidants_recus", "831", "cpam") for lien in liens}
    assert parts == {"parent": "60 %", "conjoint": "30 %", "enfant": "10 %", "fratrie": "0 %", "autre": "0 %"}


@pytest.mark.parametrize(
    ("jeunes", "ages", "attendu"), [(333, 667, "22 %"), (570, 430, "18 %")], ids=["brutes", "redressees"]
)
def test_who_answers_the_survey_is_not_who_is_served(
    ailleurs: Path, jeunes: int, ages: int, attendu: str
) -> None:
    """IGAS 2013-164R: people over 50 are two thirds of the answers and 43 % of the beneficiaries; 11.3 % very
    satisfied at 25-29, 26.6 % at 65-69, who stand here for all the younger and all the older of a thousand answers.
    """
    satisfaits = round(jeunes * 0.113) + round(ages * 0.266)
    avis = {
        "tres_satisfaits": satisfaits,
        "satisfaits": 1000 - satisfaits,
        "peu_satisfaits": 0,
        "pas_satisfaits": 0,
    }
    lignes = [f"2024-12;831;;enquete_satisfaction;{nom};;{n}" for nom, n in avis.items()]
    assert run("\n".join([ENTETE, *lignes, ""])) == 0
    assert percent("taux_tres_satisfaits", "831", "caf") == attendu


def test_a_measure_that_no_indicator_reads_is_named(
    ailleurs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name written wrong would otherwise be « non fourni » and nothing more."""
    faute = BILANS.replace("retour_mensuel;rdv_honores", "retour_mensuel;rdv_honorés")
    assert run(f"{ENTETE}{faute}2024-12;831;;appels_du_matin;;;1\n") == 0
    sortie = capsys.readouterr().out.replace("\n", " ")
    assert "Mesures qu'aucun indicateur ne lit : appels_du_matin, retour_mensuel:rdv_honorés." in sortie


@pytest.mark.parametrize(
    ("mesures", "constat"),
    [
        ("", "Le fichier mesures.csv n'a pas les colonnes attendues"),
        (f"{ENTETE}\n", "Le fichier mesures.csv ne contient aucune mesure"),
        (f"{ENTETE}\n;;;;;;\n", "Le fichier mesures.csv ne contient aucune mesure"),
        ("mois;code_caf;mesure;valeur\n2024-12;831;n;1\n", "séparées par des points-virgules"),
        (f"{ENTETE}{BILANS}".replace(";", ","), "séparées par des points-virgules"),
        (f"{ENTETE}{BILANS}".replace(";78", ";soixante"), "Ligne 2 de mesures.csv : la valeur attend un nombre"),
        (b"PK\x03\x04\xff\xfe", "dans Excel : « CSV UTF-8 »"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_french_and_nothing_is_written(
    ailleurs: Path, capsys: pytest.CaptureFixture[str], mesures: str | bytes, constat: str
) -> None:
    assert run(mesures) == 1
    assert constat in capsys.readouterr().err.replace("\n", " ")
    assert [f.name for f in ailleurs.iterdir()] == ["mesures.csv"]


@pytest.mark.parametrize(
    ("sortie", "constat"),
    [("nulle_part/sortie.csv", "Le dossier nulle_part n'existe pas"), ("./mesures.csv", "écraserait un fichier à lire")],
)  # fmt: skip
def test_an_output_that_cannot_be_written_is_told_before_anything_is_computed(
    ailleurs: Path, capsys: pytest.CaptureFixture[str], sortie: str, constat: str
) -> None:
    texte = ENTETE + BILANS
    assert run(texte, sortie=sortie) == 1
    assert constat in capsys.readouterr().err.replace("\n", " ")
    assert Path("mesures.csv").read_text() == texte
