"""One act on many slices, by as many processes as the machine has cores, eight at most."""

from __future__ import annotations

import gc
import multiprocessing
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from itertools import chain, islice
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")
# A container sees every core of its machine, whatever share of them it was given.
_AU_PLUS = 8
# In a process that does slices: what it does on each.
_ACTES: list[Callable[[Any], Any]] = []


def spread(acte: Callable[[T], R], tranches: Iterable[T]) -> Iterator[R]:
    """Yield what an act makes of each slice, in their order; a slice that is alone starts no process.

    Few slices are in hand at once: memory does not grow with their number.

    Args:
        acte: what asks nothing of a database: each process is born with its own copy of it, and of all it knows.
        tranches: what it is done on; they and what it returns go from a process to another.
    """
    toutes, coeurs = iter(tranches), min(os.cpu_count() or 1, _AU_PLUS)
    premieres = list(islice(toutes, 2))
    if len(premieres) < 2 or coeurs == 1:
        yield from map(acte, chain(premieres, toutes))
        return
    en_cours = deque[Future[R]]()
    # A fork: another start would read again all that Airflow is before the first slice.
    fourche = multiprocessing.get_context("fork")
    with _may_have_children(), ProcessPoolExecutor(coeurs, fourche, _begin, (acte,)) as processus:
        for tranche in chain(premieres, toutes):
            en_cours.append(processus.submit(_act, tranche))
            if len(en_cours) > coeurs:
                yield en_cours.popleft().result()
        while en_cours:
            yield en_cours.popleft().result()


@contextmanager
def _may_have_children() -> Iterator[None]:
    """Let a daemon start processes, which ``multiprocessing`` forbids since they could outlive it: ours do not.

    Celery's workers are daemons, and tasks are forked from them.
    """
    reglages: dict[str, object] = multiprocessing.current_process()._config  # type: ignore[attr-defined]
    avant = reglages.get("daemon")
    reglages["daemon"] = False
    try:
        yield
    finally:
        reglages["daemon"] = avant


def _begin(acte: Callable[[Any], Any]) -> None:
    """Begin a process: what it is born with is no garbage, and is not searched for any."""
    gc.freeze()
    _ACTES.append(acte)
    _end_with_parent()


def _act(tranche: Any) -> Any:
    return _ACTES[-1](tranche)


def _end_with_parent() -> None:
    """End this process when the one that started it is killed: nobody would give it another slice."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def follow() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=follow, daemon=True).start()
