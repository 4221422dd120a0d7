"""What looks like somebody's data in a table that must hold counts alone."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence

from aller_vers.retours.fichiers.refus import DonneePersonnelleError

# Titles of columns that only a list of people has.
TITRES = frozenset(
    {
        *("courriel", "email", "e_mail", "mail", "adresse_mail", "adresse", "adresse_postale"),
        *("telephone", "tel", "mobile", "portable"),
        *("nom", "nom_de_naissance", "nom_de_famille", "prenom", "prenoms"),
        *("date_naissance", "date_de_naissance", "nir", "numero_securite_sociale", "numero_allocataire"),
        *("matricule", "id_personne"),
    }
)
_COURRIEL = re.compile(r"[^\s@;,]+@[^\s@;,]+")
_SEPARATEURS = re.compile(r"[\s./_()\-\u2010-\u2015]")
_TELEPHONE = re.compile(r"(?<!\d)(?:0[1-9]\d{8}|(?:\+|00)(?:33)?0?\d{8,14}|33[1-9]\d{8})(?!\d)")
# A spreadsheet takes the zero off a telephone: nine figures and nothing else. No count of people is so large;
# an amount that is writes its decimals.
_SANS_ZERO = re.compile(r"[1-9]\d{8}")
_NIR = re.compile(
    r"(?<!\d)[1-478]\d{2}(?:0[1-9]|1[0-2]|[2-9]\d)(?:\d{2}|2[AB])\d{6}(?:\d{2})?(?!\d)", flags=re.IGNORECASE
)
# In bytes that could not be read as a table: what is plainly an address or a French telephone.
_COURRIEL_NET = re.compile(r"[\w.+-]{2,64}@[\w-]{2,60}\.[a-z]{2,10}\b", flags=re.IGNORECASE)
_TELEPHONE_NET = re.compile(r"(?<![\d.])0[1-9](?:[ .-]?\d{2}){4}(?![\d.])")
# In a sheet: a telephone or a NIR that was typed as a number, whatever the cell shows.
_NOMBRE_NET = re.compile(r"<[vf]>=?(?:(?:33)?[1-9]\d{8}|[1-478]\d{12}(?:\d{2})?)(?:\.0)?</[vf]>")
_PARTIES = re.compile(r"xl/(sharedStrings|worksheets/sheet\d+)\.xml")
_EXTRAIT = 200_000
_DATE_HEURE = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?|\d{2}/\d{2}/\d{4} \d{2}:\d{2}(:\d{2})?")


def looks_personal(texte: str) -> bool:
    """Tell whether this text holds what looks like an e-mail, a telephone or a NIR, however it is spaced."""
    if len(texte) < 5 or _DATE_HEURE.fullmatch(texte):
        return False
    if _COURRIEL.search(texte):
        return True
    serre = _SEPARATEURS.sub("", texte)
    return bool(_TELEPHONE.search(serre) or _SANS_ZERO.fullmatch(serre) or _NIR.search(serre))


def require_impersonal(titres: Iterable[str], rangees: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Make sure that a table is not about people.

    Args:
        titres: normalised titles of its columns.
        rangees: its rows, titles included, each with its number in the file.

    Raises:
        DonneePersonnelleError: a title or a cell looks like somebody's data; the cell is not repeated.
    """
    if nominatives := sorted(TITRES & set(titres)):
        raise _refuse(f"Ce fichier a une colonne « {nominatives[0]} » : c'est une liste de personnes.")
    for numero, cellules in rangees:
        for rang, cellule in enumerate(cellules, start=1):
            if looks_personal(cellule):
                raise _refuse(
                    f"La cellule de la colonne {rang}, ligne {numero}, ressemble à une donnée personnelle "
                    "(courriel, téléphone ou numéro de sécurité sociale)."
                )


def require_no_trace(octets: bytes, entrees: int) -> None:
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
    return DonneePersonnelleError(
        f"{constat} Le fichier a été détruit.",
        "rendre un fichier qui ne contient que des nombres de personnes et les références demandées ; aucune "
        "donnée d'une personne ne passe par ce dossier. Un montant de neuf chiffres s'écrit avec ses centimes.",
    )
