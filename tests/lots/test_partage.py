"""The share: whole files or none, and refusals that name the share and the remedy."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.lots.partage import Partage

ECRIT_SANS_FIN = """
import sys
from aller_vers.lots.partage import Partage
partage = Partage(sys.argv[1])
for tour in range(10**9):
    partage.write("lot/fichier", bytes([tour % 251]) * 2_000_000)
    if tour == 0:
        print("pret", flush=True)
"""


@pytest.fixture
def racine() -> Iterator[Path]:
    """Give a folder that every account may enter (pytest's own are closed)."""
    dossier = Path(tempfile.mkdtemp(prefix="partage-"))
    dossier.chmod(0o755)
    yield dossier
    dossier.chmod(0o755)
    shutil.rmtree(dossier)


def test_what_is_written_is_read_and_listed(tmp_path: Path) -> None:
    partage = Partage(f"file://{tmp_path}")
    partage.write("831/2025-06/v1/a.txt", b"un")
    partage.write("831/2025-06/v1/a.txt", b"deux")
    assert partage.read("831/2025-06/v1/a.txt") == b"deux"
    assert partage.list("831/2025-06/v1") == ("a.txt",)
    partage.remove("831/2025-06/v1/a.txt")
    partage.remove("831/2025-06/v1/a.txt")
    assert partage.read("831/2025-06/v1/a.txt") is None
    assert partage.list("831/2025-05") == ()


def test_a_reader_never_sees_half_a_file_while_a_writer_writes_and_is_killed(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", ECRIT_SANS_FIN, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as ecrivain:
        try:
            assert ecrivain.stdout
            assert ecrivain.stdout.readline() == "pret\n"
            vus = set()
            fin = time.monotonic() + 2
            while time.monotonic() < fin:
                octets = partage.read("lot/fichier")
                assert octets is not None
                assert octets == octets[:1] * 2_000_000
                vus.add(octets[0])
        finally:
            ecrivain.kill()
    assert len(vus) > 1, "the file was replaced under the reader's eyes"
    octets = partage.read("lot/fichier")
    assert octets is not None
    assert len(octets) == 2_000_000
    assert len(set(octets)) == 1
    partage.remove_leftovers("lot")
    assert partage.list("lot") == ("fichier",)


def test_a_full_share_keeps_the_former_file_and_leaves_no_half_one(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    partage.write("lot/fichier", b"ancien")
    (tmp_path / "lot/.partiel-fichier").symlink_to("/dev/full")  # every write there finds the disk full
    with pytest.raises(ErreurAllerVers) as refus:
        partage.write("lot/fichier", b"nouveau")
    assert f"Le partage {tmp_path} est plein." in str(refus.value)
    assert "libérer de la place" in str(refus.value)
    assert refus.value.passagere
    assert partage.list("lot") == ("fichier",)
    assert partage.read("lot/fichier") == b"ancien"


def mount(racine: Path, *options: str) -> None:
    if os.getuid() != 0 or subprocess.run(["mount", *options, str(racine)], capture_output=True).returncode:
        pytest.skip("monter un système de fichiers demande d'être root")


def test_a_really_full_disk_is_told_by_check_and_by_write(racine: Path) -> None:
    mount(racine, "-t", "tmpfs", "-o", "size=64k", "tmpfs")
    try:
        partage = Partage(str(racine))
        partage.check()
        with pytest.raises(ErreurAllerVers, match="est plein"):
            partage.write("lot/fichier", b"x" * 200_000)
        assert partage.list("lot") == ()
        with (racine / "bouchon").open("wb", buffering=0) as flux, contextlib.suppress(OSError):
            while flux.write(b"x" * 1024):
                pass
        with pytest.raises(ErreurAllerVers, match="est plein"):
            partage.check()
        assert partage.list("lot") == ()
        assert partage.list("") == ("bouchon", "lot")
    finally:
        subprocess.run(["umount", str(racine)], check=True)


def test_a_share_mounted_read_only_says_to_mount_it_again(racine: Path) -> None:
    mount(racine, "-t", "tmpfs", "-o", "ro", "tmpfs")
    try:
        for action in (Partage(str(racine)).check, lambda: Partage(str(racine)).write("a", b"")):
            with pytest.raises(ErreurAllerVers) as refus:
                action()
            assert f"Le partage {racine} est en lecture seule." in str(refus.value)
            assert "remonter le partage en écriture" in str(refus.value)
    finally:
        subprocess.run(["umount", str(racine)], check=True)


def run_as_nobody(action: Callable[[], object]) -> str:
    """Return what ``action`` raises when an account without rights does it."""
    lecture, ecriture = os.pipe()
    enfant = os.fork()
    if enfant == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            action()
            dit = "rien"
        except ErreurAllerVers as erreur:
            dit = str(erreur)
        except BaseException as erreur:  # noqa: BLE001 - a child must never go on as a second pytest
            dit = f"imprévu : {erreur!r}"
        os.write(ecriture, dit.encode())
        os._exit(0)
    os.close(ecriture)
    with os.fdopen(lecture, "rb") as flux:
        dit = flux.read().decode()
    os.waitpid(enfant, 0)
    return dit


def test_an_account_without_rights_is_told_which_share_and_which_right(racine: Path) -> None:
    racine.chmod(0o555)
    partage = Partage(str(racine))
    for action in (partage.check, lambda: partage.write("831/a", b"x")):
        dit = run_as_nobody(action)
        assert dit.startswith(
            f"Le partage {racine} refuse l'accès. Remède : donner à l'utilisateur d'Airflow"
        )
    assert list(racine.iterdir()) == []


@pytest.mark.parametrize("adresse", ["sftp://av:secret@hote/x", "s3://seau/x", "inconnu://hote/x"])
def test_a_protocol_that_is_not_supported_is_named_without_the_password(adresse: str) -> None:
    with pytest.raises(ErreurAllerVers) as refus:
        Partage(adresse)
    assert f"{adresse.partition(':')[0]}://, qui n'est pas pris en charge" in str(refus.value)
    assert "file://" in str(refus.value)
    assert "secret" not in str(refus.value)


def test_a_missing_share_is_told_and_never_made_on_the_local_disk(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path / "absent"))
    actions: list[Callable[[], object]] = [
        partage.check,
        lambda: partage.write("831/a", b"x"),
        lambda: partage.read("831/a"),
        lambda: partage.list("831"),
    ]
    for action in actions:
        with pytest.raises(ErreurAllerVers) as refus:
            action()
        assert f"Le partage {tmp_path / 'absent'} est introuvable." in str(refus.value)
        assert "av_partage" in str(refus.value)
    assert not (tmp_path / "absent").exists()
