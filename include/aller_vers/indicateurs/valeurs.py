"""The monthly values of the marts, as the gate, the reports and the text of a year read them."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.indicateurs.dictionnaire import Niveau
from aller_vers.indicateurs.modele import Valeur
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql


def read_valeurs(
    connexion: Connection,
    debut: Mois,
    fin: Mois,
    niveaux: list[Niveau] | None = None,
    territoires: list[str] | None = None,
    codes: list[str] | None = None,
) -> list[Valeur]:
    """Return the values of the months from ``debut`` to ``fin``, in their order; ``None``: of all."""
    lignes = run_sql(
        connexion, "indicateurs/select_valeurs.sql", debut_mois=debut, fin_mois=fin, niveaux=niveaux,
        territoires=territoires, codes=codes,
    )  # fmt: skip
    return [Valeur._make(ligne) for ligne in lignes.all()]
