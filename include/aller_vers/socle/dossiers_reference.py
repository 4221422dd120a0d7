"""Where the reference files are: those installed, those that people drop, the sets that were taken."""

from __future__ import annotations

import os
from pathlib import Path

# In the folder where files are dropped, the sets that were taken.
PRISES = "prises"
_LIVREE = Path(__file__).parents[2] / "reference"


def find_dossier() -> Path:
    """Return the folder of the reference files in force: the last set that was taken, else what was installed."""
    prises = list_prises()
    return prises[-1] if prises else find_installe()


def find_installe() -> Path:
    """Return the folder of the installed files: ``AV_REFERENCE`` if set, else ``include/reference``."""
    configured = os.environ.get("AV_REFERENCE")
    return Path(configured) if configured else _LIVREE


def find_depot() -> Path | None:
    """Return the folder where people drop files that replace installed ones, None where there is none."""
    configured = os.environ.get("AV_DEPOT_REFERENCE")
    return Path(configured) if configured else None


def list_prises() -> list[Path]:
    """Return the sets that were taken, each a whole and never modified, the last one last."""
    depot = find_depot()
    if depot is None or not (depot / PRISES).is_dir():
        return []
    return sorted(prise for prise in (depot / PRISES).iterdir() if not prise.name.startswith("."))
