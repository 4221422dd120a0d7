"""The register sheets: what a referent files, true to the settings, written where and when they change."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from aller_vers.__main__ import main
from aller_vers.lots.fiche_de_registre import NATIONALE, build_classeur, build_fiche, write_registres
from aller_vers.partage.partage import Partage
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import Reglages

REGLAGES = Reglages()
OBLIGATOIRES = (  # RGPD, article 30.1, and what IT 2025-098 §2.2 asks for
    "Responsable du traitement", "Délégué à la protection des données", "Finalités", "Base légale",
    "Personnes concernées", "Données traitées", "Destinataires", "Transferts hors de l'Union européenne",
    "Durées de conservation", "Mesures de sécurité",
)  # fmt: skip


def read(code: str, reglages: Reglages = REGLAGES) -> dict[str, str]:
    return {titre: "\n".join(lignes) for titre, lignes in build_fiche(code, reglages).rubriques}


@pytest.mark.parametrize("code", [*load_caf(), NATIONALE])
def test_every_sheet_has_what_the_law_asks(code: str) -> None:
    fiche = read(code)
    assert [titre for titre in OBLIGATOIRES if not fiche.get(titre)] == []
    assert not [texte for texte in fiche.values() if "{" in texte or "}" in texte or "None" in texte]
    assert "s'opposent à être contactées" in fiche["Personnes concernées"]
    assert "adresse électronique, numéro de téléphone, code postal" in fiche["Données traitées"]
    assert "L.114-12" in fiche["Base légale"]


def test_a_caf_reads_its_own_name_cpam_and_conventions() -> None:
    fiche = build_fiche("591", REGLAGES)
    assert "Caf du Nord (591), SIREN 534175179" in read("591")["Responsable du traitement"]
    assert "Cpam des Flandres, Cpam de Lille-Douai" in read("591")["Destinataires"]
    assert [cpam.split()[0] for _, cpam, _ in fiche.conventions] == ["594", "595", "597", "599"]
    assert "BlueFiles" in read("591")["Mesures de sécurité"]


@pytest.mark.parametrize("code", ["051", "481"])
def test_a_caisse_commune_sends_nothing_outside(code: str) -> None:
    assert "rien n'en sort" in read(code)["Destinataires"]
    assert "BlueFiles" not in str(read(code))
    assert "Convention locale" not in read(code)["Base légale"]


def test_the_national_sheet_is_that_of_the_cnaf_with_every_convention() -> None:
    assert "Cnaf" in read(NATIONALE)["Responsable du traitement"]
    assert len(build_fiche(NATIONALE, REGLAGES).conventions) == 108


def test_settings_show_in_the_sheet() -> None:
    autres = Reglages(
        mois_avant_purge=5,
        mois_apres_traitement=2,
        mois_certificat=3,
        natures=("initiale",),
        options_caf={"831": {"chiffre": True}},
    )
    fiche = read("831", autres)
    assert (
        "détruit deux mois après son traitement par la Cpam, au plus tard cinq mois"
        in fiche["Durées de conservation"]
    )
    assert "au plus tard trois mois après traitement" in fiche["Durées de conservation"]
    assert "pendant le mois, premières demandes." in fiche["Personnes concernées"]
    assert "chiffrés (zip AES-256)" in fiche["Mesures de sécurité"]
    assert "en clair" in read("061", autres)["Mesures de sécurité"]


def test_the_workbook_says_it_all_and_is_the_same_each_time() -> None:
    fiche = build_fiche("831", REGLAGES)
    octets = build_classeur(fiche)
    assert build_classeur(fiche) == octets
    classeur = load_workbook(io.BytesIO(octets))
    lignes = dict(classeur["Fiche"].iter_rows(min_row=5, values_only=True))
    assert lignes == {titre: "\n".join(textes) for titre, textes in fiche.rubriques}
    assert classeur["Fiche"]["A2"].value == "Caf du Var (831)"
    assert "à valider par la Cnaf" in str(classeur["Fiche"]["A3"].value)
    assert list(classeur["Conventions"].values)[1:] == [
        (
            "831 Caf du Var",
            "831 Cpam du Var",
            datetime(2025, 5, 16),
            "sans terme",
            "exemple, non signée",
            "",
        )
    ]


def test_the_share_gets_a_sheet_when_it_changes_and_that_one_alone(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    assert write_registres(partage, REGLAGES, ["831", "061"]) == 2
    assert write_registres(partage, REGLAGES, ["831", "061"]) == 0
    avant = partage.read("061/registre/FICHE_REGISTRE_061.xlsx")
    autres = Reglages(options_caf={"831": {"chiffre": True}})
    assert write_registres(partage, autres, ["831", "061"]) == 1
    assert partage.read("061/registre/FICHE_REGISTRE_061.xlsx") == avant
    assert partage.list("831/registre") == ("FICHE_REGISTRE_831.xlsx",)


def test_the_command_writes_one_sheet_or_all_of_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["registre", "--caf", "831", "--sortie", str(tmp_path / "une")]) == 0
    assert [f.name for f in (tmp_path / "une").iterdir()] == ["FICHE_REGISTRE_831.xlsx"]
    assert main(["registre", "--sortie", str(tmp_path / "toutes")]) == 0
    assert len(list((tmp_path / "toutes").iterdir())) == 102
    assert main(["registre", "--caf", "999", "--sortie", str(tmp_path / "x")]) == 1
    assert "Code de Caf inconnu : 999." in capsys.readouterr().err
    with pytest.raises(ErreurAllerVers):
        build_fiche("999", REGLAGES)
