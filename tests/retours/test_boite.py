"""The mailbox: two hundred hostile or mangled files, each with its reason; interrupted anywhere, it tells one story."""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from mutilations import ACCUSE_BON, CANARI_COURRIEL, CANARI_TELEPHONE, RETOUR_BON, Depot, list_depots
from registre import MAINTENANT, Registre
from sqlalchemy import Connection, text

from aller_vers.partage.partage import Partage
from aller_vers.retours.fichiers.boite import BilanReception, collect
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers

DEPOTS: dict[str, Callable[[], list[Depot]]] = {
    "accuse": lambda: list(list_depots(ACCUSE_BON, "accuse")),
    "retour": lambda: list(list_depots(RETOUR_BON, "retour")),
}


def read_tout(racine: Path) -> bytes:
    return b"\0".join(f.read_bytes() + os.fsencode(str(f)) for f in sorted(racine.rglob("*")) if f.is_file())


def test_there_are_two_hundred_of_them_and_no_two_alike() -> None:
    tous = [depot for depots in DEPOTS.values() for depot in depots()]
    assert len(tous) >= 200
    assert len({depot.nom for depot in tous}) == len(tous)
    assert len({(depot.octets, depot.nom) for depot in tous}) == len(tous)
    assert Counter(depot.issue for depot in tous)["pris"] >= 40


@pytest.mark.parametrize("genre", DEPOTS)
def test_none_stops_the_run_each_refused_one_has_its_reason_and_the_good_ones_are_taken(
    registre: Registre, genre: str
) -> None:
    registre.drop()
    depots = DEPOTS[genre]()
    for depot in depots:
        registre.put(depot.nom, depot.octets)
    tracemalloc.start()
    try:
        bilan = registre.collect_accuses() if genre == "accuse" else registre.collect_retours()
        _, pic = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    motifs = registre.motifs()
    issues = Counter(depot.issue for depot in depots)
    assert (bilan.pris, bilan.refuses, bilan.detruits, bilan.ecartes, bilan.bloques) == (
        issues["pris"], issues["refuse"], issues["detruit"], issues["ecarte"], (),
    ), {nom: motif for nom, motif in motifs.items() if "_pris_" in nom}  # fmt: skip
    assert not [nom for nom in motifs if "_pris_" in nom]
    assert len(motifs) == issues["refuse"] + issues["detruit"] + issues["ecarte"]
    assert all("À faire : " in motif and "Refusé le 20/08/2025" in motif for motif in motifs.values())
    assert registre.files()["retours"] == []
    assert len(registre.files()["traites"]) == issues["pris"]
    tout = read_tout(registre.racine)
    for canari in (CANARI_COURRIEL, CANARI_TELEPHONE, "99 00 77 88", "199007788", "451 089"):
        assert canari.encode() not in tout
        assert canari.encode("utf-16-le") not in tout
    assert registre.notes == []
    assert pic < 200_000_000
    if genre == "accuse":
        assert registre.events() == [("transmis", "831", 1, "831")]
    else:
        assert registre.run("SELECT cibles, rdv_honores FROM staging.retour") == [(40, 3)]


def test_each_dag_takes_its_own_shapes_and_leaves_the_others(registre: Registre) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON)
    registre.put("retour.csv", RETOUR_BON)
    assert registre.collect_accuses() == BilanReception(pris=1)
    assert registre.files()["retours"] == ["retour.csv"]
    assert registre.collect_retours() == BilanReception(pris=1)
    assert registre.files()["traites"] == ["accuse.csv", "retour.csv"]


def test_each_file_leaves_what_became_of_it_and_its_caf_is_told_once(registre: Registre) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON)
    registre.put("vide.csv", "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n")
    assert registre.collect_accuses() == BilanReception(pris=1, refuses=1)
    registre.put("vide.csv", "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n")
    registre.collect_accuses()
    suivis = registre.run("SELECT nom, issue FROM suivi.fichier_recu WHERE code_caf = '831' ORDER BY nom")
    assert suivis == [("accuse.csv", "pris"), ("vide.csv", "refuse")]
    avis = registre.run("SELECT destinataire, corps FROM suivi.avis WHERE cle LIKE 'refus/%' ORDER BY 1")
    assert [destinataire for destinataire, _ in avis] == ["caf:831", "equipe_nationale"]
    assert "À faire : " in avis[0][1]
    assert "831 · Var (1)" in avis[1][1]


