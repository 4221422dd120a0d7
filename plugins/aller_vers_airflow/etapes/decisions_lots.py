"""The task of ``decisions_lots``: the question on a held lot, as the person reads it."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.mois import Mois
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import etape, tache
from aller_vers_airflow.etapes.question_posee import find_lot_retenu


@tache()
def read_lot() -> dict[str, Any]:
    """Return the question on this run's lot: what the person reads, and the verdict that it is about.

    Raises:
        AirflowSkipException: the lot is not held, or is destroyed.
    """
    parametres = get_current_context()["params"]
    mois, code_caf = Mois.parse(str(parametres["mois"])), str(parametres["caf"])
    lot = find_lot_retenu(mois, code_caf)
    if lot.detruit:
        raise AirflowSkipException(f"Le lot {mois} de la Caf {lot.libelle} est détruit : rien à décider.")
    dit = {"libere": "Libéré", "garde": "Gardé retenu", "propose": "Libération proposée"}.get(
        lot.decision or ""
    )
    deja = f"**{dit}** par {lot.acteur} : {lot.pourquoi}. La dernière réponse vaut.\n\n" if dit else ""
    constats = "\n".join(f"- {constat}" for constat in lot.constats)
    return {
        "mois": lot.mois,
        "code_caf": lot.code_caf,
        "regles": dict(lot.regles),
        "objet": f"Caf {lot.libelle}, {mois.libelle} : déposer le lot retenu ?",
        "texte": f"La porte de la requête retient ce lot :\n\n{constats}\n\n{deja}"
        "**Libérer** : le lot de cette seule Caf est déposé, avec ces règles en avertissement et le motif dans son "
        "manifeste. **Garder** : rien n'est déposé, et ce qui l'était est suspendu. Sans réponse dans le délai, rien "
        "ne change.\n\nLe motif entre dans la trace : aucun nom, courriel ni numéro de personne. Garder sans motif "
        "inscrit celui de la porte.",
    }


@task.short_circuit(multiple_outputs=False)
@etape
def keep_lot() -> bool:
    """Tell whether a version of this run's lot stands on the share: keeping the lot then has to suspend it."""
    from aller_vers.lots.etat import load_paroles

    parametres = get_current_context()["params"]
    with open_base("av_entrepot") as entrepot:
        paroles = load_paroles(entrepot, Mois.parse(str(parametres["mois"])), str(parametres["caf"]))
    return bool(paroles) and paroles[-1].etat == "depose"
