"""A received return as rows: codes known, periods and counts read, nothing that a shape does not have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from aller_vers.mesures.declarees import MesureDeclaree, load_mesures_declarees, load_profils
from aller_vers.retours.depots import NATIONAL
from aller_vers.retours.fichiers.fautes import Fautes, Ligne
from aller_vers.retours.fichiers.formes import CLOTURE, ENTONNOIR, SEMESTRE, Forme, Nom
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau, normalise_titre
from aller_vers.retours.fichiers.valeurs import (
    Periode,
    ValeurRefuseeError,
    read_compte,
    read_cpam,
    read_jour,
    read_periode,
    read_sienne,
    read_valeur,
)

_NIVEAUX = {
    "caf": "cette mesure est celle d'une Caf : remplir code_caf seul",
    "cpam": "cette mesure est celle d'une Cpam : remplir code_cpam seul",
    "national": "cette mesure est nationale : laisser code_caf et code_cpam vides",
}
_DATES = ("date_arrete", *CLOTURE)


@dataclass(frozen=True)
class Retour:
    """One row of a return: its key, and what was provided; what is not in ``contenu`` was not.

    ``mesure``: the dimension of a profile, or a declared measure.
    """

    forme: Nom
    periode: Periode
    code_cpam: str | None
    code_caf: str | None
    mesure: str | None
    modalite: str | None
    contenu: Mapping[str, int | str]

    @property
    def cle(self) -> str:
        """What a correction replaces."""
        parties = (self.code_cpam, self.code_caf, self.mesure, self.modalite)
        return "/".join((self.forme, self.periode.texte, *(partie or "-" for partie in parties)))


def read_retours(forme: Forme, tableau: Tableau, code_caf: str) -> list[Retour]:
    """Return the completed rows of a return that this Caf put into its folder; all of them or none.

    Raises:
        FichierRefuseError: a cell is not what its column expects, a key comes twice, a Caf is another's, or
            nothing was completed.
    """
    lus = Fautes().read_lignes(
        tableau, code_caf, _LECTEURS[forme.nom],
        forme=forme, cle=lambda retour: retour.cle, doublon="une autre ligne a la même clé",
        aucune=FichierRefuseError(
            "Aucune ligne de ce retour n'est complétée.",
            "compléter le modèle ; laisser vide ce qui n'est pas connu, écrire 0 pour zéro.",
        ),
    )  # fmt: skip
    return [retour for _, retour in lus]


def _read_mensuel(ligne: Ligne) -> Retour | None:
    cpam, caf = ligne.require_cpam(), ligne.require_caf()
    periode = ligne.require("mois", partial(read_periode, maille="mois"))
    comptes = ligne.read_filled(ENTONNOIR, read_compte)
    contenu: dict[str, int | str] = {
        **comptes,
        **ligne.read_filled(_DATES, lambda t: read_jour(t).isoformat()),
    }
    return Retour("mensuel", periode, cpam, caf, None, None, contenu) if cpam and caf and periode else None


def _read_semestriel(ligne: Ligne) -> Retour | None:
    cpam = ligne.require_cpam()
    periode = ligne.require("semestre", partial(read_periode, maille="semestre"))
    contenu = ligne.read_filled(SEMESTRE, read_compte)
    return Retour("semestriel", periode, cpam, None, None, None, contenu) if cpam and periode else None


def _read_profil(ligne: Ligne) -> Retour | None:
    profils = load_profils()
    cpam = ligne.require_cpam()
    periode = ligne.require("semestre", partial(read_periode, maille="semestre"))
    dimension = ligne.require("dimension", partial(read_mot, mots=tuple(profils)))
    modalites = profils.get(dimension or "", ())
    modalite = ligne.require("modalite", partial(read_mot, mots=modalites))
    contenu = ligne.read_filled(("personnes",), read_compte)
    if not (cpam and periode and dimension and modalite):
        return None
    return Retour("profil", periode, cpam, None, dimension, modalite, contenu)


def read_mesure(ligne: Ligne) -> Retour | None:
    """Return the figure of a declared measure that a row gives; None where it gives none, or is faulty."""
    national = ligne.depot == NATIONAL
    declarees = {m.code: m for m in load_mesures_declarees().values() if national or m.niveau != "national"}
    code = ligne.require("mesure", partial(read_mot, mots=tuple(declarees)))
    if code is None:
        return None
    declaree = declarees[code]
    periode = ligne.require("periode", partial(read_periode, maille=declaree.periode))
    cpam = ligne.read("code_cpam", partial(read_cpam, depot=ligne.depot))
    caf = ligne.read("code_caf", partial(read_sienne, depot=ligne.depot))
    donnes = (bool(ligne.cellules.get("code_cpam")), bool(ligne.cellules.get("code_caf")))
    if national and donnes != (declaree.niveau == "cpam", declaree.niveau == "caf"):
        ligne.add(_NIVEAUX[declaree.niveau])
    elif not national and (
        (declaree.niveau == "cpam") != (cpam is not None) or (declaree.niveau == "caf" and not caf)
    ):
        ligne.add(f"cette mesure est celle d'une {declaree.niveau.capitalize()}, seule")
    modalite = _read_modalite(ligne, declaree)
    lecteur: Callable[[str], Decimal | int] = read_valeur if declaree.type == "somme" else read_compte
    valeur = ligne.read("valeur", lecteur)
    if periode is None or valeur is None:
        return None
    texte = f"{Decimal(valeur).normalize():f}"
    # A Cpam's figure has one key, whichever Caf hands it over.
    sienne = caf if declaree.niveau == "caf" else None
    return Retour("mesure", periode, cpam, sienne, code, modalite, {"valeur": texte})


def _read_modalite(ligne: Ligne, declaree: MesureDeclaree) -> str | None:
    """Return the modality of a declared measure, or the class of a histogram as a text; None where it has none."""
    if declaree.modalites:
        return ligne.require("modalite", partial(read_mot, mots=declaree.modalites))
    if declaree.type == "histogramme":
        classe = ligne.require("modalite", read_compte)
        return None if classe is None else str(classe)
    if ligne.cellules.get("modalite"):
        ligne.add("cette mesure n'a pas de modalité : laisser la colonne vide")
    return None


def read_mot(texte: str, mots: tuple[str, ...]) -> str:
    """Return one of these words, however it is written.

    Raises:
        ValeurRefuseeError: it is none of them.
    """
    mot = normalise_titre(texte)
    if mot not in mots:
        connus = ", ".join(mots[:12]) if mots else "d'abord une dimension connue"
        raise ValeurRefuseeError(f"un des mots suivants : {connus}{', …' if len(mots) > 12 else ''}")
    return mot


_LECTEURS: dict[Nom, Callable[[Ligne], Retour | None]] = {
    "mensuel": _read_mensuel,
    "semestriel": _read_semestriel,
    "profil": _read_profil,
    "mesure": read_mesure,
}
