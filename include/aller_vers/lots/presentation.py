"""Person files as a Caf asked for them: workbook or CSV, plain or in an encrypted zip; and read back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable

import pyzipper

from aller_vers.lots.contenu import COLONNES, Ligne
from aller_vers.lots.documents import build_classeur
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import OptionsLot

SECRET_MINIMAL = 12
# What makes a spreadsheet compute a cell of a CSV.
FORMULE = ("=", "+", "-", "@", "\t", "\r")
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
    """Return these rows as CSV: ``;``, UTF-8 with BOM, CRLF; what a spreadsheet would evaluate is neutralised."""
    tampon = io.StringIO(newline="")
    ecrit = csv.writer(tampon, delimiter=";", lineterminator="\r\n")
    ecrit.writerow(COLONNES)
    ecrit.writerows([f"'{v}" if v.startswith(FORMULE) else v for v in ligne] for ligne in lignes)
    return tampon.getvalue().encode("utf-8-sig")


def decrypt(octets: bytes, secret: str) -> bytes | None:
    """Return the file that a zip of ours holds; None if it is not one, or not with this secret."""
    try:
        with pyzipper.AESZipFile(io.BytesIO(octets)) as archive:
            (entree,) = archive.infolist()
            archive.setpassword(secret.encode())
            return bytes(archive.read(entree))
    except (pyzipper.BadZipFile, RuntimeError, ValueError, KeyError, NotImplementedError):
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
