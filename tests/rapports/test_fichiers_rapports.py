"""Reports as files: opened by LibreOffice, the figures there, a word where there is no figure."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from rapports_exemples import JUIN, make_case, make_homogeneite, make_rapport

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.rapports.classeur import build_classeur, list_tableaux
from aller_vers.rapports.classeur_ods import build_ods
from aller_vers.rapports.contenu import Figure, Rapport, build_rapport
from aller_vers.rapports.national import AUCUN
from aller_vers.rapports.page import build_page
from aller_vers.rapports.plan import AUTRES, load_plan


def test_the_same_content_gives_the_same_bytes() -> None:
    assert build_classeur(make_rapport()) == build_classeur(make_rapport())
    assert build_page(make_rapport()) == build_page(make_rapport())


def test_numbers_are_numbers_and_what_has_none_is_a_word() -> None:
    classeur = openpyxl.load_workbook(io.BytesIO(build_classeur(make_rapport())))
    lignes = {ligne[0]: ligne for ligne in classeur["Indicateurs"].iter_rows(min_row=4, values_only=True)}
    assert lignes["Demandeurs d'AJPA ou d'AJPP"][3:6] == (1340, 1292, 134567)
    assert lignes["Demandeurs transmissibles à la Cpam"][3:6:2] == ("sans objet", "trop peu")
    assert lignes["Lots déposés"][3:6:2] == ("non fourni", "0 à 4")
    assert len(classeur["Graphiques"]._charts) == 3
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
        "sans objet",
        "non fourni",
    ):
        assert texte in page
    assert "<script" not in page
    assert page.count("<svg") == 3


def test_what_can_still_move_says_so_with_its_date_and_is_not_drawn() -> None:
    """In the page, in the workbook, where the cell stays a number, and in neither's charts."""
    fin = date(2025, 11, 3)
    courriel, droits = "taux_courriel_valide", "taux_droits_ouverts_ajpa"
    par_mois = {m: [make_case(courriel, m, "0.61")] for m in (JUIN.shift(-2), JUIN.shift(-1))}
    par_mois[JUIN] = [
        make_case(courriel, JUIN, "0.697", "provisoire", definitif_le=fin),
        make_case(droits, JUIN, None, "pas_encore_du", definitif_le=fin),
    ]
    rapport = build_rapport("Var", "Var", JUIN, load_dictionnaire(), par_mois, [], "", 5)
    classeur = openpyxl.load_workbook(io.BytesIO(build_classeur(rapport)))
    lignes = {li[0].value: li for li in classeur["Indicateurs"].iter_rows(min_row=4)}
    ligne = lignes["Demandeurs avec un courriel valide"]
    assert ligne[3].value == 0.697
    assert ligne[3].number_format.endswith('" (p)"')
    assert [c.value for c in ligne].count("provisoire jusqu'au 03/11/2025") == 1
    assert not ligne[4].number_format.endswith('" (p)"')
    [dues] = [li for nom, li in lignes.items() if nom and li[3].value == "pas encore dû avant le 03/11/2025"]
    assert not dues[-1].value
    [dessinee] = classeur["Données des graphiques"].iter_rows(min_row=2, values_only=True)
    assert dessinee[1:] == (0.61, 0.61, None)
    page = build_page(rapport).decode()
    assert "69,7\u202f%" in page.split("<svg")[0]
    assert "69,7\u202f%" not in page.split("<svg")[1]
    for texte in ("provisoire jusqu&#39;au 03/11/2025", "pas encore dû avant le 03/11/2025"):
        assert page.count(texte) == 1


def test_the_nation_s_report_holds_the_spread_between_caisses_and_both_verdicts() -> None:
    rapport = make_rapport([make_homogeneite()])
    feuille = openpyxl.load_workbook(io.BytesIO(build_classeur(rapport)))["Homogénéité"]
    [ligne] = feuille.iter_rows(min_row=4, values_only=True)
    assert ligne[1:] == (
        0.7042, 0.7, 0.41, 0.552, 0.713, 0.864, 0.975, 101, 61, 0.628865, "atteinte", "non atteinte",
    )  # fmt: skip
    page = build_page(rapport).decode()
    for texte in (
        "41,0\u202f%",
        "55,2\u202f%",
        "71,3\u202f%",
        "86,4\u202f%",
        "97,5\u202f%",
        "61 (62,9\u202f%)",
    ):
        assert texte in page
    assert "Homogénéité" not in build_page(make_rapport()).decode()


