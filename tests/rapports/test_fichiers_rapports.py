"""Reports as files: opened by LibreOffice, the figures there, a secret that is never a zero."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest
from rapports_exemples import make_rapport

from aller_vers.rapports.classeur import build_classeur
from aller_vers.rapports.page import build_page


def test_the_same_content_gives_the_same_bytes() -> None:
    assert build_classeur(make_rapport()) == build_classeur(make_rapport())
    assert build_page(make_rapport()) == build_page(make_rapport())


def test_numbers_are_numbers_and_a_secret_is_a_word() -> None:
    classeur = openpyxl.load_workbook(io.BytesIO(build_classeur(make_rapport())))
    lignes = {ligne[0]: ligne for ligne in classeur["Indicateurs"].iter_rows(min_row=5, values_only=True)}
    assert lignes["Demandeurs d'AJPA ou d'AJPP"][2:5] == (1340, 1292, 134567)
    assert lignes["Demandeurs transmissibles à la Cpam"][2] == "secret"
    assert lignes["Lots déposés"][2] == "non fourni"
    assert classeur["Indicateurs"].freeze_panes == "B5"
    assert len(classeur["Évolution"]._charts) == 3
    # What a chart draws is empty where a figure is missing: a word would be drawn as zero.
    dessinees = list(classeur["Données des graphiques"].iter_rows(min_row=2, values_only=True))
    [transmissible] = [ligne for ligne in dessinees if ligne[0] == "Demandeurs transmissibles à la Cpam"]
    assert transmissible[1:] == (0.8125, 0.8125, None, 0.8125, 0.8125, None)


def test_the_page_holds_its_figures_as_french_people_write_them_and_no_script() -> None:
    page = build_page(make_rapport()).decode()
    for texte in (
        "1\u202f340",
        "134\u202f567",
        "69,7\u202f%",
        "70,0\u202f% : non atteinte",
        "secret",
        "non fourni",
    ):
        assert texte in page
    assert "<script" not in page
    assert page.count("<svg") == 3


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) n'est pas installé")
def test_libreoffice_opens_the_workbook_and_prints_its_figures(tmp_path: Path) -> None:
    (tmp_path / "rapport.xlsx").write_bytes(build_classeur(make_rapport()))
    fini = subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / "rapport.xlsx")],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert fini.returncode == 0
    assert "error" not in (fini.stdout + fini.stderr).lower()
    texte = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "rapport.pdf"), "-"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for attendu in (
        "Caf du Var",
        "69.7 %",
        "secret",
        "non fourni",
        "Personnes qui ont déposé au moins une demande",
    ):
        assert attendu in texte.replace("69,7", "69.7")
