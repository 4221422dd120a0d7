"""A file that a command was asked for is whole, or the former one stands."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.sorties import write_sortie


def test_a_disk_that_fills_up_leaves_the_former_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fichier = tmp_path / "neuf" / "preuve.zip"
    write_sortie(fichier, b"ancien")
    ecrit = Path.write_bytes

    def fill(soi: Path, octets: bytes) -> int:
        ecrit(soi, octets[:3])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(ErreurAllerVers, match=r"preuve.zip ne s'écrit pas \(No space left"):
        write_sortie(fichier, b"nouveau")
    monkeypatch.undo()
    assert [(f.name, f.read_bytes()) for f in fichier.parent.iterdir()] == [("preuve.zip", b"ancien")]
    write_sortie(fichier, b"nouveau")
    assert [(f.name, f.read_bytes()) for f in fichier.parent.iterdir()] == [("preuve.zip", b"nouveau")]


def test_what_cannot_hold_a_file_is_refused_and_a_device_stays_one(tmp_path: Path) -> None:
    (tmp_path / "fichier").write_bytes(b"")
    for impossible in (tmp_path / "fichier" / "x.csv", tmp_path):
        with pytest.raises(ErreurAllerVers, match="ne s'écrit pas"):
            write_sortie(impossible, b"x")
    write_sortie(Path("/dev/null"), b"x")
    assert Path("/dev/null").is_char_device()


def test_what_a_killed_command_left_goes_once_it_is_a_day_old(tmp_path: Path) -> None:
    vieux, recent = tmp_path / ".partiel-1", tmp_path / ".partiel-2"
    for reste in (vieux, recent):
        reste.write_bytes(b"")
    os.utime(vieux, (time.time() - 90_000,) * 2)
    write_sortie(tmp_path / "a.csv", b"x")
    assert {f.name for f in tmp_path.iterdir()} == {"a.csv", recent.name}