def test_lines_are_read_by_axis_then_family_and_what_is_drawn_is_chosen() -> None:
    codes = (
        "rendez_vous_honores",
        "demandeurs",
        "delai_decision_median_ajpa",
        "beneficiaires_ajpa",
        "taux_misas",
    )
    par_mois = {JUIN.shift(-n): [make_case(c, JUIN.shift(-n), "12") for c in codes] for n in range(3)}
    rapport = build_rapport("T", "L", JUIN, load_dictionnaire(), par_mois, (), "N", 5)
    assert [(f.titre, [li.code for li in lignes]) for f, lignes in rapport.group_familles()] == [
        ("Demandeurs et lots", ["demandeurs"]),
        ("Appels et rendez-vous", ["rendez_vous_honores"]),
        ("Suites des rendez-vous", ["taux_misas"]),
        ("Droits ouverts et non-recours", ["beneficiaires_ajpa"]),
        ("Délais de décision", ["delai_decision_median_ajpa"]),
    ]
    assert [li.code for li in rapport.find_dessinees()] == [
        "demandeurs", "rendez_vous_honores", "delai_decision_median_ajpa",
    ]  # fmt: skip


def test_what_is_followed_begins_with_the_first_month_that_says_something() -> None:
    def build(nombre: int) -> Rapport:
        par_mois = {
            JUIN.shift(-n): [make_case("demandeurs", JUIN.shift(-n), *(("12", "definitif") if n < nombre else (None, "non_fourni")))]
            for n in range(12)
        }  # fmt: skip
        return build_rapport("T", "L", JUIN, load_dictionnaire(), par_mois, (), "N", 5)

    def read_feuilles(rapport: Rapport) -> list[str]:
        return openpyxl.load_workbook(io.BytesIO(build_classeur(rapport))).sheetnames

    assert [str(m) for m in build(3).mois_suivis] == ["2025-04", "2025-05", "2025-06"]
    assert read_feuilles(build(3)) == [
        "Lisez-moi", "Indicateurs", "Évolution", "Définitions", "Graphiques", "Données des graphiques",
    ]  # fmt: skip
    # One month is no line, none is no report's fault.
    assert read_feuilles(build(1)) == read_feuilles(build(0)) == ["Lisez-moi", "Indicateurs", "Définitions"]
    assert "Évolution" not in build_page(build(1)).decode()


def test_a_version_that_is_to_come_does_not_take_the_one_in_force_out_of_the_reports() -> None:
    [une] = [i for i in load_dictionnaire() if i.code == "demandeurs"]
    dictionnaire = [une, une.model_copy(update={"version": 2})]
    rapport = build_rapport(
        "T", "L", JUIN, dictionnaire, {JUIN: [make_case("demandeurs", JUIN, "12")]}, (), "N", 5
    )
    assert [(i.code, i.version) for i in rapport.definitions] == [("demandeurs", 1)]
    deux = [make_case("demandeurs", JUIN, "12"), make_case("demandeurs", JUIN, "13")]
    deux[1] = deux[1]._replace(valeur=deux[1].valeur._replace(version=2))
    rapport = build_rapport("T", "L", JUIN, dictionnaire, {JUIN: deux}, (), "N", 5)
    assert [
        (i.version, li.ici.valeur) for i, li in zip(rapport.definitions, rapport.lignes, strict=True)
    ] == [(2, 13)]


@pytest.mark.parametrize(
    ("valeur", "unite", "attendu"),
    [
        ("12.5", "jours", "12,5\u202fj"),
        ("461340", "euros par mois", "461\u202f340,00\u202f€"),
        ("3", "personnes", "3"),
    ],
)
def test_days_and_euros_are_written_after_the_figure(valeur: str, unite: str, attendu: str) -> None:
    assert Figure(Decimal(valeur), "definitif").write(unite) == attendu


def test_every_indicator_of_the_dictionary_has_its_family_and_the_plan_names_no_other() -> None:
    plan, dictionnaire = load_plan(), load_dictionnaire()
    assert [i.code for i in dictionnaire if plan.find_famille(i).titre == AUTRES] == []
    codes = {i.code for i in dictionnaire}
    assert {c for f in plan.familles for c in f.dabord} | set(plan.graphiques) <= codes
    assert frozenset.union(*(f.mesures for f in plan.familles)) <= frozenset.union(
        *(i.mesures for i in dictionnaire)
    )


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice n'est pas installé (paquet libreoffice-calc)"
)
@pytest.mark.parametrize("nom", ["rapport.xlsx", "rapport.ods"])
def test_libreoffice_opens_the_workbook_and_prints_its_figures(tmp_path: Path, nom: str) -> None:
    rapport = make_rapport()
    tableaux = list(list_tableaux(rapport, AUCUN))
    (tmp_path / nom).write_bytes(
        build_ods(rapport.titre, rapport.note, rapport.mois.debut, tableaux)
        if nom.endswith(".ods")
        else build_classeur(rapport)
    )
    fini = subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(tmp_path / nom)],
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
        "1 340",
        "69,7 %",
        "sans objet",
        "non fourni",
        "Personnes qui ont déposé au moins une demande",
    ):
        assert attendu in texte.replace("\u202f", " ").replace("\u00a0", " ")
