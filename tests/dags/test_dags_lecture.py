"""Reading a DAG file does nothing but read modules: the dag-processor does it every thirty seconds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from airflow_isole import PROJET, build_environnement

OUTIL = Path(__file__).with_name("lecture_surveillee.py")
FICHIERS = sorted((PROJET / "dags").glob("*.py"))


def read_watched(maison: Path, *fichiers: Path) -> dict[str, list[str]]:
    chemins = [str(PROJET / "plugins"), os.environ.get("PYTHONPATH", "")]
    fini = subprocess.run(
        [sys.executable, str(OUTIL), str(PROJET), *map(str, fichiers)],
        env=os.environ | build_environnement(maison) | {"PYTHONPATH": os.pathsep.join(chemins)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    vus: dict[str, list[str]] = json.loads(fini.stdout.splitlines()[-1])
    return {Path(fichier).name: faits for fichier, faits in vus.items()}


def test_reading_every_dag_opens_no_connection_no_process_and_no_file_but_its_modules(
    tmp_path: Path,
) -> None:
    assert len(FICHIERS) >= 3
    assert read_watched(tmp_path, *FICHIERS) == {fichier.name: [] for fichier in FICHIERS}
    assert not (tmp_path / "absente.db").exists()


@pytest.mark.parametrize(
    ("texte", "faute"),
    [
        ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "socket."),
        ("import psycopg\npsycopg.connect('host=127.0.0.1')", "psycopg.connect"),
        ("import sqlalchemy\nsqlalchemy.create_engine('sqlite://')", "psycopg.connect"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("from aller_vers.referentiel import load_caf\nload_caf()", "open caf.csv"),
        ("from aller_vers.sql import read_sql\nread_sql('dq/delete_verdict.sql')", "open delete_verdict.sql"),
        ("import pathlib\npathlib.Path(__file__).with_suffix('.txt').write_text('')", "open mauvais.txt w"),
        ("import great_expectations", "import great_expectations"),
        ("import pandas", "import pandas"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_a_dag_file_that_does_more_is_seen(tmp_path: Path, texte: str, faute: str) -> None:
    fichier = tmp_path / "mauvais.py"
    fichier.write_text(texte, encoding="utf-8")
    [faits] = read_watched(tmp_path, fichier).values()
    assert any(fait.startswith(faute) for fait in faits), faits
