"""Returns as they are kept: every version, the last of each key first to be judged."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from aller_vers.indicateurs.calcul import compute_valeurs
from aller_vers.indicateurs.dictionnaire import Indicateur, load_dictionnaire
from aller_vers.indicateurs.modele import Mesure, Valeur, load_reseau
from aller_vers.mesures.declarees import load_mesures_declarees
from aller_vers.retours.certificats import take_certificats
from aller_vers.retours.depots import DE_LA_CPAM, SENSIBLES, find_cpam
from aller_vers.retours.fichiers.formes import Forme
from aller_vers.retours.fichiers.tableau import FichierRefuseError, Tableau
from aller_vers.retours.lecture import Retour, read_retours
from aller_vers.retours.oppositions_signalees import take_oppositions
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import Reglages, load_reglages
from aller_vers.socle.sql import run_sql

_CITEES = 10


def take_retours(
    entrepot: Connection, code_caf: str, forme: Forme, tableau: Tableau, maintenant: datetime,
    reglages: Reglages | None = None,
) -> int:  # fmt: skip
    """Keep what this Caf or Cpam put into its folder in the caller's transaction: a return, certificates, objections.

    ``reglages``: those of this process by default; objections need its key.

    Returns:
        The number of rows that say something else than the last version of their key.

    Raises:
        FichierRefuseError: a row cannot be read, or two measures contradict each other; none is kept.
    """
    _check_depot(forme, code_caf)
    if forme.nom == "certificat":
        return take_certificats(entrepot, code_caf, tableau, maintenant.astimezone(PARIS).date())
    if forme.nom == "opposition":
        return take_oppositions(entrepot, code_caf, tableau, reglages or load_reglages())
    retours = read_retours(forme, tableau, code_caf)
    nouveaux = sum(insert_retour(entrepot, retour, code_caf, maintenant) for retour in retours)
    if forme.nom == "mesure":
        require_coherence(entrepot, {str(retour.periode.dernier_mois) for retour in retours})
    return nouveaux


def _check_depot(forme: Forme, depot: str) -> None:
    """Make sure that the sensitive shapes come by a Cpam's folder alone, and no shape that is not its own."""
    cpam = find_cpam(depot)
    if cpam is None and forme.nom in SENSIBLES:
        raise FichierRefuseError(
            f"Le fichier est un {forme.libelle} : il ne passe pas par ce dossier.",
            "le rendre à la Cpam, qui le dépose dans son propre dossier (ou le fait déposer par l'équipe nationale).",
        )
    if cpam and forme.nom not in DE_LA_CPAM:
        raise FichierRefuseError(
            f"Ce fichier ({forme.libelle}) : il ne passe pas par ce dossier.",
            "le remettre à la Caf, qui le dépose dans le sien.",
        )


def insert_retour(entrepot: Connection, retour: Retour, depot: str, maintenant: datetime) -> int:
    """Keep a row, dropped in the folder ``depot``; 0 if the last version of its key says the same, else 1."""
    return run_sql(
        entrepot, "retours/insert_retour.sql",
        cle=retour.cle, forme=retour.forme, periode=retour.periode.texte,
        mois=retour.periode.dernier_mois, depot=depot, code_cpam=retour.code_cpam,
        code_caf=retour.code_caf, mesure=retour.mesure, modalite=retour.modalite,
        contenu=json.dumps(retour.contenu, sort_keys=True), maintenant=maintenant,
    ).rowcount  # fmt: skip


def require_coherence(entrepot: Connection, mois: Iterable[str]) -> None:
    """Make sure that the declared measures of these months, as last received, hold together.

    Raises:
        FichierRefuseError: a share of the dictionary would exceed 1; its name and its caisse are given.
    """
    parts = [
        i for i in load_dictionnaire() if i.type == "ratio" and i.mesures <= set(load_mesures_declarees())
    ]
    fautes: list[str] = []
    for cle in sorted(mois):
        lignes = run_sql(entrepot, "retours/select_dernieres_declarees.sql", mois=cle)
        donnees = [Mesure(**ligne._mapping) for ligne in lignes if ligne.valeur is not None]
        fautes += find_contradictions(donnees, parts)
    if fautes:
        raise FichierRefuseError(
            f"Des mesures se contredisent : {' ; '.join(fautes[:_CITEES])}.",
            "corriger les deux termes (une partie ne dépasse pas son tout), puis déposer le fichier de nouveau.",
        )


def find_contradictions(mesures: Sequence[Mesure], parts: Sequence[Indicateur]) -> list[str]:
    """Return, as French phrases, the shares of these indicators whose part exceeds its whole, by caisse."""
    valeurs = compute_valeurs(parts, mesures, load_reseau(), 0)
    return [_describe(v, parts) for v in valeurs if v.niveau in ("caf", "cpam") and (v.valeur or 0) > 1]


def _describe(valeur: Valeur, parts: Sequence[Indicateur]) -> str:
    libelle = next(i.libelle for i in parts if (i.code, i.version) == (valeur.code, valeur.version))
    caisse = "Caf" if valeur.niveau == "caf" else "Cpam"
    return f"« {libelle} » dépasse 100 % ({caisse} {valeur.territoire}, {Mois.parse(valeur.mois).libelle})"
