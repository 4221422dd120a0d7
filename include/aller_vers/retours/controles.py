"""What the cells of a template say and refuse: the unit, the codes that are expected, the form of a day or a count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aller_vers.retours.fichiers.formes import Nom
from aller_vers.socle.tableur import Controle

_COMPTE: Final = "AND(ISNUMBER(VALUE({c})),VALUE({c})>=0,VALUE({c})=INT(VALUE({c})))"
_JOUR: Final = (
    'AND(LEN({c})=10,MID({c},3,1)="/",MID({c},6,1)="/",'
    "ISNUMBER(VALUE(LEFT({c},2))),ISNUMBER(VALUE(RIGHT({c},4))))"
)


def _compte(quoi: str) -> Controle:
    return Controle(
        f"{quoi} Un nombre entier de personnes : 0 pour aucune, vide si on ne le sait pas.", formule=_COMPTE
    )


def _jour(quoi: str) -> Controle:
    return Controle(f"{quoi} Une date écrite JJ/MM/AAAA, par exemple 04/07/2025.", formule=_JOUR)


_PERSONNES: Final = {
    "cibles": "Personnes du fichier reçu de la Caf.",
    "offres_envoyees": "Personnes à qui l'offre a été envoyée par courriel.",
    "contactables": "Personnes dont les coordonnées sont valides et qui peuvent être contactées.",
    "personnes_appelees": "Personnes appelées au moins une fois.",
    "personnes_jointes": "Personnes à qui on a parlé.",
    "acceptations": "Personnes qui ont accepté l'offre.",
    "rdv_pris": "Personnes qui ont pris rendez-vous.",
    "rdv_honores": "Personnes venues à leur rendez-vous.",
    "accompagnements_misas": "Personnes accompagnées par la mission accompagnement santé.",
    "orientations_service_social": "Personnes orientées vers le service social.",
    "precarite": "Personnes en situation de précarité.",
    "sans_complementaire": "Personnes sans complémentaire santé.",
    "sante_mentale": "Personnes dont une difficulté de santé mentale a été repérée.",
    "personnes": "Personnes de ce profil.",
}
_DATES: Final = {
    "date_arrete": "Jour auquel ces nombres sont arrêtés.",
    "date_fin_traitement": "Jour où le fichier a fini d'être traité.",
    "date_destruction": "Jour où la Cpam a détruit le fichier.",
    "date_transmission": "Jour de l'envoi à la Cpam.",
}
_COMMUNS: Final = {
    **{nom: _compte(quoi) for nom, quoi in _PERSONNES.items()}, **{nom: _jour(quoi) for nom, quoi in _DATES.items()},
}  # fmt: skip
_PROPRES: Final[Mapping[Nom, Mapping[str, Controle]]] = {
    "accuse": {
        "lignes": _compte("Personnes envoyées à cette Cpam ; 0 si aucune n'est pour elle."),
        "portail": Controle(
            "Par où le fichier est parti ; « interne » pour une caisse commune seulement.",
            ("bluefiles", "peps", "interne"),
        ),
        "reference": Controle("Facultatif : le numéro que le portail a donné à l'envoi. Jamais un nom ni un courriel."),
    },
    "opposition": {
        "ligne": Controle(
            "Le numéro de ligne affiché à gauche de la personne dans le fichier du lot : 2 pour la première.",
            formule=_COMPTE,
        ),
        "fichier": Controle(
            "« a_repartir » si c'est une ligne du fichier à répartir ; sinon vide.", ("a_repartir",)
        ),
    },
    "mesure": {"valeur": Controle("Le chiffre demandé ; 0 pour aucun, vide si on ne le sait pas.")},
}  # fmt: skip


def find_controles(forme: Nom) -> Mapping[str, Controle]:
    """Return what the columns of a template say and refuse, by name."""
    return {**_COMMUNS, **_PROPRES.get(forme, {})}
