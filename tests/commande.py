"""The project's commands, run in this process as ``python -m aller_vers`` does in its own."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from typing import NamedTuple

import pytest

from aller_vers.__main__ import main
from aller_vers.socle.reglages import load_reglages


class Fini(NamedTuple):
    """How a command ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def run_commande(*arguments: str, entree: str = "", env: Mapping[str, str] = {}, seul: bool = False) -> Fini:
    """Run a command with these variables; ``seul``: without any other of the project's or of Airflow's."""
    sorties = [io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2)]
    with pytest.MonkeyPatch.context() as ici:
        for nom in [n for n in os.environ if seul and n.startswith(("AV_", "AIRFLOW_"))]:
            ici.delenv(nom)
        for nom, valeur in {"COLUMNS": "300", **env}.items():
            ici.setenv(nom, valeur)
        ici.setattr("sys.stdin", io.StringIO(entree))
        ici.setattr("sys.stdout", sorties[0])
        ici.setattr("sys.stderr", sorties[1])
        load_reglages.cache_clear()
        try:
            code = main(list(arguments))
        except SystemExit as fin:  # the line itself is wrong
            code = int(fin.code or 0)
    load_reglages.cache_clear()
    out, err = (sortie.buffer.getvalue().decode() for sortie in sorties)  # type: ignore[attr-defined]
    return Fini(code, out, err)
