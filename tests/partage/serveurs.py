"""Real servers of shares, on 127.0.0.1, made for the tests and ended with them."""

from __future__ import annotations

import getpass
import json
import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from aller_vers.partage.partage import MARQUE

# Read once: each client would read them again.
AUTORITES = httpx.create_ssl_context()
# Of the share of every copied warehouse.
IDENTITE = "0" * 32
SECRET = "secret-du-partage"
# As root, servers run as an ordinary account: sshd and smbd then need nothing of the system's own folders.
COMPTE = "daemon" if os.getuid() == 0 else getpass.getuser()


@dataclass(frozen=True)
class Serveur:
    """A share's address and options, the folder behind it if there is one, and how it is ended."""

    adresse: str
    options: dict[str, Any] = field(repr=False)
    racine: Path | None
    processus: subprocess.Popen[bytes] | None = None


def mark_racine(racine: Path) -> None:
    """Make this folder the share of the tests' warehouses."""
    (racine / MARQUE).write_text(json.dumps({"identite": IDENTITE}))


def find_program(nom: str, paquet: str) -> str:
    """Return a server's program; skip the test, naming what is missing, where there is none."""
    programme = shutil.which(nom, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")
    if programme is None:
        pytest.skip(f"{nom} n'est pas installé (paquet {paquet})")
    return programme


def run_as_compte() -> dict[str, Any]:
    """Return what starts a process as the servers' account."""
    if os.getuid() != 0:
        return {}
    compte = pwd.getpwnam(COMPTE)
    return {"user": compte.pw_uid, "group": compte.pw_gid, "extra_groups": []}


def give(dossier: Path) -> None:
    """Give a folder and what is in it to the servers' account."""
    if os.getuid() == 0:
        compte = pwd.getpwnam(COMPTE)
        for chemin in (dossier, *dossier.rglob("*")):
            os.chown(chemin, compte.pw_uid, compte.pw_gid)


@contextmanager
def running(
    commande: list[str], port: int, journal: Path, **options: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a server, wait until it answers on its port, end it and what it started."""
    with journal.open("wb") as sortie:
        processus = subprocess.Popen(
            commande, stdout=sortie, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True, **options,
        )  # fmt: skip
        try:
            wait_port(port, processus, journal)
            yield processus
        finally:
            end(processus)


def end(processus: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started: we started it."""
    with suppress(psutil.NoSuchProcess):
        lance = psutil.Process(processus.pid)
        for descendant in (*lance.children(recursive=True), lance):
            with suppress(psutil.NoSuchProcess):
                descendant.kill()
    processus.wait()


def find_free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def wait_port(port: int, processus: subprocess.Popen[bytes], journal: Path) -> None:
    limite = time.monotonic() + 30
    while time.monotonic() < limite:
        if processus.poll() is not None:
            pytest.fail(f"the server ended: {journal.read_text(errors='replace')[-600:]}")
        with socket.socket() as prise:
            prise.settimeout(1)
            if prise.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("the server does not answer")


@contextmanager
def running_sshd(dossier: Path, port: int) -> Iterator[Serveur]:
    """Run OpenSSH's server over an empty share; only the key that is made here opens it."""
    programme, keygen = find_program("sshd", "openssh-server"), find_program("ssh-keygen", "openssh-client")
    racine = dossier / "partage"
    racine.mkdir()
    for nom in ("hote", "client"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(dossier / nom)], check=True)
    conf = dossier / "sshd_config"
    conf.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {dossier}/hote\nPidFile none\n"
        f"AuthorizedKeysFile {dossier}/client.pub\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nSubsystem sftp internal-sftp\nMaxStartups 50\n"
    )
    give(dossier)
    cle = (dossier / "hote.pub").read_text().split()[:2]
    options = {
        "username": COMPTE,
        "private_key": (dossier / "client").read_text(),
        "known_hosts": f"[127.0.0.1]:{port} {' '.join(cle)}",
    }
    commande = [programme, "-D", "-e", "-f", str(conf)]
    with running(commande, port, dossier / "journal", **run_as_compte()) as processus:
        yield Serveur(f"sftp://127.0.0.1:{port}{racine}", options, racine, processus)


@contextmanager
def running_smbd(dossier: Path, port: int) -> Iterator[Serveur]:
    """Run Samba over an empty share; its one account has a password of its own."""
    programme, pdbedit = find_program("smbd", "samba"), find_program("pdbedit", "samba-common-bin")
    racine, prive = dossier / "donnees", dossier / "prive"
    racine.mkdir()
    prive.mkdir()
    dossiers = "".join(
        f"{nom} = {prive}\n"
        for nom in ("private dir", "lock directory", "state directory", "cache directory", "pid directory")
    )
    conf = dossier / "smb.conf"
    conf.write_text(
        f"[global]\nserver role = standalone server\ninterfaces = 127.0.0.1\nbind interfaces only = yes\n"
        f"smb ports = {port}\ndisable netbios = yes\n{dossiers}ncalrpc dir = {prive}/rpc\n"
        f"passdb backend = tdbsam:{prive}/passdb.tdb\nlog file = {prive}/journal\nload printers = no\n"
        f"disable spoolss = yes\nserver min protocol = SMB3\n[lots]\npath = {racine}\nread only = no\nfollow symlinks = no\n"
    )
    give(dossier)
    compte = run_as_compte()
    subprocess.run(
        [pdbedit, "-s", str(conf), "-a", "-t", "-u", COMPTE],
        input=f"{SECRET}\n{SECRET}\n", text=True, capture_output=True, check=True, **compte,
    )  # fmt: skip
    (racine / "nationale").mkdir()
    give(racine)
    commande = [programme, "-F", "--no-process-group", "-s", str(conf)]
    with running(commande, port, dossier / "journal", **compte) as processus:
        options = {"username": COMPTE, "password": SECRET}
        yield Serveur(f"smb://127.0.0.1:{port}/lots/nationale", options, racine / "nationale", processus)


@contextmanager
def running_s3(dossier: Path, port: int) -> Iterator[Serveur]:
    """Run an S3 server in memory, with one bucket."""
    commande = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with running(commande, port, dossier / "journal") as processus:
        httpx.put(f"http://127.0.0.1:{port}/lots").raise_for_status()
        options = {
            "username": "cle", "password": SECRET, "endpoint_url": f"http://127.0.0.1:{port}",
            "region_name": "us-east-1",
        }  # fmt: skip
        yield Serveur("s3://lots/nationale", options, None, processus)


SERVEURS: dict[str, Callable[[Path, int], Any]] = {
    "sftp": running_sshd,
    "smb": running_smbd,
    "s3": running_s3,
}
