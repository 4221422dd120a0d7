"""Airflow's graph of assets, under the image's own settings: it answers, and goes from the request to the reports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from compose_lu import read_env_image
from serveur_page import PROJET, Page


def test_the_graph_of_assets_goes_from_the_request_to_the_reports(page: Page, tmp_path: Path) -> None:
    metadonnees = page.metadonnees.replace("postgresql://", "postgresql+psycopg://")
    reglages = {
        "CORE__DAGS_FOLDER": str(PROJET / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJET / "plugins"),
        "DATABASE__SQL_ALCHEMY_CONN": metadonnees,
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadonnees,
    }
    environnement = {
        **os.environ,
        **{
            n: v for n, v in read_env_image().items() if n.startswith("AIRFLOW__CORE__") and "FOLDER" not in n
        },
        **{f"AIRFLOW__{n}": v for n, v in reglages.items()},
        "AIRFLOW_HOME": str(tmp_path),
    }
    fini = subprocess.run(
        [str(Path(sys.executable).with_name("airflow")), "dags", "reserialize"],
        env=environnement, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert fini.returncode == 0, fini.stderr[-2000:] + fini.stdout[-2000:]
    with page.open("administratrice") as client:
        reponse = client.get(
            "/ui/dependencies", headers={"Authorization": f"Bearer {page.jetons['administratrice']}"}
        )
    assert reponse.status_code == 200, reponse.text
    suites: dict[str, set[str]] = {}
    for arete in reponse.json()["edges"]:
        suites.setdefault(arete["source_id"], set()).add(arete["target_id"])
    atteints, nouveaux = set[str](), {"dag:requete_nationale"}
    while nouveaux:
        atteints |= nouveaux
        nouveaux = set().union(*(suites.get(n, set()) for n in nouveaux)) - atteints
    assert {"dag:depots_caf", "dag:marts_indicateurs", "dag:rapports"} <= atteints
