"""The account that runs PostgreSQL: ours, or an ordinary one when we are root."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import NamedTuple


class Compte(NamedTuple):
    """A Unix account."""

    uid: int
    gid: int


def run_as(compte: Compte | None, *commande: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program as this account (None: ours), where anybody can enter, without PG* variables."""
    return subprocess.run(  # noqa: S603 - fixed programs and arguments, no shell
        [str(mot) for mot in commande],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.defpath, "HOME": "/", "LC_ALL": "C"},
        user=compte.uid if compte else None,
        group=compte.gid if compte else None,
        extra_groups=[] if compte else None,
        umask=0o077,
    )


def can_enter(compte: Compte | None, chemin: Path) -> bool:
    """Tell whether this account (None: ours) can enter this folder, or run this program."""
    return compte is None or run_as(compte, "/bin/sh", "-c", 'test -x "$1"', "sh", chemin).returncode == 0
