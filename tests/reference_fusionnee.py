"""A reference in which a Caf has merged, for the tests that read its past under its successor."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aller_vers.socle.dossiers_reference import find_installe


def merge_var(dossier: Path, environnement: pytest.MonkeyPatch) -> None:
    """Let the Var end with June 2025, merged into the Alpes-de-Haute-Provence: read in this folder from now on."""
    shutil.copytree(find_installe(), dossier / "r", ignore=shutil.ignore_patterns("*.py"))
    caf = dossier / "r" / "caf.csv"
    lues = caf.read_text(encoding="utf-8").replace(";Var;;", ";Var;;2025-06-30")
    caf.write_text(lues.replace(";04;775549371;;", ";04;775549371;831;"), encoding="utf-8")
    environnement.setenv("AV_REFERENCE", str(dossier / "r"))
