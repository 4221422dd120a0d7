"""Every part of a file is searched; no file costs more than its limits, and the next one is read."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest
import xlsxwriter
from fichiers_recus import LIMITES, make_xlsx, put_in_sheet, rewrite
from registre import MENSUEL

from aller_vers.retours.fichiers.examen import open_examinateur
from aller_vers.retours.fichiers.refus import DonneeDouteuseError, DonneePersonnelleError, FichierRefuseError
from aller_vers.retours.fichiers.tableau import read_tableau

COURRIEL, TELEPHONE = "claire@example.org", "01 99 00 12 34"
LISTE = f"nom;contact\nClaire;{COURRIEL}\n".encode()
XLSX = make_xlsx([["a", "b"], ["1", "2"]])


def zip_of(**parties: bytes) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in parties.items():
            archive.writestr(nom.replace("__", "/").replace("_", "."), octets)
    return tampon.getvalue()


def add(nom: str, xml: str, encodage: str = "utf-8") -> bytes:
    return rewrite(XLSX, ajoute={nom: xml.encode(encodage)})


def write_note() -> bytes:
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon, {"in_memory": True}) as classeur:
        feuille = classeur.add_worksheet()
        feuille.write_row(0, 0, ["a", "b"])
        feuille.write_row(1, 0, ["1", "2"])
        feuille.write_comment(1, 0, f"à rappeler au {TELEPHONE}")
    return tampon.getvalue()


def write_validation() -> bytes:
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon, {"in_memory": True}) as classeur:
        feuille = classeur.add_worksheet()
        feuille.write_row(0, 0, ["a", "b"])
        feuille.write_row(1, 0, ["1", "2"])
        feuille.data_validation("A2", {"validate": "list", "source": [COURRIEL, "zoe"]})
        feuille.set_header(f'&L&"Arial,Gras"{TELEPHONE}')
        feuille.insert_textbox(3, 3, f"voir {TELEPHONE}")
        classeur.set_properties({"comments": COURRIEL})
    return tampon.getvalue()


CACHES: dict[str, Callable[[], bytes]] = {
    "pivot cache": lambda: add("xl/pivotCache/pivotCacheRecords1.xml", f'<r><s v="{COURRIEL}"/></r>'),
    "note": write_note,
    "list, header, text box, properties": write_validation,
    "runs of one text": lambda: add("xl/drawings/d.xml", "<p><r><t>01 99 </t></r><r><t>00 12 34</t></r></p>"),
    "header": lambda: put_in_sheet(
        XLSX, b"</sheetData>", f"</sheetData><headerFooter><oddHeader>&amp;L {TELEPHONE}</oddHeader></headerFooter>".encode()
    ),
    "UTF-16 side part": lambda: add("customXml/item1.xml", f"<a>{COURRIEL}</a>", "utf-16"),
    "filter": lambda: add("xl/tables/t.xml", f'<filter val="{COURRIEL}"/>'),
    "name of a part": lambda: zip_of(**{f"{COURRIEL}_txt": b"x"}),
    "zip in a zip": lambda: zip_of(a_zip=zip_of(b_csv=LISTE)),
    "ods": lambda: zip_of(mimetype=b"", content_xml=f"<t><p>{COURRIEL}</p></t>".encode()),
    "docx": lambda: zip_of(word__document_xml=f"<w:p><w:r><w:t>{TELEPHONE}</w:t></w:r></w:p>".encode()),
    "gzip": lambda: gzip.compress(LISTE),
    "bzip2": lambda: bz2.compress(LISTE),
    "xz": lambda: lzma.compress(LISTE),
    "html": lambda: f"<html><td>{TELEPHONE}".encode(),
    "rtf": lambda: b"{\\rtf1 " + COURRIEL.encode() + b"}",
    "binary": lambda: bytes(range(256)) + COURRIEL.encode("utf-16-le") + bytes(range(256)),
}  # fmt: skip


@pytest.mark.parametrize("cache", CACHES)
@pytest.mark.parametrize("nom", ["r.xlsx", "r.zip"])
def test_somebody_s_data_is_found_wherever_it_stands(cache: str, nom: str) -> None:
    with pytest.raises(DonneePersonnelleError):
        read_tableau(CACHES[cache](), nom, LIMITES)


@pytest.mark.parametrize(
    "octets",
    [
        add("docProps/core2.xml", f"<creator>{COURRIEL}</creator>"),
        b"7z\xbc\xaf\x27\x1c" + bytes(50),
        zip_of(a=zip_of(b=zip_of(c=zip_of(d=b"x")))),
        add("xl/pivotCache/pivotCacheRecords1.xml", '<r><n v="199001234"/></r>'),
    ],
    ids=["author of the file", "7z", "too deep", "number in a cache"],
)
def test_what_may_be_or_cannot_be_looked_at_waits_for_a_person(octets: bytes) -> None:
    with pytest.raises(DonneeDouteuseError):
        read_tableau(octets, "r.xlsx", LIMITES)


def write_far() -> bytes:
    tampon = io.BytesIO()
    with xlsxwriter.Workbook(tampon, {"in_memory": True}) as classeur:
        for _ in range(20):
            classeur.add_worksheet().write(1_048_575, 0, 1)
    return tampon.getvalue()


MARQUES = "a" + "\u0300\u0316" * 16_000
BOMBES: dict[str, Callable[[], bytes]] = {
    "marks in a cell": lambda: make_xlsx([["a"], [MARQUES]]),
    "marks in many cells": lambda: make_xlsx([["a"], *[[MARQUES[:490] + str(n)] for n in range(900)]]),
    "marks in a part": lambda: add("docProps/x.xml", f"<a>{MARQUES * 100}</a>"),
    "twenty sheets far away": write_far,
    "empty rows": lambda: put_in_sheet(
        XLSX, b"</sheetData>", (b"<row>" + b"<c/>" * 1_000 + b"</row>") * 380 + b"</sheetData>"
    ),
    "shared strings": lambda: add("xl/s.xml", "<si><t>0 1 2 3 4 5 6 7 8 9</t></si>" * 50_000),
    "one attribute": lambda: add("xl/s.xml", f'<a v="{"1 " * 2_000_000}"/>'),
    "zips in a zip": lambda: zip_of(**{f"a{n}_zip": zip_of(b=b"0 " * 4_000_000) for n in range(40)}),
    "gzip": lambda: gzip.compress(bytes(100_000_000)),
    "nothing but at": lambda: b"a;b\n" + (b"@" * 490 + b";1\n") * 4_000,
    "figures": lambda: b"a;b\n" + b"".join(b"%d 0 " % n + b"8 " * 240 + b";1\n" for n in range(3_900)),
    "one line": lambda: b"1" * 1_999_999,
    "a line of fifty megabytes": lambda: b"a;b\n" + b"1;" * 25_000_000,
    "quotes that do not close": lambda: b'a;b\n' + b'"1;\n' * 400_000,
    "quotes in quotes": lambda: b"a;b\n" + b'"' * 1_999_990,
    "null bytes": lambda: b"a;b\n" + bytes(1_999_990),
    "marks in a csv": lambda: b"a;b\n" + (MARQUES[:480] + ";1\n").encode() * 2_000,
    "marks on one line": lambda: ("a;b\n" + MARQUES * 30).encode()[:1_999_999],
    "fields without end": lambda: b"a" + b";" * 1_999_990,
    "lines without end": lambda: b"a\n" + b"\n" * 1_999_990,
    "half an address": lambda: b"a;b\n" + b"a.b-c_d@" * 60 * 4_000,
    "addresses in one cell": lambda: b"a;b\n" + b"a@" + b"b." * 900_000,
    "a telephone that never ends": lambda: b"a;b\n" + b"+1 (" * 490_000,
    "dates that never end": lambda: b"a;b\n" + b"2025-01-" * 240_000,
    "points and dots": lambda: b"a;b\n" + b" point dot at " * 140_000,
    "zeros of letters": lambda: b"a;b\n" + b"0ilo " * 390_000,
    "numbers in words": lambda: ("a;b\n" + "zéro un " * 200_000).encode(),
    "figures with a word between": lambda: b"a;b\n" + b"01 et " * 330_000,
    "deep XML": lambda: add("xl/s.xml", "<a>" * 190_000 + "</a>" * 190_000),
    "entities that expand": lambda: add(
        "xl/s.xml", '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><a>&c;</a>'
    ),
    "attributes by the thousand": lambda: add(
        "xl/s.xml", "<a " + " ".join(f'a{n}="01 99 00 12"' for n in range(100_000)) + "/>"
    ),
    "merged cells": lambda: put_in_sheet(
        XLSX, b"</sheetData>", b"</sheetData><mergeCells>"
        + b"".join(b'<mergeCell ref="A%d:XFD%d"/>' % (n, n + 1) for n in range(1, 190_000)) + b"</mergeCells>"
    ),
    "validations everywhere": lambda: put_in_sheet(
        XLSX, b"</sheetData>", b"</sheetData><dataValidations>"
        + b'<dataValidation sqref="A1:XFD1048576" type="list"><formula1>$A$1:$XFD$1048576</formula1></dataValidation>'
        * 60_000 + b"</dataValidations>"
    ),
    "styles": lambda: add("xl/styles2.xml", "<s>" + '<xf numFmtId="0" fontId="0"/>' * 250_000 + "</s>"),
    "a cell of ten megabytes": lambda: make_xlsx([["a"], ["1 " * 4_900_000]]),
    "a cell in the last place": lambda: put_in_sheet(
        XLSX, b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    ),
    "rows repeated in an ods": lambda: zip_of(
        mimetype=b"application/vnd.oasis.opendocument.spreadsheet",
        content_xml=b'<t><table:table xmlns:table="t"><table:table-row table:number-rows-repeated="1048576">'
        b'<table:table-cell table:number-columns-repeated="16384" table:value-type="float"/></table:table-row>'
        b"</table:table></t>",
    ),
    "an xls of nothing": lambda: b"\xd0\xcf\x11\xe0" + b"\xff" * 1_999_990,
    "xz": lambda: lzma.compress(bytes(100_000_000)),
    "bzip2": lambda: bz2.compress(bytes(100_000_000)),
    "a gzip in gzips": lambda: gzip.compress(gzip.compress(gzip.compress(bytes(100_000_000)))),
    "parts by the thousand": lambda: zip_of(**{f"a{n}_xml": b"<a/>" for n in range(9_000)}),
    "streams of a pdf": lambda: b"%PDF" + 400 * (b"stream\n" + zlib.compress(bytes(4_000_000))),
    "streams that are none": lambda: b"%PDF" + b"stream\n" * 280_000,
    "no text": lambda: b"\x01" + b"a@b-" * 490_000,
}  # fmt: skip


@pytest.mark.parametrize("bombe", BOMBES)
def test_no_file_costs_more_than_two_seconds(bombe: str) -> None:
    octets = BOMBES[bombe]()[: LIMITES.octets + 1]  # the mailbox takes no more
    nom = "r.csv" if octets[:1] in (b"a", b"1") else "r.xlsx"
    debut = time.process_time()
    with suppress(FichierRefuseError):
        read_tableau(octets, nom, LIMITES)
    assert time.process_time() - debut < 2


def test_a_file_that_lasts_is_ended_and_the_next_is_read() -> None:
    lente = b"a;b\n" + b"".join(b"%d 8 " % n + b"8 " * 240 + b";1\n" for n in range(3_900))
    with open_examinateur() as examinateur:
        assert examinateur.read(b"a;b\n1;2\n", "r.csv", LIMITES).lignes == (("1", "2"),)
        for admis, genre in ((False, DonneeDouteuseError), (True, FichierRefuseError)):
            with pytest.raises(genre, match="trop de temps") as refus:
                examinateur.read(lente, "r.csv", replace(LIMITES, secondes=0), admis)
            assert type(refus.value) is genre
            assert examinateur.read(b"a;b\n1;2\n", "r.csv", LIMITES).lignes == (("1", "2"),)
        with pytest.raises(DonneePersonnelleError, match="liste de personnes"):
            examinateur.read(b"courriel\nx\n", "r.csv", LIMITES)


@pytest.mark.parametrize(
    "lignes",
    [
        (["code_cpam", "code_caf"], ["831", "831"]),
        (
            MENSUEL.strip().split(";"),
            ["831", "831", "2025-06", "31/07/2025", "40", "30", "20", "10", "5", "4", "3", "", ""],
        ),
    ],
)
def test_what_holds_nobody_s_data_passes(lignes: tuple[list[str], list[str]]) -> None:
    octets = rewrite(
        make_xlsx(lignes),
        ajoute={
            "customXml/item1.xml": '<?xml version="1.0" encoding="utf-16"?><a>x</a>'.encode("utf-16"),
            "docProps/more.xml": b"<a><b>2025-07-04T10:30:00Z</b><c>16.0300</c><d>4294967295</d></a>",
            "xl/drawings/d.xml": b'<a><ext cx="914400000" cy="611234567"/></a>',
        },
    )
    assert read_tableau(octets, "r.xlsx", LIMITES).lignes == (tuple(lignes[1]),)