def test_what_is_taken_has_its_receipt_beside_it_and_by_mail_and_what_is_refused_its_cell(
    registre: Registre,
) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON)
    registre.put("faux.csv", ACCUSE_BON.replace(";bluefiles;", ";poste;"))
    registre.collect_accuses()
    [fichier] = (registre.racine / "831" / "retours" / "traites").glob("*_accuse.csv.recu.txt")
    assert fichier.with_name(fichier.name.removesuffix(".recu.txt")).is_file()
    recu = fichier.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    assert "Accusé de transmission, 1 ligne." in recu
    avis = registre.run("SELECT destinataire, corps FROM suivi.avis WHERE cle LIKE 'recu/%'")
    assert avis == [("caf:831", recu)]
    motif = registre.motifs()["faux.csv"]
    assert "cellule F2 : la colonne portail" in motif
    assert "À faire : " in motif


def put_since(registre: Registre, nom: str, contenu: str, age: timedelta) -> Path:
    fichier = registre.put(nom, contenu)
    instant = (MAINTENANT - age).timestamp()
    os.utime(fichier, (instant, instant))
    return fichier


def test_what_is_still_being_copied_waits_and_what_systems_leave_is_not_looked_at(registre: Registre) -> None:
    registre.drop()
    for nom in (
        ".DS_Store",
        "~$accuse.xlsx",
        "Thumbs.db",
        "desktop.ini",
        ".partiel-accuse.csv",
        ".~lock.a.xlsx#",
    ):
        registre.put(nom, b"x")
    for nom in ("@eaDir", "$RECYCLE.BIN", "#recycle", "System Volume Information", "__MACOSX"):
        (registre.racine / "831" / "retours" / nom).mkdir()
    put_since(registre, "accuse.csv", ACCUSE_BON, timedelta(seconds=5))
    assert registre.collect_accuses() == BilanReception()
    assert registre.motifs() == {}
    assert len(registre.files()["retours"]) == 7


@pytest.mark.parametrize(
    "nom",
    ["a.csv.filepart", "a.csv.part", "a.csv.crdownload", "a.tmp", "5D2A4C10", "a.csv.Xk3T9q", "a.csv.upload"],
)
def test_a_transfer_that_may_be_resumed_is_left_alone_for_a_day(registre: Registre, nom: str) -> None:
    put_since(registre, nom, "code_ca", timedelta(hours=23))
    assert registre.collect_accuses() == BilanReception()
    put_since(registre, nom, "code_ca", timedelta(hours=25))
    assert registre.collect_accuses() == BilanReception(refuses=1)


@pytest.mark.parametrize("age", [timedelta(days=16_000), timedelta(hours=-1)], ids=["1981", "to come"])
def test_a_date_that_proves_no_rest_has_the_file_looked_at_twice(registre: Registre, age: timedelta) -> None:
    registre.drop()
    fichier = put_since(registre, "accuse.csv", ACCUSE_BON[:-9], age)

    def write_on(secondes: float) -> None:
        registre.attentes.append(secondes)
        put_since(registre, fichier.name, ACCUSE_BON, age)

    assert (
        collect(registre.boite("accuse", wait=write_on), ["831"], registre.notes.append) == BilanReception()
    )
    assert registre.collect_accuses() == BilanReception(pris=1)
    assert registre.attentes == [60, 60]


def test_without_a_time_of_rest_no_file_is_waited_for(registre: Registre) -> None:
    registre.drop()
    put_since(registre, "accuse.csv", ACCUSE_BON, timedelta(hours=-1))
    boite = registre.boite("accuse", repos=timedelta(0))
    assert collect(boite, ["831"], registre.notes.append) == BilanReception(pris=1)
    assert registre.attentes == []


