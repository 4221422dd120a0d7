"""Run in a process of its own: Airflow's database, and the users of the tests in its real user management (FAB)."""

from __future__ import annotations

import json
import sys


def create_comptes(comptes: dict[str, tuple[str, str]]) -> None:
    """Create each user with its role and password; a role that does not exist is made without any right."""
    from airflow.providers.fab.www.app import create_app
    from airflow.utils.db import upgradedb

    upgradedb()
    application = create_app(enable_plugins=False)
    with application.app_context():
        gestion = application.appbuilder.sm  # type: ignore[attr-defined]
        for nom, (role, secret) in comptes.items():
            trouve = gestion.find_role(role) or gestion.add_role(role)
            assert gestion.add_user(nom, nom, "Essai", f"{nom}@courriel.example.org", trouve, secret)


if __name__ == "__main__":
    create_comptes(json.load(sys.stdin))
