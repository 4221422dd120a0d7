"""A drop that is killed anywhere: no half lot is ever a lot, and the next run completes it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lots_exemples import CLAIRE, PAUL, Depot, Personne

from aller_vers.partage.disque import Disque
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.trace import verify_trace
from mort_subite import run_killed_on_disk

PREMIER = [(1, "prepare"), (1, "depose")]
SECOND = [*PREMIER, (2, "prepare"), (2, "depose"), (1, "remplace")]


def write_killed(depot: Depot, caf: str, point: int) -> bool:
    return run_killed_on_disk(point, depot.racine, lambda: depot.write(caf), cut=True)


def put_courriel(depot: Depot, caf: str, personne: Personne) -> None:
    depot.run("UPDATE core.demandeur SET courriel = :c WHERE code_caf = :caf", c=personne[0], caf=caf)


def kill_everywhere(
    depot: Depot, codes: list[str], prepare: Callable[[str], object] = lambda _: None
) -> tuple[list[str], set[object]]:
    """Kill the drop of one Caf after another, each one act later, until one survives; each is then run again.

    Returns:
        The Caf whose drop died, and which versions a reader saw right after (None: no lot).
    """
    vus: set[object] = set()
    for point, caf in enumerate(codes, start=1):
        prepare(caf)
        if not write_killed(depot, caf, point):
            return codes[: point - 1], vus
        lu = depot.read_lot(caf)  # fails by itself on a lot that is not complete
        vus.add(lu and lu["version"])
        depot.write(caf)
        assert not list(depot.racine.glob(f"{caf}/2025-06/*/.partiel-*"))
    pytest.fail("the drop never survived")


@pytest.fixture
def codes(depot: Depot) -> list[str]:
    return [ligne[0] for ligne in depot.run("SELECT code_caf FROM marts.caf ORDER BY 1 LIMIT 60")]


def test_a_first_drop_killed_at_every_act_is_completed_by_the_next_run(
    depot: Depot, codes: list[str]
) -> None:
    depot.publish({caf: [CLAIRE] for caf in codes})
    morts, vus = kill_everywhere(depot, codes)
    assert len(morts) > 15, "five files, each opened, flushed, renamed"
    assert vus == {None, 1}
    for caf in morts:
        lot = depot.read_lot(caf)
        assert lot is not None
        assert lot["version"] == 1
        assert depot.journal(caf) == PREMIER
    assert depot.count_avis() == len(morts) + 1
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []


def test_a_second_version_killed_at_every_act_is_completed_by_the_next_run(
    depot: Depot, codes: list[str]
) -> None:
    depot.publish({caf: [CLAIRE] for caf in codes})

    def prepare(caf: str) -> None:
        depot.write(caf)
        put_courriel(depot, caf, PAUL)

    morts, vus = kill_everywhere(depot, codes, prepare)
    assert len(morts) > 20
    assert vus == {1, 2}
    for caf in morts:
        lot = depot.read_lot(caf)
        assert lot is not None
        assert lot["version"] == 2
        assert depot.journal(caf) == SECOND
        assert not list(depot.lot(1, caf).glob("*.xlsx"))
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []


def test_the_others_last_on_the_disk_before_the_manifest_appears(
    depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that loses its power keeps what was flushed, in the order in which it was: the folder, twice."""
    depot.publish({"831": [CLAIRE]})
    actes: list[str] = []

    def replace(provisoire: Path, cible: Path) -> Path:
        actes.append(cible.name)
        return provisoire.rename(cible)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(Disque, "_sync", lambda _, dossier: actes.append(dossier.name))
    depot.write()
    assert actes[4:] == ["v1", "manifeste.json", "v1"]
    assert {Path(nom).suffix for nom in actes[:4]} == {".xlsx", ".txt", ".csv"}


def test_a_repair_killed_at_every_act_is_completed_by_the_next_run(depot: Depot, codes: list[str]) -> None:
    depot.publish({caf: [CLAIRE] for caf in codes})
    for point, caf in enumerate(codes, start=1):
        depot.write(caf)
        (depot.lot(1, caf) / "LISEZMOI.txt").unlink()
        mort = write_killed(depot, caf, point)
        depot.write(caf)
        assert depot.read_lot(caf) is not None
        assert depot.journal(caf) == PREMIER
        if not mort:
            assert point > 15
            return
    pytest.fail("the repair never survived")


@contextmanager
def full_disk(point: int) -> Iterator[None]:
    """Let the disk be found full when the ``point``-th file, or folder, is flushed."""
    compte = 0
    flush = os.fsync

    def refuse(descripteur: int) -> None:
        nonlocal compte
        compte += 1
        if compte >= point:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flush(descripteur)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", refuse)
        yield


@contextmanager
def share_gone(point: int, racine: Path) -> Iterator[None]:
    """Take the share away, as an unmounting does, right before the ``point``-th act on it."""
    compte, ailleurs = 0, racine.with_name("ailleurs")

    def gone(acte: Callable[..., Any]) -> Callable[..., Any]:
        def act(*arguments: Any) -> Any:
            nonlocal compte
            compte += 1
            if compte == point:
                racine.rename(ailleurs)
            return acte(*arguments)

        return act

    try:
        with pytest.MonkeyPatch.context() as patch:
            for nom in ("write_aside", "remove", "scan", "read"):
                patch.setattr(Disque, nom, gone(getattr(Disque, nom)))
            patch.setattr(Path, "replace", gone(Path.replace))
            yield
    finally:
        assert ailleurs.exists() or compte < point
        assert not (ailleurs.exists() and racine.exists()), "a share that is gone is not made anew"
        if ailleurs.exists():
            ailleurs.rename(racine)


@pytest.mark.parametrize("panne", ["plein", "parti"])
def test_a_second_version_that_the_share_refuses_at_every_point_is_completed_by_the_next_run(
    depot: Depot, codes: list[str], panne: str
) -> None:
    depot.publish({caf: [CLAIRE] for caf in codes})
    vus = set()
    for point, caf in enumerate(codes, start=1):
        depot.write(caf)
        put_courriel(depot, caf, PAUL)
        refus = None
        with full_disk(point) if panne == "plein" else share_gone(point, depot.racine):
            try:
                depot.write(caf)
            except ErreurAllerVers as erreur:
                refus = erreur
        lu = depot.read_lot(caf)
        assert lu is not None
        vus.add(lu["version"])
        if refus is None:
            assert point > (8 if panne == "plein" else 15)
            break
        assert refus.passagere
        assert ("est plein" if panne == "plein" else "est introuvable") in str(refus)
        assert depot.journal(caf) == PREMIER, "the ledger says nothing of what did not end"
        assert not list(depot.racine.glob(f"{caf}/2025-06/*/.partiel-*")) or panne == "parti"
        depot.write(caf)
        lu = depot.read_lot(caf)
        assert lu is not None
        assert lu["version"] == 2
        assert depot.journal(caf) == SECOND
        assert not list(depot.lot(1, caf).glob("*.xlsx"))
        assert not list(depot.racine.glob(f"{caf}/2025-06/*/.partiel-*"))
    else:
        pytest.fail("the drop never succeeded")
    assert vus == {1, 2}
    with depot.connect() as entrepot:
        assert verify_trace(entrepot) == []
