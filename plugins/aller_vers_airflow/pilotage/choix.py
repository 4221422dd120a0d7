"""The month of a screen: asked for, else the newest that is known; and those to choose from."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from aller_vers.pilotage.le_mois import list_mois
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers_airflow.pilotage.base import PilotageDep


class ChoixMois:
    """``choisi`` is None as long as no month was ever requested."""

    def __init__(self, pilotage: PilotageDep, mois: Annotated[str | None, Query()] = None) -> None:
        self.connus = list_mois(pilotage)
        self.choisi = Mois.parse(mois) if mois else self.connus[0] if self.connus else None

    @property
    def require(self) -> Mois:
        """The month, if there is one.

        Raises:
            IntrouvableError: no month was ever requested.
        """
        if self.choisi is None:
            raise IntrouvableError(
                "Aucun mois n'a encore été demandé.",
                "lancer le DAG requete_nationale pour un mois, puis recharger cette page.",
            )
        return self.choisi


MoisDep = Annotated[ChoixMois, Depends()]
