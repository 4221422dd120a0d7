"""Who read what is kept once the answer has left: no reading waits for it, none fails by it."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import BackgroundTasks, Depends, Query

from aller_vers.pilotage.lectures import Fichier, Lecture, Quoi, record_lecture
from aller_vers.socle.mois import Mois
from aller_vers_airflow.pilotage.acces import LecteurDep
from aller_vers_airflow.pilotage.base import begin_pilotage

_journal = logging.getLogger(__name__)


class Carnet:
    """Notes what one person reads; what a route refuses is not read, and not noted."""

    def __init__(
        self, lecteur: LecteurDep, suites: BackgroundTasks, csv: Annotated[str, Query(max_length=80)] = ""
    ) -> None:
        self._lecteur, self._suites = lecteur, suites
        self._fichier: Fichier | None = "csv" if csv else None

    def note(
        self,
        quoi: Quoi,
        objet: str | None = None,
        mois: Mois | None = None,
        *,
        fichier: Fichier | None = None,
    ) -> None:
        """Keep this reading after the answer."""
        self._suites.add_task(
            _record, Lecture(self._lecteur.nom, quoi, fichier or self._fichier, objet, mois)
        )


CarnetDep = Annotated[Carnet, Depends()]


def _record(lecture: Lecture) -> None:
    try:
        with begin_pilotage() as pilotage:
            record_lecture(pilotage, lecture)
    except Exception as erreur:  # noqa: BLE001 - the answer has left: there is nobody to tell but the log
        _journal.error("Pilotage : une lecture n'a pas été gardée (%s).", type(erreur).__name__)
