"""Files that others put on the share: taken whole or refused; what could be neither is told at the end."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import tache

if TYPE_CHECKING:
    from aller_vers.retours.fichiers.boite import Take
    from aller_vers.retours.fichiers.formes import Nom

_journal = logging.getLogger(__name__)


def collect_files(
    dossiers: Sequence[str], formes: tuple[Nom, ...], take: Take, maintenant: datetime
) -> dict[str, Any]:
    """Receive the files of these folders of the share, each whole or not at all; return what became of them."""
    from aller_vers.retours.fichiers.boite import Boite, collect
    from aller_vers.retours.fichiers.examen import open_examinateur

    with open_examinateur() as examinateur:
        boite = Boite.of(
            load_reglages(), lambda: open_base("av_entrepot"), open_partage(), maintenant, formes,
            examinateur.read, take,
        )  # fmt: skip
        return asdict(collect(boite, dossiers, _journal.warning))


@tache()
def check_fichiers(bilan: Any) -> None:
    """Fail, once everything else is done, if a file could be neither taken nor refused."""
    from aller_vers.retours.fichiers.boite import BilanReception

    BilanReception(bloques=tuple(bilan["bloques"])).require_all()
