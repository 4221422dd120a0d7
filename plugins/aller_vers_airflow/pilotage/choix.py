"""What every screen carries: its month, asked for or the newest; the Caf that was chosen; how much there is to do."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from aller_vers.pilotage.a_faire import Groupe, load_a_faire
from aller_vers.pilotage.le_mois import list_mois
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import IntrouvableError
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.pilotage.base import PilotageDep

# The menu: each screen by its address, « À faire » being the first.
ECRANS = {
    "a_faire": "À faire", "mois": "Le mois", "decisions": "Décisions", "transmissions": "Transmissions",
    "qualite": "Qualité", "indicateurs": "Indicateurs", "caf": "Les Caf", "trace": "Trace", "sante": "Santé",
}  # fmt: skip


class ChoixMois:
    """``choisi`` is None as long as no month was ever requested; ``caf`` is None as long as none was chosen.

    Raises:
        IntrouvableError: nothing is known of that month.
    """

    def __init__(
        self,
        request: Request,
        pilotage: PilotageDep,
        mois: Annotated[str | None, Query()] = None,
        caf: Annotated[str | None, Query(max_length=9)] = None,
    ) -> None:
        self._pilotage = pilotage
        self.connus = list_mois(pilotage)
        self.choisi = Mois.parse(mois) if mois else self.connus[0] if self.connus else None
        if self.connus and self.choisi not in self.connus:
            raise IntrouvableError(
                f"Le mois de {self.choisi.libelle if self.choisi else ''} n'est pas connu : rien n'y a été demandé.",
                f"choisir un mois de {self.connus[-1].libelle} à {self.connus[0].libelle}.",
            )
        self.caf = load_caf().get(request.path_params.get("code_caf") or caf or "")

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

    def follow(self, ecran: str) -> str:
        """Return the way to a screen, with the month and the Caf that were chosen."""
        if ecran == "caf" and self.caf:
            ecran, cles = f"caf/{self.caf.code_caf}", {"mois": self.choisi}
        else:
            cles = {"mois": self.choisi, "caf": self.caf and self.caf.code_caf}
        suite = urlencode({cle: str(valeur) for cle, valeur in cles.items() if valeur})
        return f"/{ecran}{'?' if suite else ''}{suite}"

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
