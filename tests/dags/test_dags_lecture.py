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


MAUVAIS = {
    "prise": ("import socket\nsocket.create_connection(('127.0.0.1', 9))", "socket."),
    "psycopg": ("import psycopg\npsycopg.connect('host=127.0.0.1')", "connexion"),
    "sqlalchemy": ("import sqlalchemy\nsqlalchemy.create_engine('sqlite://')", "connexion"),
    "processus": ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
    "reference": ("from aller_vers.socle.referentiel import load_caf\nload_caf()", "open caf.csv"),
    "sql": (
        "from aller_vers.socle.sql import read_sql\nread_sql('qualite/record_verdicts.sql')",
        "open record_verdicts.sql",
    ),
    "ecriture": (
        "import pathlib\npathlib.Path(__file__).with_suffix('.txt').write_text('')",
        "open ecriture.txt",
    ),
    "erreur": ("1 / 0", "ZeroDivisionError"),
    "telephones": ("import phonenumbers", "import phonenumbers"),
    "pandas": ("def lire():\n    import pandas\nlire()", "import pandas"),
    "innocent": ("from aller_vers.socle.mois import Mois", ""),
}


@pytest.fixture(scope="module")
def mauvais(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    dossier = tmp_path_factory.mktemp("dags")
    for nom, (texte, _) in MAUVAIS.items():
        (dossier / f"{nom}.py").write_text(texte, encoding="utf-8")
    return read_watched(dossier / "maison", *(dossier / f"{nom}.py" for nom in MAUVAIS))


@pytest.mark.parametrize("nom", MAUVAIS)
def test_a_dag_file_that_does_more_is_seen(mauvais: dict[str, list[str]], nom: str) -> None:
    faute = MAUVAIS[nom][1]
    faits = mauvais[f"{nom}.py"]
    assert any(fait.startswith(faute) for fait in faits) if faute else faits == [], faits
