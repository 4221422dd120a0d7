"""The task of ``decisions_lots``: the question on a held lot, as the person reads it."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.mois import Mois
from aller_vers_airflow.contexte import tache
from aller_vers_airflow.etapes.question_posee import find_lot_retenu


@tache()
def read_lot() -> dict[str, Any]:
    """Return the question on this run's lot: what the person reads, and the verdict that it is about.

    Raises:
        AirflowSkipException: the lot is not held, or is released already.
    """
    parametres = get_current_context()["params"]
    mois, code_caf = Mois.parse(str(parametres["mois"])), str(parametres["caf"])
    lot = find_lot_retenu(mois, code_caf)
    if lot.decision == "libere":
        raise AirflowSkipException(f"Le lot {mois} de la Caf {lot.libelle} est déjà libéré.")
    constats = "\n".join(f"- {constat}" for constat in lot.constats)
    return {
        "mois": lot.mois,
        "code_caf": lot.code_caf,
        "regles": dict(lot.regles),
        "objet": f"Caf {lot.libelle}, {mois.libelle} : déposer le lot retenu ?",
        "texte": f"La porte de la requête retient ce lot :\n\n{constats}\n\n"
        "**Libérer** : le lot de cette seule Caf est déposé, avec ces règles en avertissement et le motif dans son "
        "manifeste. **Garder** : rien n'est déposé. Sans réponse dans le délai, le lot reste retenu.\n\n"
        "Le motif entre au registre : aucun nom, courriel ni numéro de personne.",
    }
