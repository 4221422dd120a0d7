"""Airflow's own database, cleaned by Airflow's own command."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from aller_vers.socle.erreurs import ErreurAllerVers

_REFUSES = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__CORE__SQL_ALCHEMY_CONN"}


def clean_metadonnees(adresse: str, avant: datetime) -> None:
    """Run ``airflow db clean`` up to this instant: no archive table, and a failure is one.

    In a process of its own: a task is refused the database, and the connection ``av_metadonnees`` gives it to this
    command alone.

    Raises:
        ErreurAllerVers: the command failed.
    """
    environnement = {cle: valeur for cle, valeur in os.environ.items() if cle not in _REFUSES}
    fini = subprocess.run(  # noqa: S603 - a fixed command
        [
            str(Path(sys.executable).with_name("airflow")), "db", "clean", "--yes", "--skip-archive",
            "--error-on-cleanup-failure", "--clean-before-timestamp", avant.isoformat(),
        ],
        env=environnement | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": adresse},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if fini.returncode:
        raise ErreurAllerVers(
            f"« airflow db clean » a échoué (code {fini.returncode}).",
            "lancer « airflow db clean --dry-run » sur la machine d'Airflow ; vérifier la connexion av_metadonnees.",
            passagere=True,
        )


def grant_nettoyage(moteur: Any, role: str) -> None:
    """Let a role do in Airflow's database what ``airflow db clean`` does, and nothing else; run by its owner.

    That command copies what it deletes into a table of its own, which it drops: ``preparer`` lets it make one.
    Accounts, connections, variables and DAGs stay out of reach.
    """
    from airflow.utils.db_cleanup import config_dict
    from sqlalchemy import inspect

    with moteur.begin() as connexion:
        presentes = set(inspect(connexion).get_table_names())
        nettoyees = sql.SQL(", ").join(map(sql.Identifier, sorted(presentes & set(config_dict))))
        for ordre in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "GRANT SELECT, DELETE ON {nettoyees} TO {role}",
            # What the query of one of them looks at.
            "GRANT SELECT ON asset_partition_dag_run TO {role}",
        ):
            requete = sql.SQL(ordre).format(role=sql.Identifier(role), nettoyees=nettoyees)
            connexion.connection.driver_connection.execute(requete)
