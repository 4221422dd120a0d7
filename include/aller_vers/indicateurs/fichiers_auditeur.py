"""Files of the command: measures and actions read strictly, values written; ``;`` and UTF-8 with a BOM."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, get_args

from aller_vers.indicateurs.dictionnaire import TOUTES, Indicateur
from aller_vers.indicateurs.homogeneite import Action, EtatAction
from aller_vers.indicateurs.modele import Mesure, Reseau
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.fichiers_edites import read_texte
from aller_vers.socle.mois import Mois
from aller_vers.socle.nombres import read_nombre, write_nombre

COLONNES_MESURES = ("mois", "code_caf", "code_cpam", "mesure", "modalite", "classe", "valeur")
COLONNES_ACTIONS = ("code", "fiche", "axe", "etat")


def read_mesures(fichier: Path, reseau: Reseau) -> list[Mesure]:
    """Read ``mois;code_caf;code_cpam;mesure;modalite;classe;valeur``; an empty cell means « none ».

    Raises:
        ErreurAllerVers: a column is missing, a cell cannot be read, a caisse is unknown or a row is written twice (the
            line is named); or there is no row.
    """
    mesures: dict[tuple[Any, ...], Mesure] = {}
    for numero, ligne in _read_lignes(fichier, COLONNES_MESURES):
        mesure = _read_mesure(fichier, numero, ligne)
        for code, connues in ((mesure.code_caf, reseau.caf), (mesure.code_cpam, reseau.cpam)):
            if code is not None and code not in connues:
                raise _refusal(fichier, numero, "la caisse est inconnue du référentiel")
        if mesure[:6] in mesures:
            raise _refusal(fichier, numero, "cette mesure est déjà donnée plus haut")
        mesures[mesure[:6]] = mesure
    if not mesures:
        raise ErreurAllerVers(
            f"Le fichier {fichier.name} ne contient aucune mesure.",
            "écrire une mesure par ligne sous les titres.",
        )
    return list(mesures.values())


def _read_mesure(fichier: Path, numero: int, ligne: dict[str, str]) -> Mesure:
    try:
        mois = str(Mois.parse(ligne["mois"]))
    except ErreurAllerVers:
        raise _refusal(fichier, numero, "le mois ne s'écrit pas AAAA-MM") from None
    if not ligne["mesure"]:
        raise _refusal(fichier, numero, "la mesure n'a pas de nom")
    classe = ligne["classe"]
    if classe and not (classe.isascii() and classe.isdecimal()):
        raise _refusal(fichier, numero, "la classe n'est pas un entier positif ou nul")
    try:
        valeur = read_nombre(ligne["valeur"])
    except ValueError as faute:
        raise _refusal(fichier, numero, f"la valeur attend {faute}") from None
    return Mesure(
        mois, ligne["code_caf"] or None, ligne["code_cpam"] or None, ligne["mesure"], ligne["modalite"] or None,
        int(classe) if classe else None, valeur,
    )  # fmt: skip


def list_ignorees(dictionnaire: Iterable[Indicateur], mesures: Iterable[Mesure]) -> list[str]:
    """Return what the file gives and no definition reads, as ``mesure:modalite``: often a name written wrong."""
    lues = {
        (c.mesure, c.modalite) for i in dictionnaire for c in (*i.numerateur, *(i.denominateur or ()))
    }  # fmt: skip
    donnees = {(m.mesure, m.modalite) for m in mesures}
    return sorted(
        f"{mesure}:{modalite}" if modalite else mesure
        for mesure, modalite in donnees
        if not {(mesure, modalite), (mesure, TOUTES)} & lues
    )


def check_sortie(sortie: Path, *lus: Path | None) -> None:
    """Check where results go before anything is computed.

    Raises:
        ErreurAllerVers: the folder does not exist, or the output is one of the files that are read.
    """
    if not sortie.parent.is_dir():
        raise ErreurAllerVers(
            f"Le dossier {sortie.parent} n'existe pas.", "le créer, ou choisir une autre sortie."
        )
    if sortie.resolve() in {lu.resolve() for lu in lus if lu is not None}:
        raise ErreurAllerVers(
            f"La sortie {sortie.name} écraserait un fichier à lire.", "donner un autre nom à --sortie."
        )


def read_actions(fichier: Path) -> list[Action]:
    """Read ``code;fiche;axe;etat``, one action a line.

    Raises:
        ErreurAllerVers: a column is missing, a state is unknown, or an action is written twice; the line is named.
    """
    actions: dict[str, Action] = {}
    for numero, ligne in _read_lignes(fichier, COLONNES_ACTIONS):
        if ligne["etat"] not in get_args(EtatAction):
            raise _refusal(fichier, numero, f"l'état est l'un de : {', '.join(get_args(EtatAction))}")
        if not ligne["code"] or not ligne["axe"]:
            raise _refusal(fichier, numero, "l'action n'a pas de code ou pas d'axe")
        if ligne["code"] in actions:
            raise _refusal(fichier, numero, "cette action est déjà donnée plus haut")
        actions[ligne["code"]] = Action(ligne["code"], ligne["fiche"], ligne["axe"], ligne["etat"])  # type: ignore[arg-type]
    return list(actions.values())


def _read_lignes(fichier: Path, colonnes: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    lecteur = csv.reader(io.StringIO(read_texte(fichier), newline=""), delimiter=";", strict=True)
    try:
        return _sort_lignes(fichier, lecteur, colonnes)
    except csv.Error:
        raise _refusal(fichier, lecteur.line_num, "ses guillemets ne se ferment pas") from None


def _sort_lignes(fichier: Path, lecteur: Any, colonnes: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    entete: list[str] = next(lecteur, [])
    if tuple(entete) != tuple(colonnes):
        raise ErreurAllerVers(
            f"Le fichier {fichier.name} n'a pas les colonnes attendues.",
            f"écrire en première ligne {';'.join(colonnes)}, séparées par des points-virgules.",
        )
    lignes = []
    for cellules in lecteur:
        if not any(cellules):
            continue
        if len(cellules) != len(colonnes):
            quoi = f"ses cellules sont {len(cellules)} au lieu de {len(colonnes)}"
            raise _refusal(fichier, lecteur.line_num, quoi)
        valeurs = (cellule.strip() for cellule in cellules)
        lignes.append((lecteur.line_num, dict(zip(colonnes, valeurs, strict=True))))
    return lignes


def _refusal(fichier: Path, numero: int, constat: str) -> ErreurAllerVers:
    return ErreurAllerVers(
        f"Ligne {numero} de {fichier.name} : {constat}.", "corriger cette ligne ; rien n'a été calculé."
    )


def format_csv(lignes: Iterable[NamedTuple], modele: type[NamedTuple]) -> bytes:
    """Return rows as a French CSV; a number has its plain decimals and a comma, nothing is an empty cell."""
    flux = io.StringIO(newline="")
    ecrivain = csv.writer(flux, delimiter=";", lineterminator="\r\n")
    ecrivain.writerow(modele._fields)
    for ligne in lignes:
        ecrivain.writerow([_format(cellule) for cellule in ligne])
    return flux.getvalue().encode("utf-8-sig")


def _format(cellule: Any) -> str:
    if isinstance(cellule, Decimal):
        return write_nombre(cellule)
    return "" if cellule is None else str(cellule)
