"""Every kind of share, on real servers: what is promised of a share holds on each of them."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import smbclient
from serveurs import SECRET, SERVEURS, Serveur, end, find_free_port, give, running_sshd

from aller_vers.partage.partage import FichierOccupeError, Partage, list_protocoles
from aller_vers.socle.erreurs import ErreurAllerVers

ECRIT_SANS_FIN = """
import json, sys
from aller_vers.partage.partage import Partage
partage = Partage(sys.argv[1], json.load(sys.stdin))
for tour in range(10**9):
    partage.write("lot/fichier", bytes([tour % 251]) * 2_000_000)
    if tour == 0:
        print("pret", flush=True)
"""


def test_every_kind_that_is_known_is_tried_here() -> None:
    assert set(list_protocoles()) == {"file", *SERVEURS}


@pytest.mark.parametrize(
    ("adresse", "extra", "options"),
    [
        ("/partage", {}, {}),
        ("file:///partage", {"encrypt": False, "mode": "0640"}, {"mode": "0640"}),
        ("sftp://hote/lots", {"known_hosts": "h"}, {"username": "u", "password": "p", "known_hosts": "h"}),
        ("smb://hote/lots", {"encrypt": False}, {"username": "u", "password": "p", "encrypt": False}),
        ("s3://lots", {"region_name": "fr"}, {"username": "u", "password": "p", "region_name": "fr"}),
    ],
)
def test_each_kind_gets_its_own_options_and_no_other(
    adresse: str, extra: dict[str, Any], options: dict[str, Any]
) -> None:
    partage = Partage.from_connexion("u", "p", {"url": adresse, "inconnu": 1, "username": "x", **extra})
    assert partage.options == options


def test_what_is_written_is_read_and_listed(partage: Partage) -> None:
    partage.check()
    partage.write("831/2025-06/v1/a.txt", b"un")
    partage.write("831/2025-06/v1/a.txt", b"deux")
    assert partage.read("831/2025-06/v1/a.txt") == b"deux"
    assert partage.list("831/2025-06/v1") == ("a.txt",)
    assert partage.list("") == ("831",)
    partage.remove("831/2025-06/v1/a.txt")
    partage.remove("831/2025-06/v1/a.txt")
    assert partage.read("831/2025-06/v1/a.txt") is None
    assert partage.list("831/2025-05") == ()


def test_a_folder_is_scanned_with_sizes_kinds_and_dates(partage: Partage) -> None:
    avant = datetime.now(UTC) - timedelta(seconds=2)
    partage.write("831/retours/é b.csv", b"1234")
    partage.write("831/retours/a/c.csv", b"")
    dossier, fichier = partage.scan("831/retours")
    assert (dossier.nom, dossier.dossier, dossier.lien) == ("a", True, False)
    assert (fichier.nom, fichier.octets, fichier.dossier, fichier.lien) == ("é b.csv", 4, False, False)
    assert fichier.modifie_le is not None
    assert avant < fichier.modifie_le <= datetime.now(UTC) + timedelta(seconds=1)
    assert fichier.modifie_le.utcoffset() == timedelta(0)
    assert partage.scan("831/absent") == ()


@pytest.mark.parametrize("umask", [0o077, 0o000, 0o027])
@pytest.mark.parametrize(
    ("options", "fichier", "dossier"),
    [({}, 0o640, 0o2750), ({"mode": "0660"}, 0o660, 0o2770), ({"mode": 600}, 0o600, 0o2700)],
)
def test_no_umask_says_who_reads_a_disk(
    tmp_path: Path, umask: int, options: dict[str, Any], fichier: int, dossier: int
) -> None:
    tmp_path.chmod(0o2750)
    partage, ancien = Partage(str(tmp_path), options), os.umask(umask)
    try:
        partage.write("831/2025-06/v1/a.txt", b"un")
        partage.move("831/2025-06/v1/a.txt", "831/retours/traites/a.txt")
        partage.write("racine.txt", b"")
    finally:
        os.umask(ancien)
    modes = {
        str(f.relative_to(tmp_path)): (f.is_dir(), f.stat().st_mode & 0o7777) for f in tmp_path.rglob("*")
    }
    assert len(modes) == 7
    assert set(modes.values()) == {(True, dossier), (False, fichier)}


def test_rights_that_are_none_are_refused() -> None:
    for mode in ("rw", "8", "07777", ""):
        with pytest.raises(ErreurAllerVers, match="droits illisibles"):
            Partage("/partage", {"mode": mode}).read("a")


def test_no_more_is_read_than_asked(partage: Partage) -> None:
    partage.write("a", b"12345")
    partage.write("vide", b"")
    assert partage.read("a", 3) == b"123"
    assert partage.read("a", 5) == partage.read("a", 6) == partage.read("a") == b"12345"
    assert partage.read("vide", 3) == partage.read("vide") == b""
    assert partage.read("absent", 3) is None


def test_a_file_moves_over_the_former_one(partage: Partage) -> None:
    partage.write("831/retours/a", b"neuf")
    partage.write("831/refuses/b", b"ancien")
    partage.move("831/retours/a", "831/refuses/b")
    partage.move("831/refuses/b", "831/autre/c")
    assert partage.read("831/autre/c") == b"neuf"
    assert partage.list("831/retours") == partage.list("831/refuses") == ()


def test_a_folder_goes_with_all_that_it_holds_and_nothing_else(partage: Partage) -> None:
    for chemin in 2 * ("831/2025-06/v1/a", "831/2025-06/v2/b", "831/2025-07/v1/c", "831/2025-060/d"):
        partage.write(chemin, b"x")  # twice: its folders are known
    partage.remove_dossier("831/2025-06")
    partage.remove_dossier("831/2025-06")
    assert partage.list("831") == ("2025-060", "2025-07")
    replace(partage).remove_dossier("831/2025-07")  # by somebody else, who has seen other folders
    partage.write("831/2025-06/v1/a", b"x")
    partage.move("831/2025-06/v1/a", "831/2025-07/v1/c")
    assert partage.read("831/2025-07/v1/c") == b"x"
    with pytest.raises(ValueError, match="root"):
        partage.remove_dossier("")


def test_a_big_file_comes_back_as_it_was(partage: Partage) -> None:
    octets = os.urandom(9_000_001)
    partage.write("gros", octets)
    assert partage.read("gros") == octets
    assert partage.read("gros", 5_000_000) == octets[:5_000_000]


def test_a_reader_never_sees_half_a_file_while_a_writer_writes_and_is_killed(
    support: Serveur, partage: Partage
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", ECRIT_SANS_FIN, support.adresse],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as ecrivain:  # fmt: skip
        try:
            assert ecrivain.stdin
            assert ecrivain.stdout
            json.dump(support.options, ecrivain.stdin)
            ecrivain.stdin.close()
            assert ecrivain.stdout.readline() == "pret\n"
            vus = set()
            debut = time.monotonic()
            while (duree := time.monotonic() - debut) < 2 or (len(vus) < 2 and duree < 60):
                try:
                    octets = partage.read("lot/fichier")
                except ErreurAllerVers:
                    if support.racine is not None:
                        raise
                    continue  # the tests' S3 server fails at times while it replaces: told, and no half file
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
    partage.write("lot/fichier", b"apres")
    partage.remove_leftovers("lot")
    assert partage.list("lot") == ("fichier",)


def test_a_missing_share_is_told_and_never_made(support: Serveur) -> None:
    adresse = "s3://absent/x" if support.racine is None else f"{support.adresse}/absent"
    partage = Partage(adresse, support.options)
    actions: list[Callable[[], object]] = [
        partage.check,
        lambda: partage.write("831/a", b"x"),
        lambda: partage.read("831/a"),
        lambda: partage.list("831"),
        lambda: partage.remove_dossier("831"),
    ]
    for action in actions:
        with pytest.raises(ErreurAllerVers) as refus:
            action()
        assert f"Le partage {partage.nom} est introuvable." in str(refus.value)
    assert support.racine is None or not (support.racine / "absent").exists()


@pytest.mark.parametrize("support", ["file", "sftp"], indirect=True)  # S3 has none; SMB: below
def test_a_link_is_never_opened_and_leads_nowhere(support: Serveur, partage: Partage) -> None:
    racine = support.racine
    assert racine
    (racine / "751/2025-06").mkdir(parents=True)
    (racine / "751/2025-06/lot").write_bytes(b"lot")
    (racine / "831/retours").mkdir(parents=True)
    (racine / "831/retours/lien").symlink_to(racine / "751/2025-06/lot")
    (racine / "831/refuses").symlink_to(racine / "751/2025-06")
    os.mkfifo(racine / "831/retours/tube")
    give(racine)
    assert [(e.nom, e.dossier, e.lien) for e in partage.scan("831/retours")] == [
        ("lien", False, True), ("tube", False, True),
    ]  # fmt: skip
    actions: list[Callable[[], object]] = [
        lambda: partage.read("831/retours/lien"),
        lambda: partage.read("831/retours/tube"),
        lambda: partage.read("831/refuses/lot"),
        lambda: partage.list("831/refuses"),
        lambda: partage.write("831/refuses/lot", b"x"),
        lambda: partage.remove("831/refuses/lot"),
        lambda: partage.move("831/refuses/lot", "831/retours/a"),
        lambda: partage.move("831/retours/tube", "831/refuses/a"),
    ]
    for action in actions:
        with pytest.raises(ErreurAllerVers, match="contient un lien ou un fichier spécial"):
            action()
    partage.write("831/retours/lien", b"x")
    partage.remove_dossier("831/retours")
    assert (racine / "751/2025-06/lot").read_bytes() == b"lot"
    assert [f.name for f in (racine / "751/2025-06").iterdir()] == ["lot"]


@pytest.mark.parametrize("support", ["smb"], indirect=True)
def test_a_link_of_the_disk_behind_smb_is_nothing_to_us(support: Serveur, partage: Partage) -> None:
    racine = support.racine
    assert racine
    (racine / "751").mkdir()
    (racine / "751/lot").write_bytes(b"lot")
    (racine / "831").mkdir()
    (racine / "831/lien").symlink_to(racine / "751/lot")
    (racine / "831/refuses").symlink_to(racine / "751")
    give(racine)
    assert partage.list("831") == partage.list("831/refuses") == ()
    assert partage.read("831/lien") is None
    assert partage.read("831/refuses/lot") is None
    with pytest.raises(ErreurAllerVers):
        partage.move("831/refuses/lot", "831/a")
    assert (racine / "751/lot").read_bytes() == b"lot"


@pytest.mark.parametrize("support", ["smb"], indirect=True)
def test_a_link_or_junction_that_an_smb_server_shows_is_refused(
    partage: Partage, monkeypatch: pytest.MonkeyPatch
) -> None:
    partage.write("831/retours/a", b"x")
    stat = smbclient.stat

    def show_junction(chemin: str, **options: Any) -> Any:
        etat = stat(chemin, **options)
        jonction = 0x400 if chemin.endswith("retours") else 0  # Samba makes none, Windows does
        return etat._replace(st_file_attributes=etat.st_file_attributes | jonction)

    monkeypatch.setattr(smbclient, "stat", show_junction)
    neuf = Partage(partage.adresse, partage.options)
    for action in (lambda: neuf.read("831/retours/a"), lambda: neuf.move("831/retours/a", "831/b")):
        with pytest.raises(ErreurAllerVers, match="contient un lien ou un fichier spécial"):
            action()
    monkeypatch.undo()
    assert partage.read("831/retours/a") == b"x"


@pytest.mark.parametrize("protocole", SERVEURS)
def test_a_server_that_is_gone_or_never_was_is_told_without_its_password(protocole: str) -> None:
    options = {
        "sftp": {"username": "x", "password": SECRET, "known_hosts": "hote ssh-ed25519 AAAA"},
        "smb": {"username": "x", "password": SECRET},
        "s3": {"username": "x", "password": SECRET, "endpoint_url": f"http://127.0.0.1:{find_free_port()}"},
    }[protocole]
    hote = "lots" if protocole == "s3" else f"127.0.0.1:{find_free_port()}"
    partage = Partage(f"{protocole}://{hote}/lots", options)
    with pytest.raises(ErreurAllerVers) as refus:
        partage.check()
    assert str(refus.value).startswith(f"Le partage {protocole}://{hote}/lots est injoignable. Remède : ")
    assert refus.value.passagere
    assert SECRET not in f"{refus.value!r}{partage!r}"


@pytest.mark.parametrize("protocole", ["sftp", "smb"])
def test_a_wrong_password_is_refused_even_where_the_process_is_already_connected(
    protocole: str, serveur_commun: Callable[[str], Serveur]
) -> None:
    serveur = serveur_commun(protocole)
    Partage(serveur.adresse, serveur.options).check()
    faux = {**serveur.options, "password": "autre", "private_key": None}
    with pytest.raises(ErreurAllerVers, match="refuse l'identification") as refus:
        Partage(serveur.adresse, faux).check()
    assert not refus.value.passagere


def test_a_server_whose_key_is_not_the_expected_one_gets_nothing(
    serveur_commun: Callable[[str], Serveur], tmp_path: Path
) -> None:
    serveur = serveur_commun("sftp")
    autre = "AAAAC3NzaC1lZDI1NTE5AAAAIB8vTqMtFlJMbrlEPnFvGxJRyTqFhFHVvPtfOFoKDwXe"
    hote, genre, _ = serveur.options["known_hosts"].split()
    faux = {**serveur.options, "known_hosts": f"{hote} {genre} {autre}"}
    with pytest.raises(ErreurAllerVers, match="n'a pas la clé attendue"):
        Partage(serveur.adresse, faux).check()
    with pytest.raises(ErreurAllerVers, match="la clé de son serveur n'est pas donnée"):
        Partage(serveur.adresse, {**serveur.options, "known_hosts": ""}).check()
    with pytest.raises(ErreurAllerVers, match="sa clé privée, ou le fichier"):
        Partage(serveur.adresse, {**serveur.options, "private_key": "x"}).check()
    (tmp_path / "known_hosts").write_text(serveur.options["known_hosts"])
    Partage(serveur.adresse, {**serveur.options, "known_hosts": str(tmp_path / "known_hosts")}).check()


@pytest.mark.parametrize("protocole", SERVEURS)
def test_a_server_that_ends_meanwhile_is_told(
    protocole: str, start_serveur: Callable[[str], Serveur]
) -> None:
    serveur = start_serveur(protocole)
    partage = Partage(serveur.adresse, serveur.options)
    partage.write("831/a", b"x")
    assert serveur.processus is not None
    end(serveur.processus)
    for action in (lambda: partage.write("831/b", b"x"), lambda: partage.read("831/a")):
        with pytest.raises(ErreurAllerVers, match="est injoignable"):
            action()


def test_a_connection_that_is_closed_while_it_sends_is_a_server_that_is_gone(
    serveur_commun: Callable[[str], Serveur], monkeypatch: pytest.MonkeyPatch
) -> None:
    serveur = serveur_commun("smb")
    partage = Partage(serveur.adresse, serveur.options)
    partage.check()
    for numero, dit in ((errno.EBADF, "est injoignable"), (errno.ENOSPC, "est plein")):

        def refuse(*_: object, numero: int = numero, **__: object) -> None:
            raise OSError(numero, os.strerror(numero))

        monkeypatch.setattr(smbclient, "open_file", refuse)
        with pytest.raises(ErreurAllerVers, match=dit):
            partage.write("831/b", b"x")


def test_a_file_that_somebody_holds_open_is_told_as_such(serveur_commun: Callable[[str], Serveur]) -> None:
    serveur = serveur_commun("smb")
    partage = Partage(serveur.adresse, serveur.options)
    partage.write("tenu/classeur.xlsx", b"x")
    session = {"port": int(serveur.adresse.split(":")[2].split("/")[0]), "connection_cache": {}}
    chemin = r"\\127.0.0.1\lots\nationale\tenu\classeur.xlsx"
    with (
        smbclient.open_file(chemin, "rb", share_access="r", **serveur.options, **session),
        pytest.raises(FichierOccupeError, match="garde ouvert un fichier"),
    ):
        partage.remove("tenu/classeur.xlsx")
    partage.remove("tenu/classeur.xlsx")
    assert partage.list("tenu") == ()


def test_a_bucket_that_keeps_what_is_deleted_is_refused(serveur_commun: Callable[[str], Serveur]) -> None:
    serveur = serveur_commun("s3")
    base = serveur.options["endpoint_url"]
    httpx.put(f"{base}/versions").raise_for_status()
    regle = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
    httpx.put(f"{base}/versions?versioning", content=regle).raise_for_status()
    with pytest.raises(ErreurAllerVers, match="garde les versions des fichiers supprimés"):
        Partage("s3://versions/x", serveur.options).check()


def test_a_full_disk_behind_sftp_is_told_though_the_protocol_does_not(tmp_path: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("monter un petit disque demande d'être root")
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-plein-"))
    dossier.chmod(0o755)
    try:
        with running_sshd(dossier, find_free_port()) as serveur:
            assert serveur.racine
            monter = ["mount", "-t", "tmpfs", "-o", "size=64k,mode=777", "tmpfs", str(serveur.racine)]
            if subprocess.run(monter, capture_output=True).returncode:
                pytest.skip("monter un système de fichiers est refusé ici")
            try:
                partage = Partage(serveur.adresse, serveur.options)
                partage.write("ancien", b"x")
                with pytest.raises(ErreurAllerVers, match="est plein"):
                    partage.write("gros", b"x" * 200_000)
                assert partage.list("") == ("ancien",)
                subprocess.run(["mount", "-o", "remount,ro", str(serveur.racine)], check=True)
                with pytest.raises(ErreurAllerVers, match="est en lecture seule"):
                    partage.write("autre", b"x")
            finally:
                subprocess.run(["umount", "-l", str(serveur.racine)], check=True)
    finally:
        shutil.rmtree(dossier)


def test_libraries_of_protocols_are_imported_only_where_they_serve(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom aller_vers.partage.partage import Partage\n"
        "Partage(sys.argv[1]).check()\n"
        "print(sorted({'asyncssh', 'sshfs', 's3fs', 'botocore', 'smbclient'} & set(sys.modules)))"
    )
    fait = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True)
    assert fait.stdout == "[]\n", fait.stderr
