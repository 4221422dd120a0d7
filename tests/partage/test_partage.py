"""The share: whole files or none, and refusals that name the share and the remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aller_vers.partage.disque import Disque
from aller_vers.partage.partage import Partage
from aller_vers.partage.support import PROTOCOLES, SupportError
from aller_vers.socle.erreurs import ErreurAllerVers


@pytest.fixture
def racine() -> Iterator[Path]:
    """Give a folder that every account may enter (pytest's own are closed)."""
    dossier = Path(tempfile.mkdtemp(prefix="partage-"))
    dossier.chmod(0o755)
    yield dossier
    dossier.chmod(0o755)
    shutil.rmtree(dossier)


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


def test_two_that_write_one_file_at_once_both_end_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partage, autre = Partage(str(tmp_path)), Partage(str(tmp_path))
    fsync = os.fsync

    def let_the_other_go_first(descripteur: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        autre.write("a", b"autre")
        fsync(descripteur)

    monkeypatch.setattr(os, "fsync", let_the_other_go_first)
    partage.write("a", b"un")
    assert (partage.read("a"), partage.list("")) == (b"un", ("a",))


@pytest.mark.parametrize("chemin", ["../a", "831/../../a", "/etc/passwd", "a//b", "a/", ".", "a\0b"])
def test_a_path_never_leaves_the_share(tmp_path: Path, chemin: str) -> None:
    partage = Partage(str(tmp_path))
    actions: list[Callable[[], object]] = [
        lambda: partage.read(chemin),
        lambda: partage.write(chemin, b""),
        lambda: partage.write_aside(chemin, b""),
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


@pytest.mark.parametrize(
    "adresse",
    [
        "ftp://av:secret@hote/x",
        "inconnu://hote/x",
        "partage://hote/x",
        "disque:///tmp",
        "../smb://hote/x",
        "://x",
    ],
)
def test_a_protocol_that_is_not_supported_is_named_without_the_password(adresse: str) -> None:
    for ouvrir in (lambda: Partage(adresse), lambda: Partage.from_connexion("u", "secret", {"url": adresse})):
        with pytest.raises(ErreurAllerVers) as refus:
            ouvrir()
        assert f"{adresse.partition(':')[0]}://, qui n'est pas pris en charge" in str(refus.value)
        assert "file://, s3://, sftp:// ou smb://" in str(refus.value)
        assert "secret" not in str(refus.value)


def test_a_new_kind_is_what_its_own_protocol_opens_and_has_its_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(PROTOCOLES, "essai", Disque)  # restored with the registry

    class Essai(Disque, protocole="essai"):
        OPTIONS = ("username", "password", "port")

        def require_racine(self) -> None:
            raise SupportError(f"voit {sorted(self.options)}", "essayer")

    partage = Partage.from_connexion("u", "p", {"url": "essai:///tmp", "port": 0, "autre": 1})
    assert partage.options == {"username": "u", "password": "p", "port": 0}
    with pytest.raises(ErreurAllerVers, match=r"voit \['password', 'port', 'username'\]"):
        partage.check()


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


def test_a_moved_file_is_kept_where_it_arrives_before_it_is_given_up_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that stops between the two finds it twice, never nowhere."""
    partage, gardes = Partage(tmp_path.as_uri()), list[str]()
    for n in range(8):
        partage.write(f"de{n}/a", b"x")
        partage.write(f"vers{n}/b", b"x")
    monkeypatch.setattr(Disque, "_sync", lambda _, dossier: gardes.append(dossier.name))
    for n in range(8):
        partage.move(f"de{n}/a", f"vers{n}/a")
    partage.move("vers0/a", "vers0/c")
    assert gardes == [nom for n in range(8) for nom in (f"vers{n}", f"de{n}")] + ["vers0"]
