"""A received table: what Excel does to it is forgiven, what is hostile is refused before it costs anything."""

from __future__ import annotations

import io
import os
import stat
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from fichiers_recus import LIMITES, make_xlsx, put_in_sheet, rewrite

from aller_vers.retours.fichiers.tableau import (
    DonneeDouteuseError,
    DonneePersonnelleError,
    FichierRefuseError,
    Tableau,
    read_tableau,
)

TITRES = ("code_cpam", "date_arrete", "observation")
LIGNE = ("831", "04/07/2025", "été, l'œuvre")
CSV = "code_cpam;date_arrete;observation\n831;04/07/2025;été, l'œuvre\n"
XLSX = make_xlsx([TITRES, ("831", date(2025, 7, 4), "été, l'œuvre")])


def read(octets: bytes | str, nom: str = "retour.csv") -> Tableau:
    return read_tableau(octets.encode() if isinstance(octets, str) else octets, nom, LIMITES)


@pytest.mark.parametrize(
    "octets",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("cp1252"),
        CSV.encode("utf-16"),
        CSV.encode("utf-16-le"),
        CSV.encode("utf-16-be"),
        CSV.replace("\n", "\r\n").encode(),
        CSV.replace("\n", "\r").encode(),
        CSV.replace("\n", "\r\r\n").encode(),
        CSV.rstrip("\n").encode(),
        CSV.replace(";", "\t").encode("utf-16"),
        CSV.replace("été, l'œuvre", '"été, l\'œuvre"').replace(";", ",").encode(),
        "".join('"' + ligne.replace(";", '";"') + '"\n' for ligne in CSV.splitlines()).encode(),
        "".join(f'"{ligne}"\r\n' for ligne in CSV.splitlines()).encode(),
        ("sep=;\r\n" + CSV).encode("cp1252"),
        CSV.replace("\n", ";;;\n").encode() + b";;;;;\n \n;;\n",
        b"\n;;\n" + CSV.encode(),
        CSV.replace("code_cpam;date_arrete", " Code Cpam ;DATE D'ARRÊTÉ")
        .replace("DATE D'", "Date ")
        .encode(),
        CSV.replace("831", "\u00a0831\u200b ").encode(),
        CSV.replace("été", "e\u0301te\u0301").encode(),
    ],
)
def test_whatever_excel_did_to_a_csv_the_table_is_the_same(octets: bytes) -> None:
    tableau = read(octets)
    assert (tableau.colonnes, tableau.lignes) == (TITRES, (LIGNE,))


def test_a_workbook_gives_texts_and_iso_dates() -> None:
    lignes = [
        ("Code Cpam", "Date arrêté", None, "observation", None),
        (831, datetime(2025, 7, 4), None, 12.0, None),
        (),
        ("011", datetime(2025, 7, 4, 10, 30), None, 0.5, ""),
        (True, None, None, "x"),
    ]
    tableau = read(
        make_xlsx([[c for i, c in enumerate(ligne) if i != 2] for ligne in lignes], [], []), "r.XLSX"
    )
    assert tableau.colonnes == ("code_cpam", "date_arrete", "observation")
    assert tableau.lignes == (
        ("831", "2025-07-04", "12"),
        ("011", "2025-07-04 10:30:00", "0.5"),
        ("VRAI", "", "x"),
    )
    assert tableau.numeros == (2, 4, 5)


def test_rows_keep_the_number_that_their_author_sees() -> None:
    tableau = read('sep=;\n\na;b\n1;"deux\nlignes"\n\n3;4\n')
    assert [(n, ligne) for n, ligne in tableau.rows()] == [
        (4, {"a": "1", "b": "deux lignes"}),
        (7, {"a": "3", "b": "4"}),
    ]


def test_lines_that_stand_in_one_quoted_cell_are_all_read() -> None:
    tableau = read('"a;b\n1;2"\n"3;4\n5;6"\n')
    assert (tableau.lignes, tableau.numeros) == ((("1", "2"), ("3", "4"), ("5", "6")), (2, 3, 4))


