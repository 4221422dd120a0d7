"""What looks like somebody's data in a table that must hold counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aller_vers.retours.fichiers.fouille import SIGNES_EXAMINES, search
from aller_vers.retours.fichiers.refus import (
    DonneeDouteuseError,
    DonneePersonnelleError,
    FichierRefuseError,
    name_cellule,
)
from aller_vers.socle.donnees_personnelles import Soupcon, find_soupcon, is_bare_number, is_plausible
from aller_vers.socle.reglages_reception import Limites

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
    juges, signes = dict[str, Soupcon | None](), 0
    for numero, cellules in rangees:
        for rang, (titre, cellule) in enumerate(zip(titres, cellules, strict=True), start=1):
            if not is_plausible(cellule):
                continue
            if cellule not in juges and signes < SIGNES_EXAMINES:
                juges[cellule] = find_soupcon(cellule)
                signes += len(cellule)
            soupcon = juges.get(cellule, "douteux")  # too many to be looked at: a person does
            if soupcon == "douteux" and titre not in _COLONNES_LIBRES and is_bare_number(cellule):
                soupcon = "certain"
            ou = f"La cellule {name_cellule(numero, rang)}"
            if soupcon == "certain":
                raise _refuse(
                    f"{ou} est une donnée personnelle (courriel, téléphone ou numéro de sécurité sociale)."
                )
            if soupcon and doute is None:
                doute = f"{ou} ressemble à une donnée personnelle (courriel, téléphone ou numéro de sécurité sociale)."
    if doute and not admis:
        raise _doubt(doute)


def require_no_trace(
    octets: bytes, limites: Limites, *, admis: bool, refus: FichierRefuseError | None = None
) -> None:
    """Make sure that nothing in a file is somebody's data, also where no table shows it.

    Args:
        octets: the file, or its beginning.
        limites: beyond them a part is not looked into.
        admis: what may be somebody's data is not.
        refus: why the file is not taken already.

    Raises:
        DonneePersonnelleError: an e-mail, a telephone or a NIR is in it.
        DonneeDouteuseError: one may be, or a part of it cannot be looked at.
    """
    soupcon, entier = search(octets, limites)
    if soupcon == "certain":
        raise _refuse(
            "Ce fichier contient, hors de ses cellules ou sans se lire comme un tableau, une donnée personnelle "
            "(courriel, téléphone ou numéro de sécurité sociale : cache, commentaire, propriété, archive…)."
        )
    if soupcon and not admis:
        raise _doubt(
            "Ce fichier contient, hors de ses cellules ou sans se lire comme un tableau, ce qui ressemble à une donnée "
            "personnelle (courriel, téléphone ou numéro de sécurité sociale)."
        )
    if not entier and not admis:
        pourquoi = refus.constat if refus else "Ce fichier tient trop de numéros."
        raise _doubt(f"{pourquoi} Il ne peut pas être examiné en entier.", refus.remede if refus else "")


def _refuse(constat: str) -> DonneePersonnelleError:
    return DonneePersonnelleError(f"{constat} Le fichier a été détruit.", _REMEDE)


def _doubt(constat: str, remede: str = "") -> DonneeDouteuseError:
    return DonneeDouteuseError(
        f"{constat} Le fichier est mis à l'écart, fermé à la Caf : l'équipe nationale le regarde et décide, faute de "
        "quoi il est détruit.",
        remede or _REMEDE,
    )


_REMEDE = (
    "rendre un fichier qui ne contient que des nombres de personnes et les références demandées ; aucune donnée d'une "
    "personne ne passe par ce dossier. Un montant de neuf chiffres s'écrit avec ses centimes."
)
