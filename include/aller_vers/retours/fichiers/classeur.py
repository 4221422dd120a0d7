"""A received workbook (xlsx, xls, ods): its zip and its XML are checked before calamine opens anything."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from aller_vers.retours.fichiers.parties import Etendue, read_partie
from aller_vers.retours.fichiers.refus import FichierRefuseError, name_cellule
from aller_vers.socle.archive import ArchiveTropLourdeError, catch_panics, open_archive
from aller_vers.socle.reglages_reception import Limites

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_NOM_SUR = re.compile(r"(?!.*\.\.)[A-Za-z0-9_\[\]][A-Za-z0-9_.\[\] /-]{0,199}")
_ACTIFS = re.compile(
    r"vba|macro|activex|externallinks|embeddings|oleobject|connections|querytables|customui|ctrlprops"
    r"|webextensions|dialogsheets|^basic/|^scripts/|^object |\.bin$",
    flags=re.IGNORECASE,
)
# Excel keeps the printer's settings of a page as a binary: data, that nothing reads.
_INERTE = re.compile(r"xl/printerSettings/printerSettings\d+\.bin")
_ACTIVES = re.compile(rb"macroEnabled|vbaProject|TargetMode\s*=\s*[\"']External", flags=re.IGNORECASE)
_ENCODAGE = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", flags=re.IGNORECASE)
_MARQUES = b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"
_FEUILLES = re.compile(r"xl/worksheets/[^/]+\.xml|content\.xml")
_CELLULE = re.compile(rb"<(?:[a-z]{1,9}:)?(?:c|table-cell)[ />]")
_CHIFFRES_SURS = 10**15
_MACROS_OLE = "_VBA_PROJECT".encode("utf-16-le")
_SECRET_OLE = "EncryptedPackage".encode("utf-16-le")
# What is refused, and the remedy.
_ILLISIBLE = (
    "Le fichier n'est pas un classeur Excel (.xlsx) lisible.",
    "l'ouvrir dans Excel et l'enregistrer de nouveau comme « Classeur Excel (.xlsx) » ou « CSV UTF-8 ».",
)
_PROTEGE = (
    "Le classeur est chiffré : il est protégé par un mot de passe.",
    "l'enregistrer sans mot de passe, comme « Classeur Excel (.xlsx) ».",
)
_ACTIF = (
    "Le classeur contient des macros, des liens externes ou des objets incorporés.",
    "recopier les seules valeurs dans un classeur neuf ou dans le modèle, sans lien ni macro.",
)
_TROP_GROS = (
    "Le classeur, une fois ouvert, est beaucoup trop gros pour un tableau de comptes.",
    "recopier les seules valeurs demandées dans le modèle.",
)

Rangees = list[tuple[int, Sequence[str]]]


def read_classeur(octets: bytes, limites: Limites) -> Rangees:
    """Return the rows of the only sheet that is filled, each with its number; values as text, dates as ISO.

    Raises:
        FichierRefuseError: it is not a workbook, it could run or reach out, it would cost too much, or it has
            formulas, errors, or several filled sheets.
    """
    if octets.startswith(_OLE):
        _check_ole(octets)
    elif octets.startswith(_ZIP):
        _check_archive(octets, limites)
    else:
        raise FichierRefuseError(*_ILLISIBLE)
    from python_calamine import CalamineWorkbook, PasswordError

    try:
        with catch_panics(), CalamineWorkbook.from_filelike(io.BytesIO(octets)) as classeur:
            feuilles, cellules = list[Rangees](), 0
            for nom in classeur.sheet_names:
                feuille = classeur.get_sheet_by_name(nom)
                cellules += (feuille.total_height + 1) * (feuille.total_width + 1)
                if cellules > limites.cellules:
                    raise FichierRefuseError(*_TROP_GROS)
                rangees = enumerate(feuille.to_python(skip_empty_area=False), start=1)
                lignes: Rangees = [(n, textes) for n, valeurs in rangees if (textes := _read_rangee(valeurs))]
                if lignes:
                    feuilles.append(lignes)
    except FichierRefuseError:
        raise
    except PasswordError:
        raise FichierRefuseError(*_PROTEGE) from None
    except Exception:  # noqa: BLE001 - whatever a broken workbook does to a library is one refusal
        raise FichierRefuseError(*_ILLISIBLE) from None
    if len(feuilles) > 1:
        raise FichierRefuseError(
            "Le classeur a plusieurs feuilles remplies.",
            "n'en garder qu'une, celle du modèle (afficher aussi les feuilles masquées).",
        )
    return feuilles[0] if feuilles else []


def _check_ole(octets: bytes) -> None:
    if b"PK\x05\x06" in octets:  # an archive behind another's first bytes would be opened unchecked
        raise FichierRefuseError(*_ILLISIBLE)
    if _SECRET_OLE in octets:
        raise FichierRefuseError(*_PROTEGE)
    if _MACROS_OLE in octets:
        raise FichierRefuseError(*_ACTIF)


def _check_archive(octets: bytes, limites: Limites) -> None:
    try:
        with open_archive(octets, limites.entrees, limites.octets_decompresses) as archive:
            _check_entrees(archive.infolist())
            balises, feuilles = 0, list[bytes]()
            for entree in archive.infolist():
                with archive.open(entree) as flux:
                    # read() alone would unpack whatever comes; a directory that lies then fails its checksum.
                    partie = flux.read(entree.file_size + 1)
                balises += _check_partie(partie)
                if balises > limites.balises:
                    raise FichierRefuseError(*_TROP_GROS)
                if _FEUILLES.fullmatch(entree.filename):
                    feuilles.append(partie)
            if sum(len(_CELLULE.findall(partie)) for partie in feuilles) > limites.cellules:  # empty ones too
                raise FichierRefuseError(*_TROP_GROS)
            _check_etendues([e for partie in feuilles for e in read_partie(partie).feuilles], limites)
    except FichierRefuseError:
        raise
    except ArchiveTropLourdeError:
        raise FichierRefuseError(*_TROP_GROS) from None
    except Exception:  # noqa: BLE001 - BadZipFile, zlib.error, ExpatError, EOFError, struct.error...
        raise FichierRefuseError(*_ILLISIBLE) from None


def _check_entrees(entrees: list[zipfile.ZipInfo]) -> None:
    noms = [entree.filename for entree in entrees]
    for entree in entrees:
        if entree.flag_bits & 1:
            raise FichierRefuseError(*_PROTEGE)
        lien = stat.S_ISLNK(entree.external_attr >> 16)
        if lien or not _NOM_SUR.fullmatch(entree.filename) or entree.compress_type not in (0, 8):
            raise FichierRefuseError(*_ILLISIBLE)
        if _ACTIFS.search(entree.filename) and not _INERTE.fullmatch(entree.filename):
            raise FichierRefuseError(*_ACTIF)
    minuscules = {nom.lower() for nom in noms}
    reconnu = {"[content_types].xml", "xl/workbook.xml"} <= minuscules or {
        "mimetype",
        "content.xml",
    } <= minuscules
    if len(minuscules) < len(noms) or not reconnu:
        raise FichierRefuseError(*_ILLISIBLE)


def _check_partie(partie: bytes) -> int:
    """Return how many tags a part has, once sure that it declares nothing and reaches nowhere."""
    if partie.startswith((b"\xff\xfe", b"\xfe\xff")):
        partie = partie.decode("utf-16").encode()
        debut = partie.lstrip(_MARQUES)
    else:
        debut = partie.lstrip(_MARQUES)
        if debut.startswith(b"<") and (b"\x00" in partie or _ENCODAGE.match(debut)):
            raise FichierRefuseError(*_ILLISIBLE)
    if not debut.startswith(b"<"):
        return 0  # no XML: a picture, the settings of a printer
    if b"<!DOCTYPE" in partie or b"<!ENTITY" in partie or _ACTIVES.search(partie):
        raise FichierRefuseError(*_ACTIF)
    return partie.count(b"<")


def _check_etendues(etendues: list[Etendue], limites: Limites) -> None:
    """Make sure of what the sheets would cost once opened, all together: a lone cell far away costs all before it."""
    if sum(e.lignes * e.colonnes for e in etendues) > limites.cellules:
        raise FichierRefuseError(*_TROP_GROS)
    for etendue in etendues:
        if etendue.faute:
            ligne, colonne, quoi = etendue.faute
            raise FichierRefuseError(
                f"La cellule {name_cellule(ligne, colonne)} est {quoi}.",
                "la remplacer par sa valeur (copier, puis « Collage spécial », « Valeurs »).",
            )


def _read_rangee(valeurs: list[Any]) -> list[str]:
    textes = [_read_cellule(valeur) for valeur in valeurs]
    while textes and not textes[-1].strip():
        textes.pop()
    return textes


def _read_cellule(valeur: Any) -> str:
    match valeur:
        case datetime():
            minuit = (valeur.hour, valeur.minute, valeur.second) == (0, 0, 0)
            return valeur.date().isoformat() if minuit else valeur.isoformat(" ", "seconds")
        case date() | time():
            return valeur.isoformat()
        case timedelta():
            return str(valeur)
        case bool():
            return "VRAI" if valeur else "FAUX"
        case float() if abs(valeur) >= _CHIFFRES_SURS:
            return f"{valeur:E}"  # as a spreadsheet shows it: its last figures are gone
        case float() if valeur.is_integer():
            return str(int(valeur))
    return str(valeur)
