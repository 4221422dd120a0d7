"""A drop that is killed anywhere: no half lot is ever a lot, and the next run completes it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from lots_exemples import CLAIRE, PAUL, Depot

from aller_vers.suivi import verify_chaines

PREMIER = [(1, "prepare"), (1, "depose")]
TUE = 9


def write_killed(depot: Depot, caf: str, point: int) -> bool:
    """Write the lot in a process that dies right before its ``point``-th act on the share; False if it ends alive.

    Acts: creating a folder, opening a file to write it, flushing (the file is then cut in half), renaming,
    removing; and, last of all, the commit.
    """
    enfant = os.fork()
    if enfant:
        return os.waitstatus_to_exitcode(os.waitpid(enfant, 0)[1]) == TUE
    try:
        _die_at(point, str(depot.racine))
        depot.write(caf)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a child must never go on as a second pytest
        sys.excepthook(*sys.exc_info())
        os._exit(3)


def _die_at(point: int, racine: str) -> None:
    compte = 0
    flush = os.fsync

    def act() -> None:
        nonlocal compte
        compte += 1
        if compte == point:
            os._exit(TUE)

    def audit(evenement: str, arguments: tuple[Any, ...]) -> None:
        ecrit = evenement in ("os.rename", "os.remove", "os.mkdir") or (
            evenement == "open" and bool((arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR))
        )
        if ecrit and str(arguments[0]).startswith(racine):
            act()

    def cut(descripteur: int) -> None:
        if compte + 1 == point and Path(f"/proc/self/fd/{descripteur}").resolve().is_file():
            os.ftruncate(descripteur, os.fstat(descripteur).st_size // 2)
        act()
        flush(descripteur)

    os.fsync = cut
    sys.addaudithook(audit)


def kill_everywhere(depot: Depot, codes: list[str]) -> tuple[int, set[object]]:
    """Kill the drop of one Caf after another, each one act later, until one survives; each is then run again.

    Returns:
        How many deaths, and which versions a reader saw right after them (None: no lot).
    """
    vus: set[object] = set()
    for point, caf in enumerate(codes, start=1):
        if not write_killed(depot, caf, point):
            return point - 1, vus
        lu = depot.read_lot(caf)  # fails by itself on a lot that is not complete
        vus.add(lu and lu["version"])
        depot.write(caf)
        assert not list(depot.racine.glob(f"{caf}/2025-06/*/.partiel-*"))
    pytest.fail("the drop never survived")


@pytest.fixture
def codes(depot: Depot) -> list[str]:
    return [ligne[0] for ligne in depot.run("SELECT code_caf FROM marts.caf ORDER BY 1")]


def test_a_first_drop_killed_at_every_act_is_completed_by_the_next_run(
    depot: Depot, codes: list[str]
) -> None:
    depot.publish({caf: [CLAIRE] for caf in codes[:45]})
    morts, vus = kill_everywhere(depot, codes[:45])
    assert morts > 15, "four files, each opened, flushed, renamed"
    assert vus == {None, 1}
    for caf in codes[:morts]:
        lot = depot.read_lot(caf)
        assert lot is not None
        assert lot["version"] == 1
        assert depot.journal(caf) == PREMIER
    assert depot.count_avis() == morts + 1
    with depot.connect() as entrepot:
        assert verify_chaines(entrepot) == []


def test_a_second_version_killed_at_every_act_is_completed_by_the_next_run(
    depot: Depot, codes: list[str]
) -> None:
    codes = codes[:45]
    depot.publish({caf: [CLAIRE] for caf in codes})
    for caf in codes:
        depot.write(caf)
    depot.publish({caf: [PAUL] for caf in codes}, run_id="r2")
    morts, vus = kill_everywhere(depot, codes)
    assert morts > 16
    assert vus == {1, 2}
    for caf in codes[:morts]:
        lot = depot.read_lot(caf)
        assert lot is not None
        assert lot["version"] == 2
        assert depot.journal(caf) == [*PREMIER, (2, "prepare"), (2, "depose"), (1, "remplace")]
        assert not list(depot.lot(1, caf).glob("*.xlsx"))
    with depot.connect() as entrepot:
        assert verify_chaines(entrepot) == []


def test_a_repair_killed_at_every_act_is_completed_by_the_next_run(depot: Depot, codes: list[str]) -> None:
    codes = codes[:45]
    depot.publish({caf: [CLAIRE] for caf in codes})
    for caf in codes:
        depot.write(caf)
        (depot.lot(1, caf) / "LISEZMOI.txt").unlink()
    for point, caf in enumerate(codes, start=1):
        mort = write_killed(depot, caf, point)
        depot.write(caf)
        assert depot.read_lot(caf) is not None
        assert depot.journal(caf) == PREMIER
        if not mort:
            assert point > 10
            return
    pytest.fail("the repair never survived")
