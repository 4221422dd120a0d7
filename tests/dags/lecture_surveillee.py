"""Run by test_dags_lecture in a process of its own: read DAG files, report what each does besides.

Airflow is imported first, so that what is seen is the file's own doing.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import airflow.sdk  # noqa: F401
import croniter  # noqa: F401 - Airflow's own, for any cron: importing it runs « file », once a process
import dill  # noqa: F401 - Airflow's own, for its operators: importing it opens /dev/null, once a process
import psycopg
import sqlalchemy

LOURDS = {"pandas", "great_expectations", "numpy", "xlsxwriter", "phonenumbers"}
DEHORS = {
    "socket.connect", "socket.getaddrinfo", "socket.bind", "sqlite3.connect",
    "subprocess.Popen", "os.system", "os.fork", "os.exec", "os.posix_spawn",
}  # fmt: skip

vus: list[str] = []


def watch(fichier: Path) -> list[str]:
    """Return what reading this DAG file does besides reading modules and the settings' file."""
    vus.clear()
    modules_avant = set(sys.modules)
    try:
        runpy.run_path(str(fichier))
    except Exception as erreur:  # noqa: BLE001 - whatever the file raises is what is reported
        vus.append(f"{type(erreur).__name__}: {erreur}")
    return vus + [f"import {nom}" for nom in sorted(LOURDS & (set(sys.modules) - modules_avant))]


def set_traps(projet: Path) -> None:
    """Note every connection, process, file written, and file of the project read that is not a module."""

    def note(evenement: str, arguments: tuple[Any, ...]) -> None:
        if evenement in DEHORS:
            vus.append(f"{evenement} {arguments[-1]!s:.80}")
        elif evenement == "open" and isinstance(arguments[0], str):
            chemin, mode = Path(arguments[0]), arguments[1]
            ecrit = isinstance(mode, str) and set(mode) & set("wax+")
            admis = chemin.suffix in {".py", ".pyc"} or chemin.name == "reglages.yml"
            if ecrit or (chemin.is_relative_to(projet) and ".venv" not in chemin.parts and not admis):
                vus.append(f"open {chemin.name} {mode}")

    def refuse(*_: Any, **__: Any) -> None:
        vus.append("connexion")
        raise ConnectionError("a DAG file connects to a database")

    psycopg.connect = psycopg.Connection.connect = refuse  # type: ignore[assignment,method-assign]
    sqlalchemy.create_engine = refuse  # type: ignore[assignment]
    sys.dont_write_bytecode = True
    sys.addaudithook(note)


if __name__ == "__main__":
    racine = Path(sys.argv[1])
    set_traps(racine)
    print(json.dumps({chemin: watch(Path(chemin)) for chemin in sys.argv[2:]}))
