"""What a person may ask of a run, as Airflow's form shows it: French labels, values checked before the run.

A type that may be null has no star in the form.
"""

from datetime import datetime

from airflow.sdk import Param

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.donnees_personnelles import LONGUEUR_MAXIMALE
from aller_vers.socle.mois import Mois


def _propose_mois() -> list[str]:
    """Return the last twelve complete months, the last one first: what the form proposes, never a default.

    A default would be the month of a scheduled run too, which has its own.
    """
    dernier = Mois.last_complete(datetime.now(PARIS).date())
    return [str(dernier.shift(-n)) for n in range(12)]


MOIS = {
    "mois": Param(
        None,
        type=["null", "string"],
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])$",
        examples=_propose_mois(),
        title="Mois",
        description="AAAA-MM, si aucune clé de partition n'est donnée",
    ),
}

DEPUIS = {
    "depuis": Param(
        "2020-10",
        type="string",
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])$",
        title="Depuis",
        description="AAAA-MM, premier mois à reprendre",
    ),
}

REQUETE = {
    **MOIS,
    "depot": Param(
        "selon le calendrier",
        enum=["selon le calendrier", "oui", "non"],
        title="Déposer les lots",
        description="Selon le calendrier : tous les mois depuis le premier, sauf dans un rattrapage",
    ),
    "a_blanc": Param(
        False,
        type=["null", "boolean"],
        title="À blanc",
        description="Compte et juge, ne publie ni ne dépose rien",
    ),
}

DECISION = {
    "mois": Param(
        type="string",
        pattern="^[0-9]{4}-(0[1-9]|1[0-2])$",
        examples=_propose_mois(),
        title="Mois",
        description="AAAA-MM",
    ),
    "caf": Param(type="string", pattern="^[0-9]{3}$", title="Caf", description="Code à trois chiffres"),
}


def _motif(description: str) -> Param:
    return Param(
        None,
        type=["null", "string"],
        format="multiline",
        maxLength=LONGUEUR_MAXIMALE,  # what it says of a person is refused by SaisiesMiddleware
        title="Motif",
        description=description,
    )


MOTIF = {"motif": _motif("Obligatoire pour libérer ; aucun nom, courriel ni numéro de personne")}

REFERENCE = {
    "motif": _motif(
        "Obligatoire : ce qui change et d'où cela vient ; aucun nom, courriel ni numéro de personne"
    )
}

DEPOTS = {
    **MOIS,
    "caf": Param(
        [],
        type=["null", "array"],
        items={"type": "string", "pattern": "^[0-9]{3}$"},
        title="Caf",
        description="Codes des Caf à déposer de nouveau, un par ligne ; vide : toutes",
    ),
    "motif": _motif(
        "Pourquoi ces lots sont déposés de nouveau, sans nom, courriel ni numéro de personne ; la Caf le lit"
    ),
}
