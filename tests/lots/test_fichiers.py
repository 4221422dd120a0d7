"""The files of a lot: texts and workbooks, as the person who opens them finds them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from openpyxl import load_workbook

from aller_vers.lots.contenu import A_REPARTIR, Ligne
from aller_vers.lots.documents import (
    NoticeLot,
    build_accuse,
    build_classeur,
    build_information,
    build_lisezmoi,
    name_fichier,
)
from aller_vers.socle.mois import Mois

JUIN = Mois(2025, 6)
LIGNES = (Ligne("claire@example.org", "01 99 00 12 34", "01000"), Ligne("", "00 32 2 000 00 00", ""))


def make_notice(**change: object) -> NoticeLot:
    valeurs: dict[str, object] = {
        "mois": JUIN, "code_caf": "831", "nom_caf": "Caf du Var", "version": 1, "remplace": None, "lignes": 12,
        "fichiers": ("PA_831_202506_v1.xlsx",), "cpam": {"831": "Cpam du Var"}, "commune": False, "ecartes": {},
        "a_transmettre_avant": date(2025, 7, 8), "purge_le": date(2025, 10, 1), "mois_certificat": 1,
    }  # fmt: skip
    return NoticeLot(**{**valeurs, **change})  # type: ignore[arg-type]


def lisez(**change: object) -> str:
    return " ".join(build_lisezmoi(make_notice(**change)).decode("utf-8-sig").split())


def accuse(**change: object) -> list[str]:
    return build_accuse(make_notice(**change)).decode("utf-8-sig").split("\r\n")


def test_same_rows_give_the_same_bytes_whatever_the_hour() -> None:
    premier = build_classeur(LIGNES, JUIN)
    assert build_classeur(LIGNES, JUIN) == premier
    assert build_classeur(LIGNES[:1], JUIN) != premier
    archive = zipfile.ZipFile(io.BytesIO(premier))
    assert {entree.date_time for entree in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    dates = re.findall(r"\d{4}-\d\d-\d\dT[^<]*", archive.read("docProps/core.xml").decode())
    assert set(dates) == {"2025-06-01T00:00:00Z"}, "the only dates are those of the month"


def test_every_cell_is_a_text_even_if_it_looks_like_a_formula_a_number_or_a_link() -> None:
    pieges = [
        Ligne("=1+1@example.org", "+33 1 99 00 12 34", "01000"),
        Ligne("-cmd@example.org", "@SUM(1)", "00000"),
        Ligne("mailto:x@example.org", "0199001234", "1e5"),
        Ligne("http://example.org/x@y", "=HYPERLINK(1)", "TRUE"),
        Ligne("_x0041_@example.org", "'01", "{=1}"),
    ]
    octets = build_classeur(pieges, JUIN)
    feuille = load_workbook(io.BytesIO(octets)).worksheets[0]
    rangees = list(feuille.iter_rows())
    assert {c.data_type for rangee in rangees for c in rangee} == {"s"}
    assert {c.number_format for rangee in rangees for c in rangee} == {"@"}
    assert not any(c.hyperlink for rangee in rangees for c in rangee)
    assert [tuple(c.value for c in rangee) for rangee in rangees[1:]] == [tuple(p) for p in pieges]
    brut = zipfile.ZipFile(io.BytesIO(octets)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in brut
    assert not re.search(r"<c (?![^>]*t=\"s\")", brut)


def test_columns_are_exactly_those_of_the_instruction_and_zeros_stay() -> None:
    rangees = list(load_workbook(io.BytesIO(build_classeur(LIGNES, JUIN))).worksheets[0].values)
    assert rangees[0] == ("courriel", "telephone", "code_postal")
    assert rangees[1] == ("claire@example.org", "01 99 00 12 34", "01000")
    assert rangees[2][1] == "00 32 2 000 00 00"
    assert not rangees[2][0]


def test_a_caf_with_nobody_gets_the_header_alone() -> None:
    rangees = list(load_workbook(io.BytesIO(build_classeur((), JUIN))).worksheets[0].values)
    assert rangees == [("courriel", "telephone", "code_postal")]


@pytest.mark.parametrize(
    ("destinataire", "nom"),
    [
        (None, "PA_591_202506_v2"),
        ("594", "PA_591_202506_v2_cpam594"),
        (A_REPARTIR, "PA_591_202506_v2_a_repartir"),
    ],
)
def test_a_file_is_named_after_its_recipient(destinataire: str | None, nom: str) -> None:
    assert name_fichier("591", JUIN, 2, destinataire) == nom


def test_lisezmoi_says_the_codes_what_comes_back_when_and_whom_to_call() -> None:
    texte = lisez(jours_retour=33, contact="Équipe nationale, 01 99 00 12 34")
    for dit in (
        "bluefiles ou peps",
        "0 si aucune n'est pour elle",
        "33 jours après l'envoi",
        "retours/modeles/",
    ):
        assert dit in texte
    assert "UNE QUESTION Équipe nationale, 01 99 00 12 34" in texte
    assert "Répondez à l'avis" in lisez()
    assert "portail : interne" in lisez(commune=True)
    assert "ET ENSUITE" not in lisez(lignes=0)


def test_lisezmoi_of_an_ordinary_caf_says_what_to_do_by_when_and_the_law() -> None:
    texte = lisez(ecartes={"opposition": 3, "sans_contact": 1})
    assert "ALLER VERS LES PROCHES AIDANTS - juin 2025" in texte
    assert "Caf du Var (831), version 1" in texte
    assert "peuvent être contactées : 12" in texte
    assert "- PA_831_202506_v1.xlsx" in texte
    assert "À FAIRE AU PLUS TARD LE 08/07/2025" in texte
    assert "BlueFiles ou PEPS" in texte
    assert "- 831 Cpam du Var" in texte
    assert "ACCUSE_831_202506.csv" in texte
    assert "- opposition à être contacté (ces coordonnées n'ont pas quitté le système source) : 3" in texte
    assert "- ni courriel ni téléphone utilisable (à joindre par vos propres moyens) : 1" in texte
    assert "L.114-12" in texte
    assert "vidé au plus tard le 01/10/2025" in texte
    assert "remplace" not in texte
    assert "Répartissez" not in texte


def test_texts_open_in_notepad_and_excel_as_they_are() -> None:
    for octets in (build_lisezmoi(make_notice()), build_accuse(make_notice())):
        assert octets.startswith(b"\xef\xbb\xbf")
        assert octets.endswith(b"\r\n")
        assert octets.count(b"\n") == octets.count(b"\r\n")
    entete, ligne, fin = accuse()
    assert entete == "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference"
    assert ligne == "831;2025-06;1;831;12;;;"
    assert fin == ""


@pytest.mark.parametrize("code", ["051", "481"])
def test_a_caisse_commune_hands_over_inside_the_house(code: str) -> None:
    change = {"code_caf": code, "cpam": {code: "Caisse commune"}, "commune": True}
    texte = lisez(**change)
    assert "service Maladie de votre caisse" in texte
    assert "BlueFiles" not in texte
    assert accuse(**change)[1] == f"{code};2025-06;1;{code};12;interne;;"


def test_a_caf_with_several_cpam_is_told_to_share_out_and_acknowledges_each() -> None:
    cpam = {"599": "Cpam du Hainaut", "594": "Cpam des Flandres"}
    texte = lisez(code_caf="591", cpam=cpam)
    assert texte.index("1. Répartissez le fichier entre vos Cpam") < texte.index(
        "2. Envoyez à chaque Cpam ses seules"
    )
    assert "3. Complétez ACCUSE_591_202506.csv, une ligne par Cpam" in texte
    assert texte.index("594 Cpam des Flandres") < texte.index("599 Cpam du Hainaut")
    assert accuse(code_caf="591", cpam=cpam)[1:3] == ["591;2025-06;1;594;;;;", "591;2025-06;1;599;;;;"]


def test_a_cpam_without_a_convention_is_named_as_one_to_send_nothing_to() -> None:
    change = {"cpam": {"594": "Cpam des Flandres"}, "cpam_sans_convention": {"599": "Cpam du Hainaut"}}
    texte = lisez(**change)
    assert "Sans convention en vigueur, n'envoyez rien à : 599 Cpam du Hainaut." in texte
    assert "Répartissez" in texte
    assert accuse(**change)[1] == "831;2025-06;1;594;;;;", "the file's total is not that of one Cpam of two"


def test_files_already_made_for_each_cpam_are_not_to_be_shared_out_again() -> None:
    cpam = {"599": "Cpam du Hainaut", "594": "Cpam des Flandres"}
    fichiers = ("PA_591_202506_v1_cpam594.xlsx", "PA_591_202506_v1_cpam599.xlsx")
    texte = lisez(code_caf="591", cpam=cpam, fichiers=fichiers)
    assert "1. Envoyez à chaque Cpam son fichier" in texte
    assert "Répartissez" not in texte
    texte = lisez(code_caf="591", cpam=cpam, fichiers=(*fichiers, "PA_591_202506_v1_a_repartir.xlsx"))
    assert "1. Répartissez le fichier a_repartir entre vos Cpam" in texte


def test_the_acknowledgement_counts_each_cpam_where_each_has_its_file_and_only_there() -> None:
    cpam = {"594": "Cpam des Flandres", "595": "Cpam de Lille-Douai", "599": "Cpam du Hainaut"}
    change: dict[str, object] = {"code_caf": "591", "cpam": cpam}
    assert accuse(**change, par_cpam={"595": 4, "594": 8})[1:3] == [
        "591;2025-06;1;594;8;;;",
        "591;2025-06;1;595;4;;;",
    ]
    a_repartir = accuse(**change, par_cpam={"594": 8, A_REPARTIR: 4})
    assert a_repartir[1:4] == [f"591;2025-06;1;{code};;;;" for code in cpam], "only the Caf will know"


def test_an_empty_month_asks_nothing() -> None:
    texte = lisez(lignes=0)
    assert "Rien, pas même l'accusé : ce mois n'a personne à transmettre." in texte
    assert "AU PLUS TARD LE" not in texte
    assert "BlueFiles" not in texte
    assert "- aucune" in texte


def test_a_replaced_version_is_named_as_no_longer_to_be_used() -> None:
    assert "Ce lot remplace la version 1, à ne plus utiliser." in lisez(version=2, remplace=1)


def test_who_is_called_is_told_who_calls_why_from_where_and_how_to_object() -> None:
    texte = " ".join(build_information(make_notice()).decode("utf-8-sig").split())
    appel, notice = texte.split("2. NOTICE")
    for attendu in (
        "d'assurance maladie",
        "C'est elle qui nous a donné",
        "vous proposer",
        "Vous pouvez vous y opposer",
    ):
        assert attendu in appel
    for attendu in (
        "Caf du Var", "Délégué à la protection", "L.114-12", "6.1.e", "non-recours", "votre code postal, pris dans le",
        "À qui", "un mois après son traitement", "le 01/10/2025", "vous opposer", "rectifier", "CNIL",
    ):  # fmt: skip
        assert attendu in notice, attendu
    commune = build_information(make_notice(commune=True)).decode("utf-8-sig")
    assert "SERVICE MALADIE" in commune
    assert "délégué de la Cpam" not in commune, "une caisse commune n'a qu'un délégué"
