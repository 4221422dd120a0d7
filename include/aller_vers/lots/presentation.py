"""Person files as a Caf asked for them, workbook or CSV, plain or in an encrypted zip; and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from xml.parsers import expat

from aller_vers.lots.contenu import COLONNES, Ligne
from aller_vers.lots.documents import build_classeur
from aller_vers.socle import tableur
from aller_vers.socle.archive import ArchiveTropLourdeError, catch_panics, open_archive
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages_caf import OptionsLot

SECRET_MINIMAL = 12
# What a person file may take once opened: a workbook of nobody has 12 parts and some 8 kB, a person some 300 bytes.
_PARTIES = 50
_OCTETS, _OCTETS_PAR_PERSONNE = 200_000, 2_000
# Rows beyond those of the people that are still read, to say what is wrong with them.
_RANGEES = 1_000
# Elements that a cell's value is in, and types of a cell that say that it is a text.
_VALEURS = frozenset({"v", "f"})
_TEXTES = frozenset({"s", "str", "inlineStr"})
# Gives the secret of a Caf's zips, from the secrets backend; None when there is none.
TrouverSecret = Callable[[str], str | None]


def has_no_secret(code_caf: str) -> None:
    """Stand for a secrets backend that holds nothing."""


def require_secret(options: OptionsLot, code_caf: str, trouver: TrouverSecret) -> str | None:
    """Return the secret of this Caf's zips, None if its files are plain.

    Raises:
        ErreurAllerVers: they are to be encrypted, and there is no secret, or one that is too short.
    """
    if not options.chiffre:
        return None
    secret = trouver(code_caf) or ""
    if len(secret) < SECRET_MINIMAL:
        raise ErreurAllerVers(
            f"Les fichiers de la Caf {code_caf} doivent être chiffrés, et son secret manque ou compte moins de "
            f"{SECRET_MINIMAL} caractères.",
            f"le donner en mot de passe à la connexion Airflow av_lot_{code_caf}, et à la Caf par un autre canal.",
        )
    return secret


def build_personnes(
    lignes: Iterable[Ligne], mois: Mois, nom: str, options: OptionsLot, secret: str | None
) -> tuple[str, bytes]:
    """Return the name and the bytes of a person file named ``nom``, without its extension."""
    octets = build_classeur(lignes, mois) if options.format == "xlsx" else build_csv(lignes)
    nom_clair = f"{nom}.{options.format}"
    return (f"{nom}.zip", _encrypt(nom_clair, octets, secret)) if secret else (nom_clair, octets)


def build_csv(lignes: Iterable[Ligne]) -> bytes:
    """Return these rows as a CSV."""
    return tableur.build_csv(COLONNES, lignes)


def weigh(personnes: int) -> int:
    """Return the bytes that a file of so many people may take, opened or not: one that takes more is not ours."""
    return _OCTETS + personnes * _OCTETS_PAR_PERSONNE


def decrypt(octets: bytes, secret: str, personnes: int) -> bytes | None:
    """Return the file that a zip of ours holds; None if it is none, not with this secret, or not of so few people."""
    import pyzipper  # few Caf have their lot encrypted

    try:
        with open_archive(octets, 1, weigh(personnes), pyzipper.AESZipFile) as archive:
            (entree,) = archive.infolist()
            archive.setpassword(secret.encode())
            return bytes(archive.read(entree))
    except (
        ArchiveTropLourdeError,
        pyzipper.BadZipFile,
        RuntimeError,
        ValueError,
        KeyError,
        NotImplementedError,
    ):
        return None


def _encrypt(nom: str, octets: bytes, secret: str) -> bytes:
    import pyzipper

    tampon = io.BytesIO()
    with pyzipper.AESZipFile(
        tampon, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(secret.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        archive.writestr(nom, octets)
    return tampon.getvalue()


@dataclass(frozen=True)
class FichierLu:
    """What a person file holds; values never show in ``repr``.

    ``lignes`` is None where the columns are not those of the contract: nothing can then be compared.
    ``cellules_evaluables``: cells that a spreadsheet would compute, or take for a number or a date.
    """

    lignes: tuple[Ligne, ...] | None = field(repr=False)
    cellules_evaluables: int


def read_personnes(octets: bytes, format_: Literal["xlsx", "csv"], personnes: int) -> FichierLu | None:
    """Read a plain person file; None if it is not one at all.

    It stands where others write, and its manifest too: only ``personnes``, how many the warehouse says it holds, tells
    what reading it may cost.
    """
    return _read_classeur(octets, personnes) if format_ == "xlsx" else _read_csv(octets)


def _read_classeur(octets: bytes, personnes: int) -> FichierLu | None:
    from python_calamine import CalamineWorkbook

    cellules = _Cellules(personnes + _RANGEES)
    try:
        with open_archive(octets, _PARTIES, weigh(personnes)) as archive:
            for entree in archive.infolist():
                cellules.read(archive.read(entree))
        if cellules.lointaine:
            return FichierLu(None, cellules.evaluables)
        with catch_panics(), CalamineWorkbook.from_filelike(io.BytesIO(octets)) as classeur:
            feuilles = [
                classeur.get_sheet_by_name(nom).to_python(skip_empty_area=False)
                for nom in classeur.sheet_names
            ]
    except Exception:  # noqa: BLE001 - whatever the libraries make of it, no Caf would read it either
        return None
    textes = [[str(valeur) for valeur in rangee] for rangee in feuilles[0]] if len(feuilles) == 1 else []
    return FichierLu(_read_lignes(textes), cellules.evaluables)


class _Cellules:
    """The cells of a workbook's parts, before a library opens it: a lone one far away costs it all before.

    ``lointaine``: one is beyond what is read. ``evaluables``: those that are no text, or a formula.
    """

    def __init__(self, rangees: int) -> None:
        self.rangees = rangees
        self.lointaine = False
        self.evaluables = 0
        self._genre = ""

    def read(self, partie: bytes) -> None:
        """Read a part's XML.

        Raises:
            expat.ExpatError: it is no XML, or it declares something.
        """
        analyseur = expat.ParserCreate()
        analyseur.StartElementHandler = self._start
        analyseur.StartDoctypeDeclHandler = _refuse_declaration
        analyseur.Parse(partie, True)

    def _start(self, nom: str, attributs: dict[str, str]) -> None:
        if ":" in nom:
            nom = nom.rpartition(":")[2]
        if nom == "c":
            self._genre = attributs.get("t", "n")
            ligne = attributs.get("r", "")[1:]  # of a column of one letter
            if not (ligne.isdecimal() and int(ligne) <= self.rangees):
                self.lointaine = True
        elif nom in _VALEURS and self._genre and (nom == "f" or self._genre not in _TEXTES):
            self.evaluables += 1
            self._genre = ""


def _refuse_declaration(*_: Any) -> None:
    raise expat.ExpatError("a declaration")


def _read_csv(octets: bytes) -> FichierLu | None:
    try:
        texte = octets.decode("utf-8-sig")
        rangees = list(csv.reader(io.StringIO(texte, newline=""), delimiter=";", strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    if not octets.startswith(b"\xef\xbb\xbf"):
        return None
    evaluables = sum(cellule.startswith(tableur.FORMULE) for rangee in rangees for cellule in rangee)
    nues = [
        [c[1:] if c[:1] == "'" and c[1:].startswith(tableur.FORMULE) else c for c in rangee]
        for rangee in rangees
    ]
    return FichierLu(_read_lignes(nues), evaluables)


def _read_lignes(rangees: list[list[str]]) -> tuple[Ligne, ...] | None:
    if not rangees or tuple(rangees[0]) != COLONNES or any(len(r) > len(COLONNES) for r in rangees):
        return None
    return tuple(Ligne(*rangee, *[""] * (len(COLONNES) - len(rangee))) for rangee in rangees[1:])
