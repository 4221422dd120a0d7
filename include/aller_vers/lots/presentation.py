"""Person files as a Caf asked for them, workbook or CSV, plain or in an encrypted zip; and read back."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

import pyzipper

from aller_vers.lots.contenu import COLONNES, Ligne
from aller_vers.lots.documents import build_classeur
from aller_vers.socle import tableur
from aller_vers.socle.archive import ArchiveTropLourdeError, open_archive
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages_caf import OptionsLot

SECRET_MINIMAL = 12
# What a person file may take once opened: a workbook of nobody has 12 parts and some 8 kB, a person some 300 bytes.
_PARTIES = 50
_OCTETS, _OCTETS_PAR_PERSONNE = 200_000, 2_000
_RANGEES, _LARGEUR = 1_000, len(COLONNES) + 1
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
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings(action="ignore"):  # they quote the cell, and Airflow logs them
            open_archive(octets, _PARTIES, weigh(personnes)).close()
            feuilles = load_workbook(io.BytesIO(octets), read_only=True).worksheets
            # A lone cell far away would cost all before it.
            rangees = [
                list(rangee)
                for feuille in feuilles
                for rangee in feuille.iter_rows(
                    max_row=personnes + _RANGEES, max_col=min(feuille.max_column or _LARGEUR, _LARGEUR)
                )
            ]
    except Exception:  # noqa: BLE001 - whatever the library makes of it, no Caf would read it either
        return None
    evaluables = sum(
        cellule.value is not None and cellule.data_type != "s" for rangee in rangees for cellule in rangee
    )
    textes = [["" if c.value is None else str(c.value) for c in rangee] for rangee in rangees]
    return FichierLu(_read_lignes(textes) if len(feuilles) == 1 else None, evaluables)


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
