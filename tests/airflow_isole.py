"""Airflow in a test: this checkout's DAGs and plugins, a home of its own, no database."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJET = Path(__file__).parents[1]


def isolate_airflow() -> Path:
    """Point Airflow at a throw-away home, before anything imports it; return that home.

    Raises:
        RuntimeError: Airflow was imported before, with another home: the tests would touch it.
    """
    prefixe = "aller-vers-airflow-"
    actuel = Path(os.environ.get("AIRFLOW_HOME", ""))
    if actuel.name.startswith(prefixe):
        return actuel
    if "airflow" in sys.modules:
        raise RuntimeError("airflow was imported before isolate_airflow(): call it in a conftest.py")
    maison = Path(tempfile.mkdtemp(prefix=prefixe))
    atexit.register(shutil.rmtree, maison, ignore_errors=True)
    os.environ |= build_environnement(maison)
    if str(PROJET / "plugins") not in sys.path:
        sys.path.insert(0, str(PROJET / "plugins"))
    return maison


def build_environnement(maison: Path) -> dict[str, str]:
    """Return the variables of an Airflow that reads this checkout, and whose database does not exist."""
    return {
        "AIRFLOW_HOME": str(maison),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJET / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJET / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{maison}/absente.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
    }
