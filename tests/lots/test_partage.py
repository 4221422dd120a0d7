"""The share: whole files or none, and refusals that name the share and the remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
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


def test_a_folder_is_scanned_with_sizes_kinds_and_dates(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    avant = datetime.now(UTC) - timedelta(seconds=2)
    partage.write("831/retours/b.csv", b"1234")
    partage.write("831/retours/a/c.csv", b"")
    (tmp_path / "831/retours/lien").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "831/retours/tube")
    vus = partage.scan("831/retours")
    assert [(e.nom, e.dossier, e.lien) for e in vus] == [
        ("a", True, False), ("b.csv", False, False), ("lien", False, True), ("tube", False, True),
    ]  # fmt: skip
    assert vus[1].octets == 4
    assert all(e.modifie_le and avant < e.modifie_le <= datetime.now(UTC) for e in vus)
    assert partage.scan("831/absent") == ()


def test_no_more_is_read_than_asked(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    partage.write("a", b"12345")
    assert partage.read("a", 3) == b"123"
    assert partage.read("a", 6) == b"12345"
    assert partage.read("absent", 3) is None


def test_a_file_moves_over_the_former_one(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path))
    partage.write("831/retours/a", b"neuf")
    partage.write("831/refuses/b", b"ancien")
    partage.move("831/retours/a", "831/refuses/b")
    partage.move("831/refuses/b", "831/autre/c")
    assert partage.read("831/autre/c") == b"neuf"
    assert partage.list("831/retours") == partage.list("831/refuses") == ()


def test_a_folder_goes_with_all_that_it_holds_and_nothing_else(tmp_path: Path) -> None:
    partage = Partage(str(tmp_path / "partage"))
    (tmp_path / "partage").mkdir()
    (tmp_path / "dehors").mkdir()
    (tmp_path / "dehors/reste").touch()
    for chemin in ("831/2025-06/v1/a", "831/2025-06/v2/b", "831/2025-07/v1/c"):
        partage.write(chemin, b"x")
    (tmp_path / "partage/831/2025-06/lien").symlink_to(tmp_path / "dehors")
    partage.remove_dossier("831/2025-06")
    partage.remove_dossier("831/2025-06")
    assert partage.list("831") == ("2025-07",)
    assert (tmp_path / "dehors/reste").exists()
    with pytest.raises(ValueError, match="root"):
        partage.remove_dossier("")


def test_a_link_or_a_pipe_is_never_opened_and_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "dehors").mkdir()
    (tmp_path / "dehors/secret").write_bytes(b"secret")
    (tmp_path / "partage").mkdir()
    partage = Partage(str(tmp_path / "partage"))
    (tmp_path / "partage/lien").symlink_to(tmp_path / "dehors/secret")
    (tmp_path / "partage/831").symlink_to(tmp_path / "dehors")
    os.mkfifo(tmp_path / "partage/tube")
    actions: list[Callable[[], object]] = [
        lambda: partage.read("lien"),
        lambda: partage.read("tube"),
        lambda: partage.read("831/secret"),
        lambda: partage.list("831"),
        lambda: partage.write("831/b", b"x"),
        lambda: partage.remove("831/secret"),
        lambda: partage.move("831/secret", "a"),
    ]
    for action in actions:
        with pytest.raises(ErreurAllerVers, match="contient un lien ou un fichier spécial"):
            action()
    assert [f.name for f in (tmp_path / "dehors").iterdir()] == ["secret"]
    partage.write("lien", b"x")
    assert (tmp_path / "dehors/secret").read_bytes() == b"secret", "a link is replaced, not written through"


def test_what_waits_under_the_temporary_name_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "partage").mkdir()
    (tmp_path / "dehors").write_bytes(b"dehors")
    (tmp_path / "partage/.partiel-a").symlink_to(tmp_path / "dehors")
    Partage(str(tmp_path / "partage")).write("a", b"x")
    assert (tmp_path / "dehors").read_bytes() == b"dehors"
    assert [f.name for f in (tmp_path / "partage").iterdir()] == ["a"]


@pytest.mark.parametrize("chemin", ["../a", "831/../../a", "/etc/passwd", "a//b", "a/", ".", "a\0b"])
def test_a_path_never_leaves_the_share(tmp_path: Path, chemin: str) -> None:
    partage = Partage(str(tmp_path))
    actions: list[Callable[[], object]] = [
        lambda: partage.read(chemin),
        lambda: partage.write(chemin, b""),
        lambda: partage.scan(chemin),
        lambda: partage.move("a", chemin),
        lambda: partage.remove(chemin),
        lambda: partage.remove_dossier(chemin),
    ]
    for action in actions:
        with pytest.raises(ErreurAllerVers, match="n'est pas un nom"):
            action()


def test_a_password_in_the_address_is_refused_and_options_never_show(tmp_path: Path) -> None:
    with pytest.raises(ErreurAllerVers) as refus:
        Partage("file://av:secret@hote/x")
    assert "secret" not in str(refus.value)
    assert "secret" not in repr(Partage(str(tmp_path), {"password": "secret"}))


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


def test_a_full_share_keeps_the_former_file_and_leaves_no_half_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(descripteur: int) -> None:  # where the space is only found missing when it is flushed
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    partage = Partage(str(tmp_path))
    partage.write("lot/fichier", b"ancien")
    monkeypatch.setattr(os, "fsync", refuse)
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