def test_of_two_files_for_one_key_the_newer_one_stands_whatever_their_names(registre: Registre) -> None:
    registre.drop()
    for nom, cibles, age in (
        ("RETOUR (1).csv", 38, 10), ("RETOUR.csv", 39, 120), ("RETOUR v9.csv", 31, 90), ("RETOUR v10.csv", 32, 90),
    ):  # fmt: skip
        put_since(registre, nom, RETOUR_BON.replace(";40;", f";{cibles};"), timedelta(minutes=age))
    assert registre.collect_retours() == BilanReception(pris=4)
    assert registre.run("SELECT cibles FROM staging.retour ORDER BY id") == [(39,), (31,), (32,), (38,)]


def test_a_file_that_comes_under_the_name_of_the_one_that_is_read_stays(
    registre: Registre, monkeypatch: pytest.MonkeyPatch
) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON.replace(";40;", ";41;"))
    ecrire = Partage.write

    def write(partage: Partage, chemin: str, octets: bytes) -> None:
        ecrire(partage, chemin, octets)  # the reason of the refusal: the file has been read
        registre.put("accuse.csv", ACCUSE_BON)

    monkeypatch.setattr(Partage, "write", write)
    assert registre.collect_accuses() == BilanReception(refuses=1)
    monkeypatch.undo()
    assert ";41;" in (registre.racine / "831/refuses/accuse.csv").read_text()
    assert registre.collect_accuses() == BilanReception(pris=1)


def test_a_file_replaced_while_it_is_judged_is_judged_again(
    registre: Registre, monkeypatch: pytest.MonkeyPatch
) -> None:
    registre.drop()
    registre.put("accuse.csv", f"courriel\n{CANARI_COURRIEL}\n")
    lire, lectures = Partage.read, list[str]()

    def read(partage: Partage, chemin: str, limite: int | None = None) -> bytes | None:
        octets = lire(partage, chemin, limite)
        if chemin.endswith("accuse.csv") and not lectures:
            lectures.append(chemin)
            registre.put("accuse.csv", ACCUSE_BON)
        return octets

    monkeypatch.setattr(Partage, "read", read)
    assert registre.collect_accuses() == BilanReception(pris=1)
    assert lectures == ["831/retours/accuse.csv"]


def test_a_mailbox_that_is_a_file_or_a_link_is_told_once_and_stops_no_other(registre: Registre) -> None:
    registre.drop("131", lignes=40)
    registre.put("c.csv", ACCUSE_BON.replace("831", "131"), "131")
    for code in ("031", "061"):
        (registre.racine / code).mkdir()
    (registre.racine / "031" / "retours").write_text("x")
    (registre.racine / "061" / "retours").symlink_to(registre.racine / "131" / "retours")
    codes = ("011", "031", "061", "131")
    assert registre.collect_accuses(*codes) == BilanReception(pris=1, refuses=2)
    assert registre.collect_accuses(*codes) == BilanReception()
    assert set(registre.motifs("061")) == {"retours"}
    assert registre.run("SELECT count(*) FROM suivi.avis WHERE cle LIKE 'boite/%'") == [(2,)]


@pytest.mark.parametrize("nom", ["é" * 120 + ".csv", "x" * 251 + ".csv", "\U0001f600" * 60 + ".csv"])
def test_a_name_as_long_as_a_disk_takes_is_taken_or_refused(registre: Registre, nom: str) -> None:
    registre.drop()
    registre.put(nom, ACCUSE_BON.replace(";40;", ";41;"))
    assert registre.collect_accuses() == BilanReception(refuses=1)
    [garde] = [n for n in registre.files()["refuses"] if not n.endswith(".motif.txt")]
    assert garde.endswith(".csv")


