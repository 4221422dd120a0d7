"""What every screen carries: its month, asked for or the newest; those to choose from; how much there is to do."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query

from aller_vers.pilotage.a_faire import Groupe, load_a_faire
from aller_vers.pilotage.le_mois import list_mois
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.base import PilotageDep


class ChoixMois:
    """``choisi`` is None as long as no month was ever requested."""

    def __init__(self, pilotage: PilotageDep, mois: Annotated[str | None, Query()] = None) -> None:
        self._pilotage = pilotage
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

    @property
    def a_faire(self) -> int:
        """How many things wait for a person: counted at most twice a minute in a process, whoever asks."""
        if _COMPTE.get("fin", 0) < time.monotonic():
            self.keep_a_faire(load_a_faire(self._pilotage, datetime.now(PARIS).date(), load_reglages()))
        return int(_COMPTE["nombre"])

    def keep_a_faire(self, groupes: tuple[Groupe, ...]) -> None:
        """Keep the count of what was just read."""
        _COMPTE.update(nombre=sum(g.nombre for g in groupes), fin=time.monotonic() + _SECONDES)


_SECONDES = 30
_COMPTE: dict[str, float] = {}


def forget_a_faire() -> None:
    """Count again at the next screen: somebody has just acted."""
    _COMPTE.clear()


MoisDep = Annotated[ChoixMois, Depends()]