def test_columns_may_come_in_any_order_and_a_missing_one_is_named() -> None:
    tableau = read("b;a\n1;2\n")
    tableau.require_colonnes(("a", "b"))
    tableau.require_colonnes(("b",), facultatives=("a",))
    with pytest.raises(FichierRefuseError, match=r"il manque c.*la première ligne est : a;b;c"):
        tableau.require_colonnes(("a", "b", "c"))
    with pytest.raises(FichierRefuseError, match=r"1 colonne en trop"):
        tableau.require_colonnes(("a",))


def test_a_table_of_titles_alone_has_no_row() -> None:
    assert read("a;b\n").lignes == ()


REFUS_TEXTE: list[tuple[str, bytes, str, str]] = [
    ("vide", b"", "r.csv", "est vide"),
    ("blanc", b" \r\n\t", "r.csv", "est vide"),
    ("sans rien", b";;;\n;;\n", "r.csv", "aucune donnée"),
    ("binaire", bytes(range(255, -1, -1)) * 4, "r.csv", "pas un texte lisible"),
    ("nul", b"a;b\n1;\x002\n" + b"x" * 300, "r.csv", "pas un texte lisible"),
    ("nul loin", b"a;b\n" + b"1;2\n" * 100 + b"\x00", "r.csv", "pas un texte lisible"),
    ("utf-16 coupé", CSV.encode("utf-16")[:-1], "r.csv", "pas un texte lisible"),
    ("cp1252 impossible", b"a;b\n\x81;\xff\n", "r.csv", "pas un texte lisible"),
    ("xlsx renommé", XLSX, "r.csv", "autre type de fichier, renommé"),
    ("pdf renommé", b"%PDF-1.7\n", "r.csv", "autre type de fichier, renommé"),
    ("programme", b"MZ\x90\x00", "r.csv", "autre type de fichier, renommé"),
    ("guillemet ouvert", b'a;b\n1;"2\n3;4\n', "r.csv", "guillemets de la ligne 2"),
    ("guillemet au milieu", b'a;b\n1;2\n"3"x;4\n', "r.csv", "guillemets de la ligne 3"),
    ("ligne sans fin", b"a;b\n" + b"1" * 40_000, "r.csv", "trop longue"),
    ("cellule longue", b"a;b\n1;" + b"x" * 501 + b"\n", "r.csv", "La cellule B2 dépasse 500"),
    ("trop de lignes", b"a;b\n" + b"1;2\n" * 5_001, "r.csv", "5000 lignes"),
    ("beaucoup trop", b"\n" * 20_000, "r.csv", "est vide"),
    ("beaucoup trop de lignes", b"1\n" * 20_000, "r.csv", "5000 lignes"),
    ("trop de colonnes", b";".join(b"c%d" % n for n in range(61)), "r.csv", "60 colonnes"),
    ("trop gros", b"a;b\n" + b"1;2\n" * 600_000, "r.csv", "dépasse 2000 ko"),
    ("formule", b"a;b\n1;=1+1\n", "r.csv", "La cellule B2 est une formule"),
    ("formule DDE", b"a;b\n1;@SUM(1)\n", "r.csv", "est une formule"),
    ("formule plus", b"a;b\n1;+cmd|' /C calc'!A0\n", "r.csv", "est une formule"),
    ("formule moins", b"a;b\n1;-2+3+cmd\n", "r.csv", "est une formule"),
    ("formule au titre", b"=a;b\n1;2\n", "r.csv", "La cellule A1 est une formule"),
    ("titre en double", b"a;A\n1;2\n", "r.csv", "même titre"),
    ("sans titre", b"a;\n1;2\n", "r.csv", "colonne 2 est remplie et n'a pas de titre"),
    ("ligne débordante", b"a;b\n1;2;3\n", "r.csv", "colonne 3 est remplie"),
    ("macros", XLSX, "r.xlsm", "type de fichier"),
    ("archive", XLSX, "r.zip", "type de fichier"),
    ("sans extension", CSV.encode(), "retour", "type de fichier"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "nom", "motif"), [r[1:] for r in REFUS_TEXTE], ids=[r[0] for r in REFUS_TEXTE]
)
def test_a_text_that_is_no_table_is_refused_with_its_reason(octets: bytes, nom: str, motif: str) -> None:
    with pytest.raises(FichierRefuseError, match=motif) as refus:
        read_tableau(octets, nom, LIMITES)
    assert type(refus.value) is FichierRefuseError
    assert "\nÀ faire : " in refus.value.motif


