"""Run by test_dags_lecture in a process of its own: read one DAG file, report what it does besides.

Airflow is imported first, so that what is seen is the file's own doing.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import airflow.sdk
import airflow.timetables.base
import psycopg
import sqlalchemy

LOURDS = {"pandas", "great_expectations", "numpy", "xlsxwriter", "phonenumbers"}
RESEAU = {"socket.connect", "socket.getaddrinfo", "socket.bind", "sqlite3.connect"}
PROCESSUS = {"subprocess.Popen", "os.system", "os.fork", "os.exec", "os.posix_spawn"}
LECTURES_ADMISES = {".py", ".pyc"}


def watch(fichier: str, projet: str) -> list[str]:
    """Return what reading this DAG file does besides reading modules and the settings' file."""
    vus: list[str] = []

    def note(evenement: str, arguments: tuple[Any, ...]) -> None:
        if evenement in RESEAU | PROCESSUS:
            vus.append(f"{evenement} {arguments[-1]!s:.80}")
        elif evenement == "open" and isinstance(arguments[0], str | bytes):
            chemin, mode = (
                Path(arguments[0] if isinstance(arguments[0], str) else arguments[0].decode()),
                arguments[1],
            )
            ecrit = isinstance(mode, str) and any(lettre in mode for lettre in "wax+")
            lu = chemin.is_relative_to(projet) or chemin.is_relative_to(Path(fichier).parent)
            if ecrit or (lu and chemin.suffix not in LECTURES_ADMISES and chemin.name != "reglages.yml"):
                vus.append(f"open {chemin.name} {mode}")

    def refuse(*_: Any, **__: Any) -> None:
        vus.append("psycopg.connect")
        raise AssertionError("a DAG file connects to a database")

    psycopg.connect = psycopg.Connection.connect = refuse  # type: ignore[assignment,method-assign]
    sqlalchemy.create_engine = refuse  # type: ignore[assignment]
    dags_avant, modules_avant = sys.dont_write_bytecode, set(sys.modules)
    sys.dont_write_bytecode = True
    sys.addaudithook(note)
    try:
        runpy.run_path(fichier)
    except Exception as erreur:
        vus.append(f"{type(erreur).__name__}: {erreur}")
    vus += [f"import {nom}" for nom in sorted(LOURDS & (set(sys.modules) - modules_avant))]
    sys.dont_write_bytecode = dags_avant
    return vus


if __name__ == "__main__":
    print(json.dumps({fichier: watch(fichier, sys.argv[1]) for fichier in sys.argv[2:]}))
