"""The laptop's own PostgreSQL: found, made, started, stopped and removed, in the project's folder only."""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psutil

from aller_vers.poste.binaires import Binaires, find_binaires, share_binaires
from aller_vers.poste.comptes import Compte, can_enter, run_as
from aller_vers.socle.erreurs import ErreurAllerVers

ADMIN = "av_admin"
REPLI = Path("/var/tmp")  # noqa: S108 - outlives a reboot; our folder in it must belong to root
DELAI_S = 300  # a start after a crash replays its journal first
REGLAGES = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",  # TCP only: a socket's path may not exceed about 100 characters
    "max_connections=100",
    "shared_buffers=128MB",
    "password_encryption=scram-sha-256",
    "timezone=UTC",
    # A value in a client's statement (a person's e-mail) never reaches the server's log.
    "log_min_messages=log",
    "log_min_error_statement=panic",
    "log_error_verbosity=terse",
)
# A tests' cluster outlives no session: it syncs nothing, and proves a password without 4,096 rounds a connection.
REGLAGES_RAPIDES = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "password_encryption=md5")


def _find_compte(grappe: Path) -> Compte | None:
    """As root, refused by PostgreSQL: the account that owns the data, else ``postgres``, else ``nobody``."""
    if os.geteuid() != 0:
        return None
    if grappe.exists() and grappe.stat().st_uid:
        return Compte(grappe.stat().st_uid, grappe.stat().st_gid)
    for nom in ("postgres", "nobody"):
        with suppress(KeyError):
            return Compte(pwd.getpwnam(nom).pw_uid, pwd.getpwnam(nom).pw_gid)
    raise ErreurAllerVers(
        "PostgreSQL refuse de tourner sous root, et les comptes « postgres » et « nobody » n'existent pas.",
        "relancer avec un compte ordinaire.",
    )


def _marque(donnees: Path) -> str:
    """The name that this project's server bears in the list of processes, and its folder under REPLI."""
    return f"aller-vers-{hashlib.sha256(os.fsencode(donnees.resolve())).hexdigest()[:12]}"


def dossier_effectif(donnees: Path) -> Path:
    """Return where the cluster of this data folder is, or will be: ``donnees/postgres`` wherever possible.

    As root, when PostgreSQL's account cannot enter ``donnees`` (made here if missing, so that the answer
    lasts), a folder under ``/var/tmp``. A cluster that exists stays where it is.
    """
    ici, repli = donnees.resolve() / "postgres", REPLI / _marque(donnees) / "postgres"
    if os.geteuid() != 0 or ici.exists():
        return ici
    if os.path.lexists(repli.parent) and (repli.parent.is_symlink() or repli.parent.stat().st_uid):
        raise ErreurAllerVers(
            f"Le dossier {repli.parent} n'appartient pas à root.", "le vérifier, puis le supprimer."
        )
    donnees.mkdir(parents=True, exist_ok=True)
    return repli if repli.exists() or not can_enter(_find_compte(ici), donnees.resolve()) else ici


def remove(donnees: Path) -> None:
    """Stop the cluster of this data folder and remove all that this module made, wherever that was."""
    _stop(_marque(donnees))
    base, repli = donnees.resolve(), REPLI / _marque(donnees)
    journaux = [base / "journaux/postgres.log", base / "postgres.log"]
    for chemin in [*base.glob("postgres.neuf-*"), base / "postgres", base / "binaires", repli]:
        shutil.rmtree(chemin, ignore_errors=True)
        if os.path.lexists(chemin):
            raise ErreurAllerVers(
                f"Le dossier {chemin} ne peut pas être supprimé par ce compte.",
                "relancer « make clean » avec le compte qui a créé la base.",
            )
    for fichier in [*journaux, base / "postgres.verrou"]:
        fichier.unlink(missing_ok=True)


def _find_processus(marque: str) -> dict[int, psutil.Process]:
    """The cluster's live processes by number: their options or titles bear its mark."""
    trouves = {}
    for processus in psutil.process_iter(["name"]):  # the rest is read of the few that are a server's
        if processus.info["name"] == "postgres":
            with suppress(psutil.Error):
                if marque in " ".join(processus.cmdline()):
                    trouves[processus.pid] = processus
    return trouves


def _wait(condition: Callable[[], bool], secondes: float = DELAI_S) -> bool:
    fin = time.monotonic() + secondes
    while not (vraie := condition()) and time.monotonic() < fin:
        time.sleep(0.05)
    return vraie