@pytest.mark.parametrize("nom", ["Retour d'août.csv", "Retour d\u2019aou\u0302t.csv", "Retour: juin?.csv"])
def test_a_refused_file_is_opened_by_whoever_has_to_mend_it(registre: Registre, nom: str) -> None:
    registre.put(nom, "x;y\n1;2\n")
    registre.collect_accuses()
    assert [n for n in registre.files()["refuses"] if n.endswith(".csv")]


def test_a_link_is_removed_and_its_target_untouched_a_folder_is_told_once(registre: Registre) -> None:
    registre.drop()
    secret = registre.racine / "131" / "secret.csv"
    secret.parent.mkdir()
    secret.write_text(ACCUSE_BON)
    boite = registre.put("x", b"").parent
    (boite / "x").unlink()
    for nom, cible in (
        ("lien.csv", secret),
        ("dehors.csv", Path("/etc/passwd")),
        ("mort.csv", Path("nulle-part")),
    ):
        (boite / nom).symlink_to(cible)
        il_y_a_une_heure = MAINTENANT.timestamp() - 3_600
        os.utime(boite / nom, (il_y_a_une_heure, il_y_a_une_heure), follow_symlinks=False)
    (boite / "juin").mkdir()
    (boite / "juin" / "accuse.csv").write_text(ACCUSE_BON)
    os.utime(boite / "juin", (il_y_a_une_heure, il_y_a_une_heure))
    assert registre.collect_accuses() == BilanReception(refuses=4)
    assert secret.read_text() == ACCUSE_BON
    assert sorted(f.name for f in boite.iterdir()) == ["juin"]
    assert set(registre.motifs()) == {"lien.csv", "dehors.csv", "mort.csv", "juin"}
    assert "Un lien ou un dossier" in registre.motifs()["lien.csv"]
    assert registre.collect_accuses() == BilanReception()
    assert registre.events() == []


def test_a_name_that_is_a_person_s_is_not_repeated(registre: Registre) -> None:
    registre.put("claire 01 99 00 77 88.csv", f"a;b\n1;{CANARI_COURRIEL}\n")
    registre.put("claire@example.org.pdf", b"%PDF")
    bilan = registre.collect_accuses()
    assert (bilan.detruits, bilan.refuses) == (1, 1)
    assert b"99 00" not in read_tout(registre.racine)
    assert b"claire" not in read_tout(registre.racine)


def test_a_file_that_cannot_be_handled_is_told_at_the_end_and_stops_no_other(
    registre: Registre, monkeypatch: pytest.MonkeyPatch
) -> None:
    registre.drop()
    registre.drop("131", lignes=40)
    registre.put("a_bloque.csv", ACCUSE_BON)
    registre.put("b.csv", ACCUSE_BON)
    registre.put("c.csv", ACCUSE_BON.replace("831", "131"), "131")
    lire = Partage.read

    def read(partage: Partage, chemin: str, limite: int | None = None) -> bytes | None:
        if "bloque" in chemin:
            raise RuntimeError(f"secret {CANARI_COURRIEL}")
        return lire(partage, chemin, limite)

    monkeypatch.setattr(Partage, "read", read)
    bilan = registre.collect_accuses("831", "131")
    assert bilan == BilanReception(pris=2, bloques=("831",))
    assert registre.notes == ["Caf 831 : un fichier n'a pu être ni pris ni refusé (RuntimeError)."]
    with pytest.raises(ErreurAllerVers, match=r"ni pris ni refusés \(Caf 831\)"):
        bilan.require_all()
    BilanReception(pris=3).require_all()


