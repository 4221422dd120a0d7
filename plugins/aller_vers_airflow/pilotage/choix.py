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
from aller_vers.socle.francais import write_de
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.acteurs import DAGS
from aller_vers_airflow.pilotage.base import PilotageDep

# The menu: each screen by its address, « À faire » being the first.
ECRANS = {
    "a_faire": "À faire", "mois": "Le mois", "decisions": "Décisions", "transmissions": "Transmissions",
    "qualite": "Qualité", "indicateurs": "Indicateurs", "caf": "Les Caf", "trace": "Trace", "sante": "Santé",
}  # fmt: skip


class ChoixMois:
    """``choisi`` is None as long as no month was ever requested; ``caf`` is None as long as none was chosen.

    Raises:
        IntrouvableError: nothing is known of the month that is asked for.
    """

    def __init__(
        self,
        request: Request,
        pilotage: PilotageDep,
        mois: Annotated[str | None, Query()] = None,
        caf: Annotated[str | None, Query()] = None,
    ) -> None:
        self._pilotage = pilotage
        self.connus = list_mois(pilotage)
        self.choisi = self.find_connu(mois) or (self.connus[0] if self.connus else None)
        self.caf = load_caf().get(request.path_params.get("code_caf") or caf or "")

    def find_connu(self, mois: str | None) -> Mois | None:
        """Return the month of these letters; nothing of no letters.

        Raises:
            IntrouvableError: nothing is known of that month.
        """
        lu = Mois.parse(mois) if mois else None
        if lu and self.connus and lu not in self.connus:
            raise IntrouvableError(
                f"Le mois {write_de(lu.libelle)} n'est pas connu : rien n'y a été demandé.",
                f"choisir un mois {write_de(self.connus[-1].libelle)} à {self.connus[0].libelle}.",
            )
        return lu

    @property
    def require(self) -> Mois:
        """The month, if there is one.

        Raises:
            IntrouvableError: no month was ever requested.
        """
        if self.choisi is None:
            raise IntrouvableError(
                "Aucun mois n'a encore été demandé.",
                f"lancer le DAG « {DAGS['requete_nationale']} » pour un mois, puis recharger cette page.",
            )
        return self.choisi

    def follow(self, ecran: str) -> str:
        """Return the way to a screen, with the month and the Caf that were chosen."""
        caf = self.caf.code_caf if self.caf else ""
        if ecran == "caf" and caf:
            ecran, caf = f"caf/{caf}", ""
        cles = {"mois": str(self.choisi or ""), "caf": caf}
        suite = urlencode({cle: valeur for cle, valeur in cles.items() if valeur})
        return f"/{ecran}{'?' if suite else ''}{suite}"

    @property
    def a_faire(self) -> int:
        """How many things wait for a person."""
        return sum(g.nombre for g in self.attentes)

    @property
    def attentes(self) -> tuple[Groupe, ...]:
        """What waits for a person: read at most twice a minute in a process, whoever asks."""
        if not _LUES or _LUES[0][0] < time.monotonic():
            self.keep_a_faire(load_a_faire(self._pilotage, datetime.now(PARIS).date(), load_reglages()))
        return _LUES[0][1]

    def keep_a_faire(self, groupes: tuple[Groupe, ...]) -> None:
        """Keep what was just read."""
        _LUES[:] = [(time.monotonic() + _SECONDES, groupes)]


_SECONDES = 30
_LUES: list[tuple[float, tuple[Groupe, ...]]] = []


def forget_a_faire() -> None:
    """Read again at the next screen: somebody has just acted."""
    _LUES.clear()


MoisDep = Annotated[ChoixMois, Depends()]
