"""Several acts at once, from the same instant: what two runs of a step do to one another."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

C = TypeVar("C")
R = TypeVar("R")


def run_together(connect: Callable[[], AbstractContextManager[C]], *actes: Callable[[C], R]) -> list[R]:
    """Return what each act gave, each in its own thread, inside what ``connect`` opens; all are released at once.

    Raises:
        Exception: the first that an act raised.
    """
    depart = threading.Barrier(len(actes), timeout=60)

    def run(acte: Callable[[C], R]) -> R:
        with connect() as connexion:
            depart.wait()
            return acte(connexion)

    with ThreadPoolExecutor(len(actes)) as fils:
        return list(fils.map(run, actes))
