"""A received return as rows: codes known, periods and counts read, nothing that a shape does not have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from aller_vers.mesures.declarees import MesureDeclaree, load_mesures_declarees, load_profils
from aller_vers.retours.fichiers.fautes import Fautes
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

Cellules = dict[str, str]
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
    contenu: dict[str, int | str]

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
    fautes, lus = Fautes(), list[tuple[int, Retour]]()
    for numero, cellules in tableau.rows():
        if not any(cellules.get(colonne) for colonne in forme.remplies):
            continue
        if retour := _LECTEURS[forme.nom](numero, cellules, code_caf, fautes):
            lus.append((numero, retour))
    fautes.require_unique(lus, lambda retour: retour.cle, "une autre ligne a la même clé")
    if not lus:
        raise FichierRefuseError(
            "Aucune ligne de ce retour n'est complétée.",
            "compléter le modèle ; laisser vide ce qui n'est pas connu, écrire 0 pour zéro.",
        )
    return [retour for _, retour in lus]


def _read_mensuel(numero: int, cellules: Cellules, depot: str, fautes: Fautes) -> Retour | None:
    cpam = fautes.require(numero, cellules, "code_cpam", partial(read_cpam, depot=depot))
    caf = fautes.require(numero, cellules, "code_caf", partial(read_sienne, depot=depot))
    periode = fautes.require(numero, cellules, "mois", partial(read_periode, maille="mois"))
    contenu = _read_contenu(numero, cellules, ENTONNOIR, read_compte, fautes)
    contenu |= _read_contenu(numero, cellules, _DATES, lambda t: read_jour(t).isoformat(), fautes)
    return Retour("mensuel", periode, cpam, caf, None, None, contenu) if cpam and caf and periode else None


def _read_semestriel(numero: int, cellules: Cellules, depot: str, fautes: Fautes) -> Retour | None:
    cpam = fautes.require(numero, cellules, "code_cpam", partial(read_cpam, depot=depot))
    periode = fautes.require(numero, cellules, "semestre", partial(read_periode, maille="semestre"))
    contenu = _read_contenu(numero, cellules, SEMESTRE, read_compte, fautes)
    return Retour("semestriel", periode, cpam, None, None, None, contenu) if cpam and periode else None


def _read_profil(numero: int, cellules: Cellules, depot: str, fautes: Fautes) -> Retour | None:
    profils = load_profils()
    cpam = fautes.require(numero, cellules, "code_cpam", partial(read_cpam, depot=depot))
    periode = fautes.require(numero, cellules, "semestre", partial(read_periode, maille="semestre"))
    dimension = fautes.require(numero, cellules, "dimension", partial(read_mot, mots=tuple(profils)))
    modalites = profils.get(dimension or "", ())
    modalite = fautes.require(numero, cellules, "modalite", partial(read_mot, mots=modalites))
    contenu = _read_contenu(numero, cellules, ("personnes",), read_compte, fautes)
    if not (cpam and periode and dimension and modalite):
        return None
    return Retour("profil", periode, cpam, None, dimension, modalite, contenu)


def _read_mesure(numero: int, cellules: Cellules, depot: str, fautes: Fautes) -> Retour | None:
    declarees = {m.code: m for m in load_mesures_declarees().values() if m.niveau != "national"}
    code = fautes.require(numero, cellules, "mesure", partial(read_mot, mots=tuple(declarees)))
    if code is None:
        return None
    declaree = declarees[code]
    periode = fautes.require(numero, cellules, "periode", partial(read_periode, maille=declaree.periode))
    cpam = fautes.read(numero, cellules, "code_cpam", partial(read_cpam, depot=depot))
    caf = fautes.read(numero, cellules, "code_caf", partial(read_sienne, depot=depot))
    if (declaree.niveau == "cpam" and cpam is None) or (declaree.niveau == "caf" and (cpam or not caf)):
        fautes.add(
            numero, f"cette mesure est celle d'une {'Cpam' if declaree.niveau == 'cpam' else 'Caf'}, seule"
        )
    modalite = read_modalite(numero, cellules, declaree, fautes)
    lecteur: Callable[[str], Decimal | int] = read_valeur if declaree.type == "somme" else read_compte
    valeur = fautes.read(numero, cellules, "valeur", lecteur)
    if periode is None or valeur is None:
        return None
    texte = f"{Decimal(valeur).normalize():f}"
    # A Cpam's figure has one key, whichever Caf hands it over.
    sienne = caf if declaree.niveau == "caf" else None
    return Retour("mesure", periode, cpam, sienne, code, modalite, {"valeur": texte})


def read_modalite(numero: int, cellules: Cellules, declaree: MesureDeclaree, fautes: Fautes) -> str | None:
    """Return the modality of a declared measure, or the class of a histogram as a text; None where it has none."""
    if declaree.modalites:
        return fautes.require(numero, cellules, "modalite", partial(read_mot, mots=declaree.modalites))
    if declaree.type == "histogramme":
        classe = fautes.require(numero, cellules, "modalite", read_compte)
        return None if classe is None else str(classe)
    if cellules.get("modalite"):
        fautes.add(numero, "cette mesure n'a pas de modalité : laisser la colonne vide")
    return None


def _read_contenu(
    numero: int,
    cellules: Cellules,
    colonnes: tuple[str, ...],
    lecteur: Callable[[str], int | str],
    fautes: Fautes,
) -> dict[str, int | str]:
    lues = ((colonne, fautes.read(numero, cellules, colonne, lecteur)) for colonne in colonnes)
    return {colonne: valeur for colonne, valeur in lues if valeur is not None}


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


_LECTEURS: dict[Nom, Callable[[int, Cellules, str, Fautes], Retour | None]] = {
    "mensuel": _read_mensuel,
    "semestriel": _read_semestriel,
    "profil": _read_profil,
    "mesure": _read_mesure,
}
