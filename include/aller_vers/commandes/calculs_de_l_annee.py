"""The second process of a year: it computes months, and writes reports, beside the days that follow."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from multiprocessing.connection import Connection as Tube
from typing import TYPE_CHECKING, Literal

from aller_vers.exploitation.annee.etapes import Journee, run_diffusion, run_marts, run_rapports
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

if TYPE_CHECKING:
    from aller_vers.commandes.annee_sur_le_poste import Vecu

Etape = Literal["marts", "rapports"]
_ETAPES: Mapping[Etape, tuple[Callable[[Journee, Sequence[Mois]], None], ...]] = {
    "marts": (run_marts, lambda journee, _: run_diffusion(journee)),
    "rapports": (run_rapports,),
}


class Calculs:
    """Steps that run elsewhere, one after the other, on the warehouse as it was when each was asked for.

    The days that follow change neither what a step reads nor what it writes: it sees one instant of the warehouse, and
    nobody reads figures before the next are asked for.
    """

    def __init__(self) -> None:
        contexte = multiprocessing.get_context("fork")
        self._tube, autre = contexte.Pipe()
        self._processus = contexte.Process(target=_serve, args=(autre, self._tube), daemon=True)
        self._processus.start()
        autre.close()
        self._en_cours = False

    def start(self, etape: Etape, instant: datetime, mois: Sequence[Mois]) -> None:
        """Let a step run on these months; the former one has ended, and what this one will read is set.

        Raises:
            ErreurAllerVers: the former one has failed.
        """
        self.wait()
        self._receive((etape, instant, list(mois)))
        self._en_cours = True

    def wait(self) -> None:
        """Let the step that runs end.

        Raises:
            ErreurAllerVers: it has failed.
        """
        if self._en_cours:
            self._en_cours = False
            self._receive()

    def close(self) -> None:
        """End the process, whatever it does; one that does nothing ends by itself, and leaves nothing behind."""
        self._tube.close()
        if self._en_cours:
            self._processus.terminate()
        self._processus.join()

    def _receive(self, demande: tuple[Etape, datetime, list[Mois]] | None = None) -> None:
        try:
            if demande:
                self._tube.send(demande)
            refus = self._tube.recv()
        except (EOFError, OSError):
            raise ErreurAllerVers(
                "Le second processus de l'année s'est arrêté.", "relancer la commande, après make clean."
            ) from None
        if refus is not None:
            raise ErreurAllerVers(*refus)


def _serve(tube: Tube, autre: Tube) -> None:
    from aller_vers.commandes.annee_sur_le_poste import Vecu
    from aller_vers.poste.installation import load_poste

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asked ends it
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    autre.close()  # theirs alone, or their end would never be seen
    vecu: Vecu | None = None
    while True:
        try:
            etape, instant, mois = tube.recv()
        except EOFError:
            return
        vecu = vecu or Vecu(load_poste())
        refus = None
        try:
            _run(vecu, tube, etape, instant, mois)
        except ErreurAllerVers as erreur:
            refus = erreur.constat, erreur.remede
        tube.send(refus)


def _run(vecu: Vecu, tube: Tube, etape: Etape, instant: datetime, mois: Sequence[Mois]) -> None:
    refus = None
    with vecu.freeze() as entrepot:
        tube.send(None)
        journee = replace(vecu.build_journee(instant), open_base=lambda _: nullcontext(entrepot))
        try:
            for run in _ETAPES[etape]:
                run(journee, mois)
        except ErreurAllerVers as erreur:  # what holds a month is kept, as its verdicts are
            refus = erreur
    if refus:
        raise refus
