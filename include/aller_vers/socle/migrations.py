"""Numbered SQL revisions of the warehouse, applied by Alembic with a version table of the project's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script.base import Script
from alembic.script.revision import RevisionMap
from sqlalchemy import Connection, text

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sql import DOSSIER

TABLE_DE_VERSION = "aller_vers_version"
_NOM = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def migrate(connexion: Connection, dossier: Path = DOSSIER / "socle" / "migrations") -> list[str]:
    """Bring the warehouse to the newest revision, in the caller's transaction, as the owner of the warehouse.

    Returns:
        The revisions that were applied, in order; none when the warehouse is up to date.

    Raises:
        ErreurAllerVers: the warehouse is at a revision that this version of the project does not know.
    """
    connexion.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('aller_vers/migrations', 0))"))
    fichiers = sorted(f for f in dossier.iterdir() if _NOM.fullmatch(f.name))
    revisions = RevisionMap(lambda: _build_scripts(fichiers))
    appliquees: list[str] = []

    def plan(actuelle: Any, _: MigrationContext) -> list[MigrationStep]:
        _require_known(actuelle, fichiers)
        manquantes = reversed(list(revisions.iterate_revisions("heads", actuelle or "base")))
        etapes: list[MigrationStep] = []
        for script in manquantes:
            assert isinstance(script, Script)
            etapes.append(RevisionStep.upgrade_from_script(revisions, script))
            appliquees.append(script.revision)
        return etapes

    contexte = MigrationContext.configure(
        connexion, opts={"version_table": TABLE_DE_VERSION, "version_table_schema": "public", "fn": plan}
    )
    contexte.run_migrations(connexion=connexion)
    return appliquees


def find_derniere(dossier: Path = DOSSIER / "socle" / "migrations") -> str:
    """Return the newest revision that this version of the project knows."""
    return max(fichier.name[:4] for fichier in dossier.iterdir() if _NOM.fullmatch(fichier.name))


def _build_scripts(fichiers: list[Path]) -> list[Script]:
    scripts: list[Script] = []
    precedente: str | None = None
    for fichier in fichiers:
        module = ModuleType(f"migration_{fichier.stem}")
        revision = fichier.name[:4]
        vars(module).update(revision=revision, down_revision=precedente, upgrade=_upgrade(fichier))
        scripts.append(Script(module, revision, str(fichier)))
        precedente = revision
    return scripts


def _upgrade(fichier: Path) -> Callable[..., None]:
    def upgrade(connexion: Connection) -> None:
        # The driver, without parameters, takes a file of several statements as it stands.
        connexion.connection.cursor().execute(fichier.read_text(encoding="utf-8"))

    return upgrade


def _require_known(actuelle: Any, fichiers: list[Path]) -> None:
    connues = {fichier.name[:4] for fichier in fichiers}
    inconnues = set(actuelle if isinstance(actuelle, tuple) else (actuelle,)) - connues - {None}
    if inconnues:
        raise ErreurAllerVers(
            f"L'entrepôt est à la révision {', '.join(sorted(inconnues))}, que cette version ne connaît pas.",
            "installer la version du projet qui l'a créée, ou une plus récente.",
        )