def _stop(marque: str) -> None:
    """Fast mode, then immediate, then kill; processes that lost their postmaster go the same way."""
    for signe, secondes in ((signal.SIGINT, 30), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
        vivants = _find_processus(marque)
        for processus in vivants.values():
            with suppress(psutil.NoSuchProcess):
                if signe == signal.SIGKILL or processus.ppid() not in vivants:
                    processus.send_signal(signe)
        if _wait(lambda: not _find_processus(marque), secondes):
            return


@contextmanager
def _verrou(base: Path) -> Iterator[None]:
    try:
        base.mkdir(parents=True, exist_ok=True)
        fichier = (base / "postgres.verrou").open("a")
    except PermissionError as erreur:
        raise ErreurAllerVers(
            f"Le dossier {base} appartient à un autre compte.",
            "relancer avec ce compte, qui seul peut y écrire.",
        ) from erreur
    with fichier:
        fcntl.flock(fichier, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Grappe:
    """One PostgreSQL cluster on 127.0.0.1, its superuser ``av_admin``.

    ``dossier`` is the project's data folder (``.donnees``); ``dossier_effectif`` says where the files are.
    ``rapide`` gives up durability, for tests. ``binaires`` imposes a folder as ``AV_POSTGRES_BIN`` does.
    """

    dossier: Path
    port: int
    mot_de_passe_admin: str = field(repr=False)
    rapide: bool = False
    binaires: Path | None = None

    def dsn(self, base: str = "postgres", role: str = ADMIN, mot_de_passe: str | None = None) -> str:
        """Return the libpq URI of a database; the password of ``av_admin`` goes without saying."""
        secret = self.mot_de_passe_admin if mot_de_passe is None and role == ADMIN else mot_de_passe
        identite = quote(role, safe="") + (f":{quote(secret, safe='')}" if secret is not None else "")
        return f"postgresql://{identite}@127.0.0.1:{self.port}/{quote(base, safe='')}"

    def is_running(self) -> bool:
        """Return whether the server of this data folder accepts connections."""
        lignes = self._read_postmaster()
        prete = len(lignes) >= 8 and lignes[7].strip() == "ready"
        return prete and int(lignes[0]) in _find_processus(_marque(self.dossier))

    def start(self) -> bool:
        """Make the cluster if there is none, start it, wait until it is ready.

        Returns:
            True if this call started it, False if it was running already.

        Raises:
            ErreurAllerVers: no binaries, data of another version, port in use, or the server's own refusal.
        """
        grappe, marque = dossier_effectif(self.dossier), _marque(self.dossier)
        with _verrou(grappe.parent):
            _wait(lambda: self.is_running() or not _find_processus(marque))
            if self.is_running():
                self._require_same_port()
                return False
            _stop(marque)
            binaires, compte = find_binaires(self.binaires), _find_compte(grappe)
            self._require_version(grappe, binaires)
            self._require_port()
            if not can_enter(compte, grappe.parent):
                grappe.parent.chmod(
                    0o711
                )  # root's umask may close to PostgreSQL's account what was just made
            programmes = share_binaires(binaires, grappe.parent, compte)
            self._create(grappe, programmes, compte)
            self._launch(grappe, programmes, compte)
        return True

    def stop(self) -> None:
        """Stop the server, whatever state it is in; no process is left, and stopping twice is no error."""
        grappe = dossier_effectif(self.dossier)
        if grappe.exists():
            with _verrou(grappe.parent):
                _stop(_marque(self.dossier))

    def _read_postmaster(self) -> list[str]:
        with suppress(OSError):
            return (dossier_effectif(self.dossier) / "postmaster.pid").read_text().splitlines()
        return []

    def _require_same_port(self) -> None:
        port = self._read_postmaster()[3]
        if int(port) != self.port:
            raise ErreurAllerVers(
                f"La base de {self.dossier} tourne déjà, sur le port {port} et non {self.port}.",
                f"l'arrêter d'abord, ou garder son port : AV_PORT_POSTGRES={port}.",
            )

    def _require_version(self, grappe: Path, binaires: Binaires) -> None:
        with suppress(FileNotFoundError):
            trouvee = (grappe / "PG_VERSION").read_text().strip()
            if trouvee != str(binaires.majeure):
                raise ErreurAllerVers(
                    f"Les données de {grappe} sont de PostgreSQL {trouvee}, "
                    f"les programmes de {binaires.dossier} de PostgreSQL {binaires.majeure}.",
                    f"« make clean » pour repartir de zéro, ou AV_POSTGRES_BIN=dossier des programmes de "
                    f"PostgreSQL {trouvee}.",
                )

    def _require_port(self) -> None:
        with socket.socket() as prise:
            prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                prise.bind(("127.0.0.1", self.port))
            except OSError as erreur:
                raise ErreurAllerVers(
                    f"Le port {self.port} est déjà pris par un autre programme, ou interdit à ce compte.",
                    f"libérer ce port, ou en choisir un autre, par exemple AV_PORT_POSTGRES={self.port + 1}.",
                ) from erreur

    def _create(self, grappe: Path, programmes: Path, compte: Compte | None) -> None:
        """Run initdb in a temporary folder beside, renamed when complete."""
        for reste in grappe.parent.glob("postgres.neuf-*"):  # a first start that was interrupted
            shutil.rmtree(reste, ignore_errors=True)
        if grappe.exists():
            return
        neuf = Path(tempfile.mkdtemp(prefix="postgres.neuf-", dir=grappe.parent))
        try:
            secret = neuf / "secret"
            secret.touch(0o600)
            secret.write_text(self.mot_de_passe_admin, encoding="utf-8")
            if compte:
                os.chown(secret, *compte)
                os.chown(neuf, *compte)
            options = [
                f"--auth={'md5' if self.rapide else 'scram-sha-256'}",
                f"--pwfile={secret}",
                f"--username={ADMIN}",
                "--data-checksums",
            ]
            options += ["--encoding=UTF8", "--locale=C", *(["--no-sync"] if self.rapide else [])]
            fini = run_as(compte, programmes / "initdb", "-D", neuf / "donnees", *options)
            if fini.returncode:
                raise ErreurAllerVers(
                    f"PostgreSQL n'a pas pu créer ses données dans {grappe} : {fini.stderr.strip()[-500:]}",
                    "corriger la cause (place sur le disque, droits du dossier), puis relancer.",
                )
            (neuf / "donnees").rename(grappe)
        finally:
            shutil.rmtree(neuf, ignore_errors=True)

    def _launch(self, grappe: Path, programmes: Path, compte: Compte | None) -> None:
        self._forget_postmaster(grappe)
        journal = _open_journal(grappe.parent, compte)
        debut = journal.stat().st_size
        reglages = (*REGLAGES, f"port={self.port}", f"cluster_name={_marque(self.dossier)}")
        options = " ".join(f"-c {r}" for r in (*reglages, *(REGLAGES_RAPIDES if self.rapide else ())))
        commande = ("start", "-w", "-s", "-t", str(DELAI_S), "-D", grappe, "-l", journal, "-o", options)
        if run_as(compte, programmes / "pg_ctl", *commande).returncode:
            # Only what this start wrote is quoted.
            ecrit = journal.read_bytes()[debut:].decode("utf-8", "replace").splitlines()
            fin = " / ".join(ecrit[-3:]) or "(rien)"
            raise ErreurAllerVers(
                f"PostgreSQL n'a pas démarré ; fin de son journal {journal} : {fin}",
                "corriger la cause que dit ce journal, puis relancer ; « make clean » repart de zéro.",
            )

    def _forget_postmaster(self, grappe: Path) -> None:
        """Remove a postmaster.pid whose number a zombie or another program bears: PostgreSQL would refuse."""
        with suppress(psutil.NoSuchProcess, IndexError):
            ancien = psutil.Process(int(self._read_postmaster()[0]))
            if ancien.status() == psutil.STATUS_ZOMBIE or ancien.name() != "postgres":
                (grappe / "postmaster.pid").unlink()


@contextmanager
def running_grappe(
    dossier: Path, port: int, mot_de_passe_admin: str, *, rapide: bool = False, binaires: Path | None = None
) -> Iterator[Grappe]:
    """Give a running cluster; at the end stop it, unless it was running already."""
    grappe = Grappe(dossier, port, mot_de_passe_admin, rapide, binaires)
    demarree = grappe.start()
    try:
        yield grappe
    finally:
        if demarree:
            grappe.stop()


def _open_journal(base: Path, compte: Compte | None) -> Path:
    """Return the server's log, made for its account; beside the data if that cannot enter ``journaux``."""
    (base / "journaux").mkdir(exist_ok=True)
    journal = base / ("journaux/postgres.log" if can_enter(compte, base / "journaux") else "postgres.log")
    fichier = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o640)
    if compte:
        os.fchown(fichier, *compte)
    os.close(fichier)
    return journal
