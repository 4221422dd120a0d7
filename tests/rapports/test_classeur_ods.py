"""The same workbook as OpenDocument: read back with the values of the xlsx."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree

import openpyxl
import python_calamine
from rapports_exemples import JUIN, make_case, make_homogeneite, make_rapport

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.rapports.classeur import build_classeur, list_tableaux
from aller_vers.rapports.classeur_ods import build_ods
from aller_vers.rapports.contenu import Figure, Rapport, build_rapport
from aller_vers.rapports.feuilles import Nombre, Tableau
from aller_vers.rapports.national import AUCUN

ESPACES = {
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0", "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "config": "urn:oasis:names:tc:opendocument:xmlns:config:1.0",
}  # fmt: skip
TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def build(rapport: Rapport) -> bytes:
    return build_ods(rapport.titre, rapport.note, rapport.mois.debut, list(list_tableaux(rapport, AUCUN)))


def read(octets: bytes) -> dict[str, list[list[Any]]]:
    classeur = python_calamine.load_workbook(io.BytesIO(octets))
    return {
        nom: classeur.get_sheet_by_name(nom).to_python(skip_empty_area=False) for nom in classeur.sheet_names
    }


def find(octets: bytes, partie: str, chemin: str) -> list[ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        return ElementTree.fromstring(archive.read(partie)).findall(chemin, ESPACES)


def test_it_holds_what_the_xlsx_holds_but_for_its_charts() -> None:
    rapport = make_rapport([make_homogeneite()])
    ods, xlsx = read(build(rapport)), read(build_classeur(rapport))
    for graphiques in ("Graphiques", "Données des graphiques"):
        del xlsx[graphiques]
    xlsx["Lisez-moi"] = [ligne for ligne in xlsx["Lisez-moi"] if ligne[0] != "Graphiques"]
    assert ods == xlsx
    assert any(isinstance(cellule, float) for ligne in ods["Indicateurs"] for cellule in ligne)


def test_the_same_content_gives_the_same_bytes_and_the_package_says_what_it_is_first() -> None:
    octets = build(make_rapport())
    assert octets == build(make_rapport())
    assert octets[30:84] == b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"


def test_each_table_is_named_with_its_header_frozen_and_no_cell_is_merged() -> None:
    octets = build(make_rapport())
    plages = {
        p.attrib[f"{{{ESPACES['table']}}}name"]: p.attrib[f"{{{ESPACES['table']}}}target-range-address"]
        for p in find(octets, "content.xml", ".//table:database-range")
    }
    assert plages["Indicateurs"] == "'Indicateurs'.A3:'Indicateurs'.I7"
    assert set(plages) == {"Sommaire", "Indicateurs", "_volution", "D_finitions"}
    assert len(find(octets, "content.xml", ".//table:table-header-rows/table:table-row")) == len(plages)
    assert not find(octets, "content.xml", ".//table:covered-table-cell")
    figees = {
        feuille.attrib[f"{{{ESPACES['config']}}}name"]: [
            item.text for item in feuille if item.attrib[f"{{{ESPACES['config']}}}name"].endswith("SplitPosition")
        ]
        for feuille in find(octets, "settings.xml", ".//config:config-item-map-named/*")
    }  # fmt: skip
    assert figees["Indicateurs"] == ["1", "3"]
    assert figees["Lisez-moi"] == ["0", "0"]


def read_affiche(octets: bytes) -> list[str]:
    """Return what the cells of the last table say."""
    return [
        "".join(c.itertext()) for c in find(octets, "content.xml", ".//table:table[last()]/table:table-row/*")
    ]


def test_a_number_is_written_as_french_people_do_with_its_sign_its_unit_and_whether_it_can_move() -> None:
    def nombre(valeur: str, unite: str, statut: str = "definitif", *, ecart: bool = False) -> Nombre:
        return Nombre(Figure(Decimal(valeur), statut), unite, is_ecart=ecart)

    ligne = (
        nombre("0.0667", "part"), nombre("1234.5", "euros"), nombre("12", "", "provisoire"),
        nombre("0.012", "part", ecart=True), nombre("-3", "jours", ecart=True), Nombre(Figure(None, "non_fourni"), ""),
    )  # fmt: skip
    tableau = Tableau("T", "Titre", "Note", tuple((str(n), 10) for n in range(len(ligne))), [ligne])
    octets = build_ods("Titre", "", date(2025, 6, 1), [tableau])
    affiche = [texte.replace("\u202f", " ").replace("\xa0", " ") for texte in read_affiche(octets)]
    assert affiche[-6:] == ["6,7 %", "1 234,50 €", "12 (p)", "+1,2 pt", "−3 j", "non fourni"]
    assert read(octets)["T"][3][:5] == [0.0667, 1234.5, 12.0, 1.2, -3.0]


def test_a_text_is_never_markup_nor_a_formula() -> None:
    case = make_case("demandeurs", JUIN, "12")
    rapport = build_rapport("A & B", "=1+1", JUIN, load_dictionnaire(), {JUIN: [case]}, (), "<note>", 5)
    feuilles = read(build(rapport))
    assert [ligne[0] for ligne in feuilles["Lisez-moi"][:2]] == ["A & B", "<note>"]
    with zipfile.ZipFile(io.BytesIO(build(rapport))) as archive:
        assert b"table:formula" not in archive.read("content.xml")


def test_what_has_nothing_to_say_is_a_blank_cell_that_no_spreadsheet_counts() -> None:
    rapport = make_rapport()
    assert any(not cellule for t in list_tableaux(rapport, AUCUN) for ligne in t.lignes for cellule in ligne)
    cellules = find(build(rapport), "content.xml", ".//table:table-cell")
    assert not [c for c in cellules if TYPE in c.attrib and not "".join(c.itertext())]
    textes = openpyxl.load_workbook(io.BytesIO(build_classeur(rapport)))
    assert "" not in {cellule.value for feuille in textes for rangee in feuille for cellule in rangee}