@pytest.mark.parametrize("cause", ["un nombre trop grand", "une règle", "un signe"])
def test_a_file_whose_value_the_warehouse_refuses_is_refused_once_and_stops_no_run(
    registre: Registre, cause: str
) -> None:
    ordres = {
        "un nombre trop grand": "SELECT CAST(99999999999 AS integer)",
        "une règle": "INSERT INTO suivi.fichier_recu VALUES ('c', '831', 'n', 'autre', '', now(), '{%}')",
    }

    def take(entrepot: Connection, *_: object) -> object:
        if cause == "un signe":
            return "\ud800".encode()
        return entrepot.execute(text(ordres[cause]))

    registre.drop()
    registre.put("a.csv", ACCUSE_BON)
    ouvrir = partial(open_transaction, registre.dsn["av_etl"], "av_entrepot")
    boite = replace(registre.boite("accuse"), take=take, open_entrepot=ouvrir)
    assert collect(boite, ["831"], registre.notes.append) == BilanReception(refuses=1)
    assert "ne peut pas être enregistrée" in registre.motifs()["a.csv"]
    assert collect(boite, ["831"], registre.notes.append) == BilanReception()
    assert registre.notes == []


class _CoupureError(BaseException):
    """A worker killed at this very act."""


ACTES = ("write", "move", "remove", "commit")


@pytest.mark.parametrize("avant", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("acte", ACTES)
def test_killed_between_any_two_acts_the_next_run_tells_the_same_story(
    registre: Registre, monkeypatch: pytest.MonkeyPatch, acte: str, avant: bool
) -> None:
    registre.drop()
    registre.put("a_bon.csv", ACCUSE_BON)
    registre.put("b_faux.csv", ACCUSE_BON.replace(";40;", ";41;"))
    registre.put("c_personnel.csv", ACCUSE_BON.replace("BF-17", CANARI_COURRIEL))
    boite = registre.boite("accuse")
    if acte == "commit":
        prendre = boite.take

        def take(*arguments: Any) -> object:
            resultat = prendre(*arguments) if not avant else None
            raise _CoupureError(resultat)

        boite = replace(boite, take=take)
    else:
        original = getattr(Partage, acte)

        def coupe(partage: Partage, *arguments: Any) -> None:
            if not avant:
                original(partage, *arguments)
            raise _CoupureError

        monkeypatch.setattr(Partage, acte, coupe)
    with pytest.raises(_CoupureError):
        collect(boite, ["831"], registre.notes.append)
    monkeypatch.undo()
    registre.collect_accuses()
    assert registre.events() == [("transmis", "831", 1, "831")]
    assert registre.files() == {
        "retours": [], "traites": ["a_bon.csv"],
        "refuses": ["b_faux.csv", "b_faux.csv.motif.txt", "c_personnel.csv.motif.txt"],
    }  # fmt: skip
    assert registre.collect_accuses() == BilanReception()


def test_two_runs_at_once_take_each_file_once(registre: Registre) -> None:
    registre.drop()
    for rang in range(12):
        registre.put(f"a{rang:02}.csv", ACCUSE_BON)
        registre.put(f"b{rang:02}.csv", ACCUSE_BON.replace(";40;", ";41;"))
    bilans: list[BilanReception] = []
    fils = [threading.Thread(target=lambda: bilans.append(registre.collect_accuses())) for _ in range(2)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join(60)
    assert len(bilans) == 2
    assert bilans[0] + bilans[1] == BilanReception(pris=12, refuses=12)
    assert registre.events() == [("transmis", "831", 1, "831")]


def test_a_reason_is_a_text_that_a_caf_s_computer_reads(registre: Registre) -> None:
    registre.put("vide.csv", b"")
    registre.collect_accuses()
    brut = (registre.racine / "831" / "refuses" / "vide.csv.motif.txt").read_bytes()
    assert brut.startswith(b"\xef\xbb\xbf")
    assert brut.count(b"\r\n") == brut.count(b"\n")
    assert brut.decode("utf-8-sig").splitlines() == [
        "Fichier : vide.csv", "Refusé le 20/08/2025", "",
        "Le fichier est vide.", "À faire : le déposer de nouveau, enregistré et complet.",
    ]  # fmt: skip


def test_the_time_of_rest_is_a_setting(registre: Registre) -> None:
    registre.drop()
    registre.put("accuse.csv", ACCUSE_BON)
    lente = registre.boite("accuse", repos=timedelta(hours=2))
    assert collect(lente, ["831"], registre.notes.append) == BilanReception()
