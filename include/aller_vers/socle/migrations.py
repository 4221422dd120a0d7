"""Numbered SQL revisions of the warehouse (``include/sql/socle/schema``), applied in order and never undone."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Connection

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import DOSSIER, run_sql

SCHEMA = DOSSIER / "socle" / "schema"
_NOM = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def migrate(connexion: Connection, dossier: Path = SCHEMA) -> list[str]:
    """Bring the warehouse to the newest revision, in the caller's transaction, as the owner of the warehouse.

    Returns:
        The revisions that were applied, in order; none when the warehouse is up to date.

    Raises:
        ErreurAllerVers: the warehouse is at a revision that this version of the project does not know.
    """
    run_sql(connexion, "socle/lock_revision.sql")
    run_sql(connexion, "socle/create_revision.sql")
    actuelle = run_sql(connexion, "socle/select_revision.sql").scalar()
    revisions = _list_revisions(dossier)
    if actuelle is not None and actuelle not in revisions:
        raise ErreurAllerVers(
            f"L'entrepôt est à la révision {actuelle}, que cette version ne connaît pas.",
            "installer la version du projet qui l'a créée, ou une plus récente.",
        )
    manquantes = [revision for revision in revisions if revision > (actuelle or "")]
    for revision in manquantes:
        # The driver, without parameters, takes a file of several statements as it stands.
        connexion.connection.cursor().execute(revisions[revision].read_text(encoding="utf-8"))
    if manquantes:
        run_sql(connexion, "socle/record_revision.sql", revision=manquantes[-1])
    return manquantes


def find_derniere(dossier: Path = SCHEMA) -> str:
    """Return the newest revision that this version of the project knows."""
    return max(_list_revisions(dossier))


def _list_revisions(dossier: Path) -> dict[str, Path]:
    """Return the files of the folder in order, by their number; what is not named as a revision is left out."""
    return {
        fichier.name[:4]: fichier for fichier in sorted(dossier.iterdir()) if _NOM.fullmatch(fichier.name)
    }