def make_zip(*entrees: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in entrees:
            archive.writestr(nom, octets)
    return tampon.getvalue()


def make_lien() -> bytes:
    lien = zipfile.ZipInfo("xl/lien.xml")
    lien.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(io.BytesIO(XLSX)) as archive:
        return make_zip(*((nom, archive.read(nom)) for nom in archive.namelist()), (lien, b"/etc/passwd"))


def make_chiffre() -> bytes:
    """Return a workbook whose entries say that they are encrypted."""
    octets = bytearray(XLSX)
    for signature, decalage in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        rang = octets.find(signature)
        while rang >= 0:
            octets[rang + decalage] |= 1
            rang = octets.find(signature, rang + 4)
    return bytes(octets)


def make_menteur() -> bytes:
    """Return a bomb whose directory says that each part is tiny."""
    bombe = bytearray(rewrite(XLSX, ajoute={"xl/bombe.xml": b"<a>" + b"0" * 50_000_000}))
    taille = struct.pack("<I", 50_000_003)
    assert bombe.count(taille) == 2
    return bytes(bombe.replace(taille, struct.pack("<I", 100)))


def make_repertoire_sans_fin() -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for numero in range(15_000):
            archive.writestr(f"xl/{numero}.xml", b"")
    return tampon.getvalue()


def make_bzip2() -> bytes:
    tampon = io.BytesIO(XLSX)
    with zipfile.ZipFile(tampon, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/autre.xml", b"<a/>")
    return tampon.getvalue()


def change_part(nom: str, avant: bytes, apres: bytes) -> bytes:
    def change(courant: str, octets: bytes) -> bytes:
        if courant != nom:
            return octets
        assert avant in octets
        return octets.replace(avant, apres, 1)

    return rewrite(XLSX, change=change)


DTD = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
RIRE = (
    b"<!DOCTYPE x ["
    + b"".join(b'<!ENTITY r%d "%s">' % (n, b"&r%d;" % (n - 1) * 10 if n else b"ha") for n in range(10))
    + b"]>"
)
FEUILLE = "xl/worksheets/sheet1.xml"
REFUS_CLASSEUR: list[tuple[str, Callable[[], bytes], str]] = [
    ("csv renommé", CSV.encode, "pas un classeur Excel"),
    ("ancien abîmé", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "pas un classeur Excel"),
    ("tronqué", lambda: XLSX[:-200], "pas un classeur Excel"),
    ("coupé en deux", lambda: XLSX[: len(XLSX) // 2], "pas un classeur Excel"),
    ("octets abîmés", lambda: XLSX[:300] + bytes(200) + XLSX[500:], "pas un classeur Excel"),
    ("zip quelconque", lambda: make_zip(("a.txt", b"a")), "pas un classeur Excel"),
    ("docx", lambda: make_zip(("[Content_Types].xml", b"<a/>"), ("word/document.xml", b"<a/>")), "pas un classeur"),
    ("sans feuille", lambda: rewrite(XLSX, sans=frozenset({FEUILLE})), "pas un classeur"),
    ("bombe", lambda: rewrite(XLSX, ajoute={"xl/bombe.xml": b"<a>" + b"0" * 11_000_000}), "trop gros"),
    ("bombe menteuse", make_menteur, "pas un classeur Excel"),
    ("balises", lambda: rewrite(XLSX, ajoute={"xl/b.xml": b"<a>" * 500_000}), "trop gros"),
    ("répertoire sans fin", make_repertoire_sans_fin, "trop gros"),
    ("feuille en largeur", lambda: put_in_sheet(XLSX, b'r="C2"', b'r="XFD2"'), "60 colonnes"),
    ("ligne à l'infini", lambda: put_in_sheet(XLSX, b'<row r="2"', b'<row r="1e300"'), "pas un classeur"),
    ("trop de lignes", lambda: make_xlsx([["a", "b"], *[[1, 2]] * 5_001]), "5000 lignes"),
    ("beaucoup trop de lignes", lambda: make_xlsx([[1]] * 11_000), "5000 lignes"),
    ("trop de colonnes", lambda: make_xlsx([[f"c{n}" for n in range(61)]]), "60 colonnes"),
    ("formule", lambda: make_xlsx([TITRES, ("=1+1", "x", "y")]), "La cellule A2 est une formule"),
    ("formule en texte", lambda: put_in_sheet(make_xlsx([["a"], [""]]), b"</row></sheetData>",
        b'</row><row r="2"><c r="A2" t="inlineStr"><is><t>=1+1</t></is></c></row></sheetData>'), "formule"),
    ("erreur", lambda: put_in_sheet(XLSX, b'<c r="B2" s="1"><v>45842</v>', b'<c r="B2" t="e"><v>#REF!</v>'),
        "erreur d'Excel"),
    ("deux feuilles", lambda: make_xlsx([["a"], [1]], [["a"], [1]]), "plusieurs feuilles remplies"),
    ("macros", lambda: rewrite(XLSX, ajoute={"xl/vbaProject.bin": b"x"}), "macros, des liens"),
    ("macros déclarées", lambda: change_part("[Content_Types].xml", b"sheet.main+xml", b"sheet.macroEnabled.main+xml"),
        "macros, des liens"),
    ("lien externe", lambda: rewrite(XLSX, ajoute={"xl/externalLinks/externalLink1.xml": b"<a/>"}), "liens externes"),
    ("relation externe", lambda: rewrite(XLSX, ajoute={"xl/worksheets/_rels/sheet1.xml.rels":
        b'<a Target="https://example.org/" TargetMode = "External"/>'}), "liens externes"),
    ("objet", lambda: rewrite(XLSX, ajoute={"xl/embeddings/oleObject1.bin": b"x"}), "objets incorporés"),
    ("requête", lambda: rewrite(XLSX, ajoute={"xl/connections.xml": b"<a/>"}), "liens externes"),
    ("dtd", lambda: change_part(FEUILLE, b"<worksheet", DTD + b"<worksheet"), "liens externes"),
    ("dtd d'ailleurs", lambda: change_part(FEUILLE, b"<worksheet", b'<!DOCTYPE x SYSTEM "x.dtd"><worksheet'),
        "liens externes"),
    ("entité seule", lambda: change_part(FEUILLE, b"<worksheet", b"<!ENTITY e 'x'><worksheet"), "liens externes"),
    ("rires", lambda: change_part(FEUILLE, b"<worksheet", RIRE + b"<worksheet"), "liens externes"),
    ("utf-16", lambda: change_part(FEUILLE, b"<worksheet", "<!DOCTYPE".encode("utf-16")), "pas un classeur"),
    ("dtd dans une image", lambda: rewrite(XLSX, ajoute={"xl/media/image1.png": b"\xef\xbb\xbf <a>" + DTD}),
        "liens externes"),
    ("utf-7", lambda: change_part(FEUILLE, b'encoding="UTF-8"', b'encoding="UTF-7"'), "pas un classeur"),
    ("xml cassé", lambda: change_part(FEUILLE, b"</sheetData>", b""), "pas un classeur"),
    ("chemin", lambda: rewrite(XLSX, ajoute={"xl/../../sortie.xml": b"<a/>"}), "pas un classeur"),
    ("chemin absolu", lambda: rewrite(XLSX, ajoute={"/etc/passwd": b"<a/>"}), "pas un classeur"),
    ("lien symbolique", make_lien, "pas un classeur"),
    ("chiffré", make_chiffre, "chiffré"),
    ("compression rare", make_bzip2, "pas un classeur"),
    ("parties en double", lambda: rewrite(XLSX, ajoute={"XL/workbook.xml": b"<a/>"}), "pas un classeur"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("fais", "motif"), [r[1:] for r in REFUS_CLASSEUR], ids=[r[0] for r in REFUS_CLASSEUR]
)
def test_a_workbook_that_is_hostile_or_broken_is_refused_with_its_reason(
    fais: Callable[[], bytes], motif: str
) -> None:
    with pytest.raises(FichierRefuseError, match=motif) as refus:
        read_tableau(fais(), "retour.xlsx", LIMITES)
    opaque = "ne peut pas être examiné en entier" in refus.value.constat
    assert type(refus.value) is (DonneeDouteuseError if opaque else FichierRefuseError)


@pytest.mark.parametrize(
    ("fais", "plafond"),
    [
        (make_menteur, 20_000_000),
        (make_repertoire_sans_fin, 1_000_000),
        (lambda: rewrite(XLSX, ajoute={"xl/bombe.xml": b"<a>" + b"0" * 200_000_000}), 60_000_000),
        (lambda: rewrite(XLSX, ajoute={"xl/b.xml": b"<a>" * 2_000_000}), 20_000_000),
        (lambda: put_in_sheet(XLSX, b"<sheetData>", b"<sheetData>" + b"<row/>" * 101_000), 60_000_000),
    ],
)
def test_a_bomb_costs_little_memory(fais: Callable[[], bytes], plafond: int) -> None:
    octets = fais()
    tracemalloc.start()
    try:
        with pytest.raises(FichierRefuseError):
            read_tableau(octets, "retour.xlsx", replace(LIMITES, balises=100_000))
        _, pic = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert pic < plafond


def test_what_one_file_may_cost_is_a_setting() -> None:
    assert read("a;b\n1;2\n3;4\n").lignes
    with pytest.raises(FichierRefuseError, match="dépasse 1 lignes"):
        read_tableau(b"a;b\n1;2\n3;4\n", "r.csv", replace(LIMITES, lignes=1))
    with pytest.raises(FichierRefuseError, match="trop gros"):
        read_tableau(XLSX, "r.xlsx", replace(LIMITES, entrees=5))
    with pytest.raises(FichierRefuseError, match="trop gros"):
        read_tableau(XLSX, "r.xlsx", replace(LIMITES, balises=20))


def test_what_excel_adds_by_itself_is_not_taken_for_an_attack() -> None:
    octets = rewrite(
        XLSX,
        ajoute={
            "xl/printerSettings/printerSettings1.bin": b"\x00\x01",
            "xl/media/image1.png": b"\x89PNG",
            "customXml/item1.xml": b"\xef\xbb\xbf<a/>",
        },
    )
    assert read(octets, "r.xlsx").lignes == ((*LIGNE[:1], "2025-07-04", LIGNE[2]),)


@pytest.mark.parametrize(
    ("texte", "refus"),
    [
        ("claire@example.org", DonneePersonnelleError),
        ("01 99 00 12 34", DonneePersonnelleError),
        ("199001234", DonneePersonnelleError),
        ("(01) 99/00 12-34", DonneeDouteuseError),
    ],
)
def test_a_cell_of_somebody_s_data_has_its_file_destroyed_or_looked_at(
    texte: str, refus: type[FichierRefuseError]
) -> None:
    for octets, nom in ((f"a;b\n1;{texte}\n".encode(), "r.csv"), (make_xlsx([["a"], [texte]]), "r.xlsx")):
        with pytest.raises(refus) as leve:
            read_tableau(octets, nom, LIMITES)
        assert type(leve.value) is refus
        assert texte not in leve.value.motif
        if refus is DonneeDouteuseError:
            assert read_tableau(octets, nom, LIMITES, admis=True).lignes


def test_a_number_of_nine_figures_may_be_an_amount_or_what_a_portal_gives() -> None:
    for titre in ("valeur", "reference"):
        with pytest.raises(DonneeDouteuseError):
            read(f"{titre};b\n199001234;1\n")


def test_a_telephone_that_excel_made_a_number_is_seen() -> None:
    with pytest.raises(DonneePersonnelleError, match="La cellule B3 est"):
        read(make_xlsx([["a", "b"], [1, 2], [3, 639980012]]), "r.xlsx")


@pytest.mark.parametrize("titre", ["Courriel", "E-mail", "nom;Adresse", "Prénom", "NIR", "Téléphone"])
def test_a_list_of_people_is_known_by_its_titles(titre: str) -> None:
    with pytest.raises(DonneePersonnelleError, match="liste de personnes"):
        read(f"code;{titre}\n831;x\n")


def test_a_title_that_a_table_of_caisses_could_have_is_looked_at() -> None:
    with pytest.raises(DonneeDouteuseError, match="colonne « nom »"):
        read("code;Nom\n831;Var\n")
    assert read_tableau(b"code;Nom\n831;Var\n", "r.csv", LIMITES, admis=True).lignes == (("831", "Var"),)


@pytest.mark.parametrize(
    ("octets", "nom"),
    [
        (b'a;b\n1;"claire@example.org\n', "r.csv"),
        (b"a;b\n1;claire@example.org\n" * 6_000, "r.csv"),
        (b"a;b\n1;01 99 00 12 34\n" * 200_000, "r.csv"),
        (b"claire@example.org", "r.docx"),
        ('a;b\n1;"claire@example.org\n'.encode("utf-16"), "r.csv"),
        (make_xlsx([["a"], *[["claire@example.org"]] * 11_000]), "r.xlsx"),
        (make_xlsx([["a"], ["=1+1"], ["01 99 00 12 34"]]), "r.xlsx"),
        (make_xlsx([["a"], ["claire@example.org"]]), "r.xlsm"),
    ],
)  # fmt: skip
def test_a_list_of_people_that_is_no_table_is_known_all_the_same(octets: bytes, nom: str) -> None:
    with pytest.raises(
        DonneePersonnelleError, match=r"ne se lit pas, et semble contenir|liste de personnes|cellule"
    ):
        read_tableau(octets, nom, LIMITES)


def test_any_bytes_at_all_give_a_table_or_a_refusal() -> None:
    graine = XLSX + CSV.encode()
    issues = {"pris": 0, "refusé": 0}
    for tour in range(300):
        rang = zlib.crc32(str(tour).encode()) % len(graine)
        abime = bytearray(graine)
        abime[rang : rang + 1 + tour % 40] = os.urandom(tour % 7)
        for octets, nom in ((bytes(abime[: len(XLSX)]), "r.xlsx"), (bytes(abime[len(XLSX) :]), "r.csv")):
            try:
                issue = "pris" if read_tableau(octets, nom, LIMITES).colonnes else ""
            except FichierRefuseError:
                issue = "refusé"
            issues[issue] += 1
    assert min(issues.values()) > 50


@pytest.mark.parametrize("texte", ["--", "-", "- néant -", "— NC —", "- -"])
def test_a_dash_for_nothing_is_no_formula(texte: str) -> None:
    assert read(f"a;b\n1;{texte}\n").lignes == (("1", texte),)
