"""The monthly values of the marts, as the gate, the reports and the text of a year read them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import Niveau
from aller_vers.indicateurs.modele import Valeur
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql


def read_valeurs(
    connexion: Connection,
    debut: Mois,
    fin: Mois,
    niveaux: Collection[Niveau] | None = None,
    territoires: Collection[str] | None = None,
    codes: Collection[str] | None = None,
) -> list[Valeur]:
    """Return the values of the months from ``debut`` to ``fin``, in their order; ``None`` chooses nothing."""
    choix = {"niveaux": niveaux, "territoires": territoires, "codes": codes}
    lignes = run_sql(
        connexion, "indicateurs/select_valeurs.sql", debut_mois=debut, fin_mois=fin,
        **{nom: valeurs if valeurs is None else list(valeurs) for nom, valeurs in choix.items()},
    )  # fmt: skip
    return [Valeur._make(ligne) for ligne in lignes.all()]
