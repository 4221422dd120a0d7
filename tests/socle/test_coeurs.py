"""An act on many slices: by several processes, in order, few at once, and none that outlives who asked."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection

import psutil
import pytest

from aller_vers.socle.coeurs import spread


def tell(tranche: int) -> tuple[int, int]:
    time.sleep(0.02 if tranche % 2 else 0)
    return tranche, os.getpid()


def fail(tranche: int) -> int:
    if tranche == 3:
        raise ValueError(tranche)
    return tranche


@pytest.fixture(autouse=True)
def coeurs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def test_slices_come_back_in_their_order_from_several_processes() -> None:
    rendus = list(spread(tell, range(20)))
    assert [tranche for tranche, _ in rendus] == list(range(20))
    assert os.getpid() not in {processus for _, processus in rendus}
    assert len({processus for _, processus in rendus}) == 2


def test_a_machine_of_many_cores_lends_eight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    assert len({processus for _, processus in spread(tell, range(60))}) <= 8


@pytest.mark.parametrize("tranches", [[], [7]])
def test_a_slice_that_is_alone_starts_no_process(tranches: list[int]) -> None:
    assert list(spread(tell, tranches)) == [(tranche, os.getpid()) for tranche in tranches]


def test_few_slices_are_in_hand_at_once() -> None:
    prises = 0

    def give() -> Iterator[int]:
        nonlocal prises
        for tranche in range(100):
            prises += 1
            yield tranche

    for rendues, _ in enumerate(spread(fail_never, give())):
        assert prises - rendues <= 3


def fail_never(tranche: int) -> int:
    return tranche


def test_what_an_act_raises_is_raised_here() -> None:
    with pytest.raises(ValueError, match="3"):
        list(spread(fail, range(100)))


def work(tuyau: Connection) -> None:
    for _, processus in spread(tell, range(100_000)):
        tuyau.send(processus)


def test_a_daemon_has_processes_that_end_with_it_when_it_is_killed() -> None:
    ici, la = multiprocessing.Pipe()
    ouvrier = multiprocessing.get_context("fork").Process(target=work, args=(la,), daemon=True)
    ouvrier.start()
    assert ici.poll(20)
    processus = {ici.recv() for _ in range(10)}
    assert ouvrier.pid
    os.kill(ouvrier.pid, signal.SIGKILL)
    ouvrier.join()
    fin = time.monotonic() + 20
    while time.monotonic() < fin and any(map(is_alive, processus)):
        time.sleep(0.05)
    assert not any(map(is_alive, processus))


def is_alive(pid: int) -> bool:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
