"""Airflow's users in production: roles, first administrator, rights of the purge. A program, for ``preparer``."""

from __future__ import annotations

import json
import sys
from typing import Any

from aller_vers_airflow.metadonnees import grant_nettoyage

Droits = frozenset[tuple[str, str]]

# DAGs that the national team starts or answers, from the page or from Airflow.
_DE_L_EQUIPE = ("decisions_lots", "depots_caf", "suivi_transmissions")
_LECTURE = frozenset(
    {
        *(
            ("can_read", quoi)
            for quoi in (
                "Website", "DAGs", "DAG Runs", "DAG Dependencies", "DAG Versions", "DAG Warnings", "Task Instances",
                "Assets", "Cluster Activity", "Jobs", "Pools", "Plugins", "HITL Detail", "My Profile", "My Password",
            )
        ),
        *(("can_edit", quoi) for quoi in ("My Profile", "My Password")),
        *(("menu_access", quoi) for quoi in ("DAGs", "DAG Runs", "Assets", "Cluster Activity", "Docs")),
    }
)  # fmt: skip
_EQUIPE = frozenset(
    {
        ("can_edit", "HITL Detail"),
        *(("can_edit", f"DAG:{dag}") for dag in _DE_L_EQUIPE),
        *((f"can_{verbe}", f"DAG Run:{dag}") for dag in _DE_L_EQUIPE for verbe in ("create", "edit", "read")),
    }
)
_COMPTES = frozenset(
    (f"can_{v}", quoi) for v in ("create", "read", "edit", "delete") for quoi in ("Users", "Roles")
)
_JOURNAUX = frozenset({("can_read", "Task Logs"), ("can_read", "Audit Logs"), ("menu_access", "Audit Logs")})


def build_roles(gestion: Any) -> dict[str, Droits]:
    """Return what each role of the house may do: two as Airflow's own Admin and Op, two by name."""
    natifs = {config["role"]: frozenset(config["perms"]) for config in gestion.ROLE_CONFIGS}
    # Admin has more than its list: whatever exists, accounts included.
    admin = {(p.action.name, p.resource.name) for p in gestion.find_role("Admin").permissions}
    return {
        "administrateur": natifs["Admin"] | admin | _COMPTES,
        "ingenieur": natifs["Op"] | {("can_read", "Audit Logs")},
        "equipe_nationale": _LECTURE | _EQUIPE,
        "delegue_protection": _LECTURE | _JOURNAUX,
    }


def sync_roles(gestion: Any) -> None:
    """Give each role exactly its rights: what is missing is added, what is not its own is taken away."""
    for nom, droits in build_roles(gestion).items():
        role = gestion.find_role(nom) or gestion.add_role(nom)
        for permission in list(role.permissions):
            if (permission.action.name, permission.resource.name) not in droits:
                gestion.remove_permission_from_role(role, permission)
        for action, ressource in sorted(droits):
            gestion.add_permission_to_role(role, gestion.create_permission(action, ressource))


def create_administrateur(gestion: Any, nom: str, secret: str) -> None:
    """Make the first administrator, or give it this password again."""
    compte = gestion.find_user(username=nom)
    if compte is None:
        role = gestion.find_role("Admin")
        gestion.add_user(nom, "Compte", "d'installation", f"{nom}@localhost", role, secret)
    else:
        gestion.reset_password(compte.id, secret)


def main() -> None:
    """Read the first administrator from the standard input: a secret is in no list of processes."""
    from airflow import settings
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    compte = json.load(sys.stdin)
    with get_application_builder() as constructeur:
        gestion = constructeur.sm
        gestion.sync_roles()
        sync_roles(gestion)
        create_administrateur(gestion, compte["nom"], compte["secret"])
    moteur: Any = settings.engine
    if compte["purge"] != moteur.url.username:
        grant_nettoyage(moteur, compte["purge"])


if __name__ == "__main__":
    main()
