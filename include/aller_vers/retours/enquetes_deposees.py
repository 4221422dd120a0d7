"""A survey in the national folder: its margins are kept, its answers raked at once; no answer enters the warehouse."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.mesures.enquetes import (
    Enquete,
    Resultat,
    build_tableau,
    check_marges,
    compute_resultats,
    describe,
    find_enquete,
    read_marges,
    sort_reponses,
)
from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.fichiers.valeurs import read_periode
from aller_vers.retours.lecture import Retour
from aller_vers.retours.mesures_deposees import take_figures
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.partitions import lock
from aller_vers.socle.referentiel import NATION, load_caf
from aller_vers.socle.sql import run_sql
from aller_vers.socle.tableur import encode

_ANNEE = re.compile(r"20\d\d")
_TETE = ("enquete", "annee")


@dataclass(frozen=True)
class Depot:
    """Where a file was dropped: the folder of the share, the run that reads it, the instant."""

    partage: Partage
    dossier: str
    run_id: str
    maintenant: datetime

    @property
    def dossier_enquetes(self) -> str:
        """Where results stand, and where their figures are said to come from."""
        return f"{self.dossier}/enquetes"


def take_enquete(entrepot: Connection, depot: Depot, forme: Forme, tableau: Tableau) -> None:
    """Keep the margins of a survey, or rake its answers to them, in the caller's transaction.

    What is raked stands in ``<folder>/enquetes/``, beside what was set aside; the people of the question that the
    survey measures are declared by Caf, as any figure of this folder. The same file again changes nothing.

    Raises:
        FichierRefuseError: a line is not what the survey expects, or its margins have not come; nothing is kept.
    """
    lock(entrepot, "retours_cpam")
    try:
        enquete, annee, lignes = _read(tableau)
        if forme.nom == "marges":
            _store_marges(entrepot, enquete, annee, lignes)
        else:
            _rake(entrepot, depot, enquete, annee, lignes)
    except FichierRefuseError:
        raise
    except ErreurAllerVers as erreur:
        raise FichierRefuseError(erreur.constat, erreur.remede) from None


def build_declarees(enquete: Enquete, annee: str, resultats: Iterable[Resultat]) -> list[Retour]:
    """Return the raked people of each Caf, by answer; none of a Caf where too few answered."""
    mesuree = enquete.mesure
    periode = read_periode(annee, maille="annee")
    return [
        Retour("mesure", periode, None, r.territoire, mesuree.code, r.modalite,
               {"valeur": str(round(r.redresse * r.population))})
        for r in resultats
        if mesuree and r.question == mesuree.question and r.territoire != NATION
        and r.redresse is not None and r.population is not None
    ]  # fmt: skip


def _read(tableau: Tableau) -> tuple[Enquete, str, list[dict[str, str]]]:
    lignes = [cellules for _, cellules in tableau.rows()]
    tetes = {tuple(ligne[c] for c in _TETE) for ligne in lignes}
    if len(tetes) != 1 or not _ANNEE.fullmatch(next(iter(tetes))[1]):
        raise FichierRefuseError(
            "Un fichier est d'une enquête et d'une année, les mêmes à chaque ligne.",
            "écrire dans les colonnes enquete et annee le code de l'enquête et l'année sur quatre chiffres.",
        )
    code, annee = next(iter(tetes))
    return find_enquete(code), annee, [{c: v for c, v in ligne.items() if c not in _TETE} for ligne in lignes]


def _store_marges(entrepot: Connection, enquete: Enquete, annee: str, lignes: list[dict[str, str]]) -> None:
    marges = read_marges(lignes)
    if sum(map(len, marges.values())) != len(lignes):
        raise FichierRefuseError("Une modalité a deux lignes.", "n'en garder qu'une.")
    check_marges(enquete, marges)
    cle = {"enquete": enquete.code, "annee": int(annee)}
    run_sql(entrepot, "mesures/delete_marges.sql", **cle)
    for ligne in lignes:
        run_sql(
            entrepot, "mesures/insert_marge.sql", **cle,
            strate=ligne["strate"], modalite=ligne["modalite"], population=int(ligne["population"]),
        )  # fmt: skip


def _rake(
    entrepot: Connection, depot: Depot, enquete: Enquete, annee: str, lignes: list[dict[str, str]]
) -> None:
    lues = run_sql(entrepot, "mesures/select_marges.sql", enquete=enquete.code, annee=int(annee)).mappings()
    marges = read_marges({k: str(v) for k, v in ligne.items()} for ligne in lues)
    if not marges:
        raise FichierRefuseError(
            "Les marges de cette enquête et de cette année ne sont pas encore là.",
            "déposer d'abord les marges (enquete;annee;strate;modalite;population), puis les réponses de nouveau.",
        )
    _require_connues(enquete, lignes)
    retenues = sort_reponses(enquete, lignes)
    resultats = compute_resultats(enquete, retenues, marges)
    _declare(entrepot, depot, enquete, annee, build_declarees(enquete, annee, resultats))
    sortie = f"{depot.dossier_enquetes}/{enquete.code}_{annee}"
    depot.partage.write(f"{sortie}.txt", encode("\r\n".join((*describe(enquete, retenues, marges), ""))))
    depot.partage.write(f"{sortie}.csv", build_tableau(resultats))


def _declare(
    entrepot: Connection, depot: Depot, enquete: Enquete, annee: str, declarees: list[Retour]
) -> None:
    """Declare these figures; those of a former file that has no successor are withdrawn: a version without a value."""
    if enquete.mesure is None:
        return
    cle = {"depot": depot.dossier_enquetes, "mesure": enquete.mesure.code, "periode": annee}
    donnees = {(r.code_caf, r.modalite) for r in declarees}
    periode = read_periode(annee, maille="annee")
    retirees = [
        Retour("mesure", periode, None, f.code_caf, enquete.mesure.code, f.modalite, {})
        for f in run_sql(entrepot, "mesures/select_figures_enquete.sql", **cle)
        if (f.code_caf, f.modalite) not in donnees
    ]
    if figures := [*declarees, *retirees]:
        take_figures(entrepot, figures, depot.dossier_enquetes, depot.run_id, depot.maintenant)


def _require_connues(enquete: Enquete, lignes: list[dict[str, str]]) -> None:
    colonnes = {"repondant", "code_caf", *(c.code for c in (*enquete.strates, *enquete.questions))}
    if en_trop := len({c for ligne in lignes for c in ligne} - colonnes):
        raise FichierRefuseError(
            f"Ce fichier a des colonnes que l'enquête n'a pas ({en_trop}).",
            f"n'y laisser que : {', '.join(sorted(colonnes))}.",
        )
    if any(ligne.get("code_caf") and ligne["code_caf"] not in load_caf() for ligne in lignes):
        raise FichierRefuseError("Une Caf n'est pas connue.", "écrire son code à trois chiffres, ou rien.")
