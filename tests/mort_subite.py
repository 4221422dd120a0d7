"""A process that dies before one of its acts, as by SIGKILL: what it leaves is what the next run finds."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

TUE = 9

if not hasattr(os, "fork"):
    pytest.skip("os.fork is missing", allow_module_level=True)


def run_killed(point: int, action: Callable[[Callable[[], None]], object]) -> bool:
    """Run in a process that dies right before its ``point``-th act; False if it ends alive.

    ``action`` is given what to call before each act.
    """
    if enfant := os.fork():
        fin = os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1])
        assert fin in (0, TUE)
        return fin == TUE
    compte = 0

    def act() -> None:
        nonlocal compte
        compte += 1
        if compte == point:
            os._exit(TUE)

    try:
        action(act)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child must never go on as a second pytest
        sys.excepthook(*sys.exc_info())
        os._exit(3)


def run_killed_on_disk(point: int, racine: Path, action: Callable[[], object], *, cut: bool = False) -> bool:
    """The same, where the acts are all that outlives a process.

    On the share: making a folder, opening a file to write it, its flush if ``cut`` (the file is then cut in half),
    renaming, removing. On the warehouse, each commit: of a statement that it does not reach nothing is left.
    """

    def run(act: Callable[[], None]) -> None:
        def audit(evenement: str, arguments: tuple[Any, ...]) -> None:
            ecrit = evenement in ("os.rename", "os.remove", "os.rmdir", "os.mkdir") or (
                evenement == "open" and bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR))
            )
            # `shutil.rmtree` removes by names alone, from within the folder.
            if ecrit and (
                evenement in ("os.remove", "os.rmdir") or str(arguments[0]).startswith(str(racine))
            ):
                act()

        def flush_half(descripteur: int) -> None:
            fichier = Path(f"/proc/self/fd/{descripteur}")
            if fichier.resolve().is_file():
                octets = fichier.read_bytes()
                os.ftruncate(descripteur, len(octets) // 2)
                act()
                os.pwrite(descripteur, octets, 0)
            flush(descripteur)

        if cut:
            flush, os.fsync = os.fsync, flush_half
        event.listen(Engine, "commit", lambda _: act())
        sys.addaudithook(audit)
        action()

    return run_killed(point, run)
