"""A received xlsx: its zip and its XML are checked before openpyxl opens anything."""

from __future__ import annotations

import io
import re
import stat
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from aller_vers.retours.fichiers.refus import FichierRefuseError
from aller_vers.socle.reglages import Limites

_ZIP = b"PK\x03\x04"
_REPERTOIRE = b"PK\x01\x02"
_OLE = b"\xd0\xcf\x11\xe0"
_NOM_SUR = re.compile(r"(?!.*\.\.)[A-Za-z0-9_\[\]][A-Za-z0-9_.\[\] /-]{0,199}")
_ACTIFS = re.compile(
    r"vba|macro|activex|externallinks|embeddings|oleobject|connections|querytables|customui|ctrlprops"
    r"|webextensions|dialogsheets|\.bin$",
    flags=re.IGNORECASE,
)
# Excel keeps the printer's settings of a page as a binary: data, that nothing reads.
_INERTE = re.compile(r"xl/printerSettings/printerSettings\d+\.bin")
_ACTIVES = re.compile(rb"macroEnabled|vbaProject|TargetMode\s*=\s*[\"']External", flags=re.IGNORECASE)
_ENCODAGE = re.compile(rb"^<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8[\"']|us-ascii[\"'])", flags=re.IGNORECASE)
_MARQUES = b"\x00\xef\xbb\xbf\xff\xfe \t\r\n"
_EXCEL_LIGNES = 1_048_576
_LARGEUR_FOLLE = 1_000

Rangees = list[tuple[int, Sequence[str]]]


def read_classeur(octets: bytes, limites: Limites) -> Rangees:
    """Return the rows of the only sheet that is filled, each with its number; values as text, dates as ISO.

    Raises:
        FichierRefuseError: it is not a workbook, it could run or reach out, it would cost too much, or it has
            formulas, errors, or several filled sheets.
    """
    if octets.startswith(_OLE):
        raise FichierRefuseError(
            "Le fichier est protégé par un mot de passe, ou c'est un ancien classeur .xls renommé.",
            "retirer le mot de passe, ou l'enregistrer comme « Classeur Excel (.xlsx) ».",
        )
    if not octets.startswith(_ZIP):
        raise _unreadable()
    _check_archive(octets, limites)
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # their text may quote a cell
            classeur = load_workbook(io.BytesIO(octets), read_only=True, keep_links=False)
            try:
                feuilles = [
                    lignes for f in classeur.worksheets if (lignes := list(_read_feuille(f, limites)))
                ]
            finally:
                classeur.close()
    except FichierRefuseError:
        raise
    except Exception:  # noqa: BLE001 - whatever a broken workbook does to a library is one refusal
        raise _unreadable() from None
    if len(feuilles) > 1:
        raise FichierRefuseError(
            f"Le classeur a {len(feuilles)} feuilles remplies.",
            "n'en garder qu'une, celle du modèle (afficher aussi les feuilles masquées).",
        )
    return feuilles[0] if feuilles else []


def _check_archive(octets: bytes, limites: Limites) -> None:
    # Counted before the directory is read: each entry costs a kilobyte of memory.
    if octets.count(_REPERTOIRE) > limites.entrees:
        raise _too_costly()
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            _check_entrees(archive.infolist(), limites)
            balises = 0
            for entree in archive.infolist():
                with archive.open(entree) as flux:
                    # read() alone would unpack whatever comes; a directory that lies then fails its checksum.
                    partie = flux.read(entree.file_size + 1)
                balises += _check_partie(partie)
                if balises > limites.balises:
                    raise _too_costly()
    except FichierRefuseError:
        raise
    except Exception:  # noqa: BLE001 - BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error...
        raise _unreadable() from None


def _check_entrees(entrees: list[zipfile.ZipInfo], limites: Limites) -> None:
    noms = [entree.filename for entree in entrees]
    if len(noms) > limites.entrees or sum(e.file_size for e in entrees) > limites.octets_decompresses:
        raise _too_costly()
    for entree in entrees:
        if entree.flag_bits & 1:
            raise FichierRefuseError("Le classeur est chiffré.", "l'enregistrer sans mot de passe.")
        lien = stat.S_ISLNK(entree.external_attr >> 16)
        if lien or not _NOM_SUR.fullmatch(entree.filename) or entree.compress_type not in (0, 8):
            raise _unreadable()
        if _ACTIFS.search(entree.filename) and not _INERTE.fullmatch(entree.filename):
            raise _active()
    minuscules = {nom.lower() for nom in noms}
    if len(minuscules) < len(noms) or not {"[content_types].xml", "xl/workbook.xml"} <= minuscules:
        raise _unreadable()


def _check_partie(partie: bytes) -> int:
    """Return how many tags a part has, once sure that it declares nothing and reaches nowhere."""
    debut = partie.lstrip(_MARQUES)
    if not debut.startswith(b"<"):
        return 0  # no XML: a picture, the settings of a printer
    if b"\x00" in partie or _ENCODAGE.match(debut):
        raise _unreadable()
    if b"<!DOCTYPE" in partie or b"<!ENTITY" in partie or _ACTIVES.search(partie):
        raise _active()
    return partie.count(b"<")


def _read_feuille(feuille: Any, limites: Limites) -> Iterator[tuple[int, Sequence[str]]]:
    feuille.reset_dimensions()  # what the file says of its own size is not believed
    remplies = 0
    for numero, cellules in enumerate(feuille.iter_rows(), start=1):
        if numero > _EXCEL_LIGNES or len(cellules) > _LARGEUR_FOLLE or remplies > 2 * limites.lignes:
            raise _too_costly()
        textes = [_read_cellule(cellule, numero, rang) for rang, cellule in enumerate(cellules, start=1)]
        while textes and not textes[-1].strip():
            textes.pop()
        if textes:
            remplies += 1
            yield numero, textes


def _read_cellule(cellule: Any, numero: int, rang: int) -> str:
    valeur = cellule.value
    if valeur is None:
        return ""
    if cellule.data_type in ("f", "e"):
        quoi = "une formule" if cellule.data_type == "f" else "une erreur d'Excel"
        raise FichierRefuseError(
            f"La cellule de la colonne {rang}, ligne {numero}, est {quoi}.",
            "la remplacer par sa valeur (copier, puis « Collage spécial », « Valeurs »).",
        )
    if isinstance(valeur, datetime):
        minuit = (valeur.hour, valeur.minute, valeur.second) == (0, 0, 0)
        return valeur.date().isoformat() if minuit else valeur.isoformat(" ", "seconds")
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, bool):
        return "VRAI" if valeur else "FAUX"
    if isinstance(valeur, float) and valeur.is_integer():
        return str(int(valeur))
    return str(valeur)


def _unreadable() -> FichierRefuseError:
    return FichierRefuseError(
        "Le fichier n'est pas un classeur Excel (.xlsx) lisible.",
        "l'ouvrir dans Excel et l'enregistrer de nouveau comme « Classeur Excel (.xlsx) » ou « CSV UTF-8 ».",
    )


def _active() -> FichierRefuseError:
    return FichierRefuseError(
        "Le classeur contient des macros, des liens externes ou des objets incorporés.",
        "recopier les seules valeurs dans un classeur neuf ou dans le modèle, sans lien ni macro.",
    )


def _too_costly() -> FichierRefuseError:
    return FichierRefuseError(
        "Le classeur, une fois ouvert, est beaucoup trop gros pour un tableau de comptes.",
        "recopier les seules valeurs demandées dans le modèle.",
    )
