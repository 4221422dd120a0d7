"""What looks like somebody's data in a table that must hold counts alone."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence

from aller_vers.retours.fichiers.refus import DonneeDouteuseError, DonneePersonnelleError
from aller_vers.socle.donnees_personnelles import find_soupcon, is_bare_number

# Titles of columns that only a list of people has; those that a table of caisses could have too.
_TITRES = frozenset(
    {
        *("courriel", "email", "e_mail", "adresse_mail", "telephone", "numero_de_telephone"),
        *("nom_de_naissance", "nom_de_famille", "prenom", "prenoms", "nom_prenom"),
        *(
            "date_naissance",
            "date_de_naissance",
            "nir",
            "numero_securite_sociale",
            "numero_de_securite_sociale",
        ),
        *("numero_allocataire", "id_personne"),
    }
)
_TITRES_DOUTEUX = frozenset(
    {"nom", "adresse", "adresse_postale", "mail", "tel", "mobile", "portable", "matricule"}
)
# A number of nine figures may be an amount, or what a portal gives.
_COLONNES_LIBRES = frozenset({"valeur", "reference"})
# In bytes that could not be read as a table: what is plainly an address or a French telephone.
_COURRIEL_NET = re.compile(r"[\w.+-]{2,64}@[\w-]{2,60}\.[a-z]{2,10}\b", flags=re.IGNORECASE)
_TELEPHONE_NET = re.compile(r"(?<![\d.])0[1-9](?:[ .-]?\d{2}){4}(?![\d.])")
# In a sheet: a telephone or a NIR that was typed as a number, whatever the cell shows.
_NOMBRE_NET = re.compile(r"<[vf]>=?(?:(?:33)?[1-9]\d{8}|[1-478]\d{12}(?:\d{2})?)(?:\.0)?</[vf]>")
_PARTIES = re.compile(r"xl/(sharedStrings|worksheets/sheet\d+)\.xml")
_EXTRAIT = 200_000


def require_impersonal(
    titres: Sequence[str], rangees: Iterable[tuple[int, Sequence[str]]], *, admis: bool
) -> None:
    """Make sure that a table is not about people.

    Args:
        titres: normalised titles of its columns.
        rangees: its rows, titles included, each with its number in the file.
        admis: what may be somebody's data is not.

    Raises:
        DonneePersonnelleError: a title or a cell is somebody's data; the cell is not repeated.
        DonneeDouteuseError: one may be.
    """
    douteux = sorted(_TITRES_DOUTEUX & set(titres))
    if nominatives := sorted(_TITRES & set(titres)) or douteux[1:]:
        raise _refuse(f"Ce fichier a une colonne « {nominatives[0]} » : c'est une liste de personnes.")
    doute = (
        f"Ce fichier a une colonne « {douteux[0]} » : est-ce une liste de personnes ?" if douteux else None
    )
    for numero, cellules in rangees:
        for rang, (titre, cellule) in enumerate(zip(titres, cellules, strict=True), start=1):
            soupcon = find_soupcon(cellule)
            if soupcon == "douteux" and titre not in _COLONNES_LIBRES and is_bare_number(cellule):
                soupcon = "certain"
            ou = f"La cellule de la colonne {rang}, ligne {numero},"
            if soupcon == "certain":
                raise _refuse(
                    f"{ou} est une donnée personnelle (courriel, téléphone ou numéro de sécurité sociale)."
                )
            if soupcon and doute is None:
                doute = f"{ou} ressemble à une donnée personnelle (courriel, téléphone ou numéro de sécurité sociale)."
    if doute and not admis:
        raise _doubt(doute)


def require_no_trace(octets: bytes, entrees: int, *, admis: bool) -> None:
    """Make sure that a file refused for its shape is no list of people: it would be kept beside its reason.

    Args:
        octets: the file, or its beginning.
        entrees: parts that a zip may have; one with more is not looked into.

    Raises:
        DonneePersonnelleError: an e-mail or a telephone is in it.
    """
    for extrait in _list_extraits(octets, entrees):
        texte = extrait.replace(b"\x00", b"").decode("latin-1")
        if any(motif.search(texte) for motif in (_COURRIEL_NET, _TELEPHONE_NET, _NOMBRE_NET)):
            raise _refuse("Ce fichier ne se lit pas, et semble contenir un courriel ou un téléphone.")


def _list_extraits(octets: bytes, entrees: int) -> list[bytes]:
    if not octets.startswith(b"PK\x03\x04"):
        return [octets]
    if octets.count(b"PK\x01\x02") > entrees:
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            noms = [n for n in archive.namelist() if _PARTIES.fullmatch(n)][:3]
            return [archive.open(nom).read(_EXTRAIT) for nom in noms]
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, NotImplementedError, ValueError):
        return []


def _refuse(constat: str) -> DonneePersonnelleError:
    return DonneePersonnelleError(f"{constat} Le fichier a été détruit.", _REMEDE)


def _doubt(constat: str) -> DonneeDouteuseError:
    return DonneeDouteuseError(
        f"{constat} Le fichier est mis à l'écart, fermé à la Caf : l'équipe nationale le regarde et décide, faute de "
        "quoi il est détruit.",
        _REMEDE,
    )


_REMEDE = (
    "rendre un fichier qui ne contient que des nombres de personnes et les références demandées ; aucune donnée d'une "
    "personne ne passe par ce dossier. Un montant de neuf chiffres s'écrit avec ses centimes."
)
