"""Two hundred files that an agent, a spreadsheet or an enemy could put into a mailbox, from a list of manglings."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fichiers_recus import make_xlsx, put_in_sheet, rewrite
from registre import ACCUSE, MENSUEL

CANARI_COURRIEL, CANARI_TELEPHONE = "canari.claire@example.org", "01 99 00 77 88"
ACCUSE_BON = f"{ACCUSE}831;2025-06;1;831;40;bluefiles;04/07/2025;BF-17\n"
RETOUR_BON = f"{MENSUEL}831;831;2025-06;31/07/2025;40;30;20;10;5;4;3;;\n"


@dataclass(frozen=True)
class Depot:
    """A file and what must become of it: ``pris``, ``refuse``, ``detruit`` or ``ecarte``."""

    nom: str
    octets: bytes
    issue: str


def to_xlsx(texte: str) -> bytes:
    return make_xlsx([ligne.split(";") for ligne in texte.splitlines()])


FORGIVEN: list[Callable[[str], bytes]] = [
    lambda t: t.encode(),
    lambda t: t.encode("utf-8-sig"),
    lambda t: t.encode("cp1252"),
    lambda t: t.encode("utf-16"),
    lambda t: t.replace("\n", "\r\n").encode("utf-16-le"),
    lambda t: t.replace("\n", "\r").encode(),
    lambda t: t.replace("\n", "\r\r\n").encode(),
    lambda t: t.replace(";", ",").encode(),
    lambda t: t.replace(";", "\t").encode(),
    lambda t: t.replace(";", "|").encode(),
    lambda t: t.upper().replace("BLUEFILES", "BlueFiles").encode(),
    lambda t: "".join('"' + x.replace(";", '";"') + '"\n' for x in t.splitlines()).encode(),
    lambda t: "".join(f'"{x}"\n' for x in t.splitlines()).encode(),
    lambda t: ("sep=;\n" + t).encode(),
    lambda t: (t.replace("\n", ";;;\n") + ";;;;\n\n\n").encode(),
    lambda t: ("\n\n" + t).encode(),
    lambda t: t.rstrip("\n").encode(),
    lambda t: t.replace("/07/2025", "-07-2025").encode(),
    lambda t: t.replace("2025-06", "juin-25").encode("cp1252"),
    lambda t: t.replace(";40;", ";40,0;").encode(),
    lambda t: t.replace(";40;", ";\u00a040\u202f;").encode(),
]  # fmt: skip

REFUSED: list[Callable[[str], bytes]] = [
    lambda t: b"",
    lambda t: b"\r\n\r\n",
    lambda t: t.splitlines()[0].encode(),
    lambda t: t.replace(";40;", ";=40;").encode(),
    lambda t: t.replace(";40;", ";@SUM(40);").encode(),
    lambda t: t.replace(";40;", ";+cmd|' /C calc'!A0;").encode(),
    lambda t: t.replace(";40;", ";quarante;").encode(),
    lambda t: t.replace(";40;", ";-40;").encode(),
    lambda t: t.replace(";40;", ";4.000;").encode(),
    lambda t: t.replace(";40;", f";{'9' * 600};").encode(),
    lambda t: t.replace("2025-06", "2025-13").encode(),
    lambda t: t.replace("2025-06", "juin").encode(),
    lambda t: t.replace("/07/2025", "/17/2025").encode(),
    lambda t: t.replace("831", "999").encode(),
    lambda t: t.replace("831", "131").encode(),
    lambda t: t.replace("831;", '"831;', 1).encode(),
    lambda t: t.replace("mois", "mois;mois", 1).encode(),
    lambda t: t.replace("mois", "moi", 1).encode(),
    lambda t: t.replace("\n", ";trop\n", 1).encode(),
    lambda t: (t + t.splitlines()[1] + "\n").encode(),
    lambda t: t.encode("utf-16")[:-1],
    lambda t: t.encode() + b"\x00",
    lambda t: t.encode() + b"\x1b[31m",
    lambda t: b"\x81\x8d" + t.encode(),
    lambda t: b"PK\x03\x04" + t.encode(),
    lambda t: b"%PDF-1.7\n" + t.encode(),
    lambda t: b"MZ" + t.encode(),
    lambda t: b"{\\rtf1 " + t.encode() + b"}",
    lambda t: b"<html><table><tr><td>" + t.encode() + b"</td></tr></table></html>",
    lambda t: (t.splitlines()[0] + "\n" + (t.splitlines()[1] + "\n") * 6_000).encode(),
    lambda t: (t.splitlines()[0] + "\n" + "8" * 100_000).encode(),
    lambda t: t.encode() + b"8;" * 1_500_000,
    lambda t: ";".join(f"c{n}" for n in range(200)).encode(),
    lambda t: to_xlsx(t),  # a workbook under another name
]  # fmt: skip

DTD = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><worksheet"
REFUSED_XLSX: list[Callable[[bytes], bytes]] = [
    lambda x: x[: len(x) // 2],
    lambda x: x[:-30],
    lambda x: x[:100] + bytes(60) + x[160:],
    lambda x: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + x,
    lambda x: b"code_caf;mois\n831;2025-06\n",
    lambda x: rewrite(x, ajoute={"xl/vbaProject.bin": b"x"}),
    lambda x: rewrite(x, ajoute={"xl/externalLinks/externalLink1.xml": b"<a/>"}),
    lambda x: rewrite(x, ajoute={"xl/embeddings/oleObject1.bin": b"x"}),
    lambda x: rewrite(x, ajoute={"xl/connections.xml": b"<a/>"}),
    lambda x: rewrite(x, ajoute={"xl/activeX/activeX1.xml": b"<a/>"}),
    lambda x: rewrite(x, ajoute={"../../sortie.xml": b"<a/>"}),
    lambda x: rewrite(x, ajoute={"C:/sortie.xml": b"<a/>"}),
    lambda x: rewrite(x, ajoute={"xl/rels.xml": b'<a TargetMode="External"/>'}),
    lambda x: put_in_sheet(x, b"<worksheet", DTD),
    lambda x: put_in_sheet(x, b"<sheetData>", b'<sheetData><row r="3"><c r="A3"><f>1+1</f><v>2</v></c></row>'),
    lambda x: put_in_sheet(x, b'<c r="A2"', b'<c r="XFD2"'),
    lambda x: put_in_sheet(x, b'<row r="2"', b'<row r="1e300"'),
    lambda x: put_in_sheet(x, b"</sheetData>", b""),
    lambda x: put_in_sheet(x, b"UTF-8", b"UTF-16"),
    lambda x: rewrite(x, sans=frozenset({"xl/workbook.xml"})),
    lambda x: rewrite(x, sans=frozenset({"xl/sharedStrings.xml"})),
    lambda x: make_archive({"a.txt": b"a"}),
]  # fmt: skip

# What nobody can look at as a whole.
SET_ASIDE: list[Callable[[bytes], bytes]] = [
    lambda x: rewrite(x, ajoute={"xl/bombe.xml": b"<a>" + b"0" * 20_000_000}),
    lambda x: rewrite(x, ajoute={"xl/balises.xml": b"<a>" * 450_000}),
    lambda x: rewrite(x, ajoute={f"xl/vide{n}.xml": b"" for n in range(300)}),
]

DESTROYED: list[Callable[[str], bytes]] = [
    lambda t: t.replace(";40;", f";{CANARI_COURRIEL};").encode(),
    lambda t: t.replace(";40;", f";{CANARI_TELEPHONE};").encode("utf-16"),
    lambda t: t.replace(";40;", ";+33 1 99 00 77 88;").encode(),
    lambda t: t.replace(";40;", ";1 84 12 76 451 089 46;").encode(),
    lambda t: t.replace(";40;", ";199007788;").encode(),
    lambda t: f"courriel;telephone;code_postal\n{CANARI_COURRIEL};{CANARI_TELEPHONE};83000\n".encode(),
    lambda t: (t + f"Note : rappeler {CANARI_COURRIEL}\n").encode(),
    lambda t: (f"Rappeler {CANARI_TELEPHONE}\n" + t).encode("cp1252"),
    lambda t: t.replace("831;", f'"{CANARI_COURRIEL};', 1).encode(),
    lambda t: t.encode() + f"{CANARI_COURRIEL};1\n".encode() * 100_000,
    lambda t: t.replace("mois", "prénom", 1).encode(),
]  # fmt: skip

NOMS = ["{}.xls", "{}.xlsm", "{}.ods", "{}.exe", "{}", "{}.csv.exe", "{}.zip", "{}.xml", "{}.html"]
NOMS_PERMIS = [
    "CON_{}?.csv", "{}\n.csv", "{}\t.csv", "{}|calc.csv", "{}<b>.csv", '{}".csv', "{}*.csv", "x" * 170 + "{}.csv",
    "..\\{}.csv", "{} d'août (1).CSV", "{} d'aou\u0302t.csv", "{}-\u202e.csv",
]  # fmt: skip


def make_archive(parties: dict[str, bytes]) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        for nom, octets in parties.items():
            archive.writestr(nom, octets)
    return tampon.getvalue()


def list_depots(bon: str, genre: str) -> Iterator[Depot]:
    """Return every mangling of a good file, each with what must become of it."""
    classeur = to_xlsx(bon)
    for rang, mangle in enumerate(FORGIVEN):
        yield Depot(f"{genre}_pris_{rang:02}.csv", mangle(bon), "pris")
    yield Depot(f"{genre}_pris_classeur.xlsx", classeur, "pris")
    for rang, mangle in enumerate(REFUSED):
        yield Depot(f"{genre}_refuse_{rang:02}.csv", mangle(bon), "refuse")
    for rang, abime in enumerate(REFUSED_XLSX):
        yield Depot(f"{genre}_classeur_{rang:02}.xlsx", abime(classeur), "refuse")
    for rang, abime in enumerate(SET_ASIDE):
        yield Depot(f"{genre}_ecarte_{rang:02}.xlsx", abime(classeur), "ecarte")
    for rang, mangle in enumerate(DESTROYED):
        yield Depot(f"{genre}_detruit_{rang:02}.csv", mangle(bon), "detruit")
    yield Depot(
        f"{genre}_detruit_classeur.xlsx", to_xlsx(bon.replace(";40;", f";{CANARI_COURRIEL};")), "detruit"
    )
    for modele in NOMS:
        yield Depot(modele.format(f"{genre}_nom"), bon.encode(), "refuse")
    for modele in NOMS_PERMIS:
        yield Depot(modele.format(f"{genre}_nom"), bon.encode(), "pris")
