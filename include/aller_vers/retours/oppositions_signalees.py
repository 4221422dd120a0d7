"""« Je ne veux pas être contacté », told to a Cpam: the line of a lot, that the program turns into the person.

The form names nobody. What it becomes is an objection as any other: the person's keyed hash, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby

from sqlalchemy import Connection

from aller_vers.lots.contenu import A_REPARTIR, ContenuNomme, load_version
from aller_vers.retours.fichiers.fautes import Fautes, Ligne
from aller_vers.retours.fichiers.formes import PAR_NOM
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.fichiers.valeurs import (
    ValeurRefuseeError,
    read_compte,
    read_mois,
    read_version,
)
from aller_vers.retours.lecture import read_mot
from aller_vers.socle.identite import compute_empreinte, require_cle
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import run_sql

# The titles of a person file are its first line, as a spreadsheet counts them.
_PREMIERE = 2


@dataclass(frozen=True)
class Signalee:
    """A line of a version of a lot; ``a_repartir``: of the file that its Caf shares out between its Cpam."""

    mois: Mois
    version: int
    code_cpam: str
    ligne: int
    a_repartir: bool


def take_oppositions(entrepot: Connection, code_caf: str, tableau: Tableau, reglages: Reglages) -> int:
    """Record as objections the people of these lines, in the caller's transaction; all of them or none.

    People whose lines nothing tells apart are all left alone: it is their contact that refused.

    Returns:
        The number of people who had not objected yet.

    Raises:
        FichierRefuseError: a line is of no lot that stands, or none was completed.
        ErreurAllerVers: the key of identities is missing.
    """
    fautes = Fautes()
    lues = fautes.read_lignes(
        tableau, code_caf, _read, forme=PAR_NOM["opposition"], cle=lambda s: s,
        doublon="une autre ligne dit la même chose",
        aucune=FichierRefuseError(
            "Aucune ligne de ce fichier n'est complétée.",
            "écrire dans la colonne ligne le numéro de ligne de la personne dans le fichier du lot.",
        ),
    )  # fmt: skip
    cle, personnes = require_cle(reglages), set[str]()
    par_lot = sorted(lues, key=lambda lue: (lue[1].mois, lue[1].version))
    for (mois, version), groupe in groupby(par_lot, key=lambda lue: (lue[1].mois, lue[1].version)):
        nomme = load_version(entrepot, mois, code_caf, version, cle)
        for ligne, lue in groupe:
            faute, trouvees = _find(entrepot, code_caf, nomme, lue)
            personnes |= trouvees
            if faute:
                ligne.add(faute)
    fautes.raise_any()
    return sum(_record(entrepot, compute_empreinte(cle, personne)) for personne in sorted(personnes))


def _record(entrepot: Connection, empreinte: str) -> bool:
    return bool(run_sql(entrepot, "destruction/insert_opposition.sql", empreinte=empreinte).scalar_one())


def _read(lue: Ligne) -> Signalee | None:
    cpam, caf = lue.require_cpam(), lue.require_caf()
    mois, version = lue.require("mois", read_mois), lue.require("version", read_version)
    ligne = lue.require("ligne", _read_ligne)
    fichier = lue.read("fichier", partial(read_mot, mots=(A_REPARTIR,)))
    if not (cpam and caf and mois and version and ligne):
        return None
    return Signalee(mois, version, cpam, ligne, fichier == A_REPARTIR)


def _read_ligne(texte: str) -> int:
    ligne = read_compte(texte)
    if ligne < _PREMIERE:
        raise ValeurRefuseeError("le numéro de ligne que le tableur affiche, 2 pour la première personne")
    return ligne


def _find(
    entrepot: Connection, code_caf: str, nomme: ContenuNomme | None, lue: Signalee
) -> tuple[str, frozenset[str]]:
    """Return who is at this line, or else why nobody is."""
    quoi = f"la version {lue.version} du lot {lue.mois}"
    transmis = run_sql(
        entrepot, "retours/select_transmis.sql",
        mois=lue.mois, code_caf=code_caf, version=lue.version, code_cpam=lue.code_cpam,
    ).scalar_one_or_none()  # fmt: skip
    if transmis is None:
        return f"aucune transmission de {quoi} à la Cpam {lue.code_cpam} n'est connue", frozenset()
    if nomme is None:
        return (
            f"{quoi} n'est plus là telle qu'elle a été déposée ; chercher la personne dans la version en place et "
            "donner sa ligne, ou prévenir l'équipe nationale"
        ), frozenset()
    par_destinataire = nomme.contenu.par_destinataire
    voulu = A_REPARTIR if lue.a_repartir else lue.code_cpam if None not in par_destinataire else None
    lignes = par_destinataire.get(voulu)
    if lignes is None:
        return (
            f"{quoi} n'a pas ce fichier pour la Cpam {lue.code_cpam} ; écrire a_repartir dans la colonne fichier si la "
            "ligne est celle du fichier à répartir, et sinon la laisser vide"
        ), frozenset()
    if lue.ligne - _PREMIERE >= len(lignes):
        return (
            f"la colonne ligne attend un numéro de 2 à {len(lignes) + 1}, une ligne de ce fichier",
            frozenset(),
        )
    return "", nomme.personnes[voulu, lignes[lue.ligne - _PREMIERE]]
