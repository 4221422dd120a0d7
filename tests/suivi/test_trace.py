"""The trace: what a hand alters, removes or cuts is found and named; what is purged in time is not missed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from destruction_exemples import VIEILLIR
from lots_exemples import make_reglages
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import (
    export,
    list_sceaux,
    load_evenements,
    purge_trace,
    require_intact,
    seal,
    strike_motif,
    verify_jour,
    verify_trace,
)  # fmt: skip
from commande import Fini, run_commande

LOT: dict[str, Any] = {"mois": "2025-06", "code_caf": "831", "version": 1, "acteur": "essai"}
MAINTENANT = datetime.now(UTC)
ETATS = ("prepare", "depose", "transmis", "traite")


def age(connexion: Connection, duree: str) -> None:
    connexion.exec_driver_sql(VIEILLIR.replace("{age}", duree))


@pytest.fixture
def registre(entrepot: Connection) -> Connection:
    """Give a warehouse, as its owner, with a chain of four events and two others."""
    for etat in ETATS:
        record_evenement(entrepot, **LOT, etat=etat)  # type: ignore[arg-type]
    record_evenement(entrepot, **{**LOT, "code_caf": "061"}, etat="prepare")
    record_evenement(entrepot, **{**LOT, "mois": "2025-07"}, etat="prepare")
    entrepot.commit()
    return entrepot


def find_id(registre: Connection, etat: str) -> int:
    ordre = text(
        "SELECT min(id) FROM suivi.evenement WHERE etat = :e AND code_caf = '831' AND mois = '2025-06'"
    )
    return int(registre.scalar(ordre, {"e": etat}) or 0)


def tell(registre: Connection, mois: str | None = None) -> list[str]:
    return [str(anomalie) for anomalie in verify_trace(registre, *([mois] if mois else []))]


def remake_head(registre: Connection) -> None:
    """Make the head say what remains: the hand that cuts knows the house."""
    registre.exec_driver_sql(
        "UPDATE suivi.chaine AS c SET hash = e.hash, dernier_id = e.id, nombre = n.nombre FROM suivi.evenement AS e,"
        " (SELECT mois, code_caf, max(id) AS id, count(*) AS nombre FROM suivi.evenement GROUP BY 1, 2) AS n"
        " WHERE c.mois = n.mois AND c.code_caf = n.code_caf AND e.id = n.id"
    )


def test_a_trace_that_nobody_touched_is_intact(registre: Connection) -> None:
    assert seal(registre, MAINTENANT)
    assert verify_trace(registre) == []
    require_intact([])
    premiers = registre.scalar(text("SELECT count(*) FROM suivi.evenement WHERE hash_precedent IS NULL"))
    assert premiers == 3, "one chain a month and Caf"


@pytest.mark.parametrize(("retire", "suivant"), [*pairwise(ETATS[:3])])
def test_an_event_removed_is_named_by_the_one_that_followed(
    registre: Connection, retire: str, suivant: str
) -> None:
    numero = find_id(registre, suivant)
    registre.execute(text("DELETE FROM suivi.evenement WHERE id = :i"), {"i": find_id(registre, retire)})
    assert tell(registre) == [
        f"2025-06, Caf 831 : un événement a été retiré juste avant l'événement {numero} ({suivant})"
    ]
    with pytest.raises(ErreurAllerVers, match="La trace a été altérée") as refus:
        require_intact(verify_trace(registre))
    assert "Caf 831" in str(refus.value)


def test_a_last_event_written_again_with_its_hash_is_found_by_the_head(registre: Connection) -> None:
    registre.execute(
        text("UPDATE suivi.evenement SET motif = 'x' WHERE id = :i"), {"i": find_id(registre, "traite")}
    )
    registre.exec_driver_sql("UPDATE suivi.evenement AS e SET hash = suivi.sceller(e) WHERE motif = 'x'")
    [constat] = tell(registre)
    assert "la fin de la chaîne a été coupée ou remplacée" in constat


def test_a_reason_is_struck_out_everywhere_by_whom_the_trace_says_and_the_chain_holds(
    registre: Connection,
) -> None:
    dit: dict[str, Any] = {
        **LOT,
        "etat": "retenu",
        "motif": "à la demande de Claire Zibeline",
        "preuve": {"n": 1},
    }
    record_evenement(registre, **dit)
    registre.exec_driver_sql(
        "SELECT suivi.aviser('depots/2025-06/1', 'equipe_nationale', 'courriel', 'Lots', 'Retenus : ' || c.libelle ||"
        " ' (à la demande de Claire Zibeline).') FROM marts.caf AS c WHERE c.code_caf = '831'"
    )
    assert seal(registre, MAINTENANT)
    numero = find_id(registre, "retenu")
    assert strike_motif(registre, numero, "dpd.nation")
    assert not strike_motif(registre, numero, "dpd.nation"), "une seconde fois ne change rien"
    assert tell(registre) == []
    *_, raye, geste = load_evenements(registre, "2025-06", "831")
    assert (raye.motif, raye.acteur) == ("[raison rayée]", "essai")
    assert (geste.etat, geste.acteur, geste.preuve) == ("raye", "dpd.nation", {"evenement": numero})
    for table in ("evenement", "avis", "chaine"):
        textes = registre.exec_driver_sql(f"SELECT t::text FROM suivi.{table} AS t").scalars().all()
        assert not [t for t in textes if "Zibeline" in t]
    assert not record_evenement(registre, **dit), "redite par une tâche relancée, la raison ne revient pas"
    assert record_evenement(registre, **{**dit, "acteur": "un autre", "motif": "relu"}), (
        "un autre fait n'est pas perdu"
    )
    assert record_evenement(registre, **{**dit, "motif": None})
    for sans_raison in (find_id(registre, "depose"), geste.id, 10**9):
        with pytest.raises(ErreurAllerVers, match="ne donne pas de raison"), registre.begin_nested():
            strike_motif(registre, sans_raison, "dpd")


def test_a_reason_taken_away_that_no_event_says_is_named(registre: Connection) -> None:
    record_evenement(registre, **LOT, etat="retenu", motif="relu")
    numero = find_id(registre, "retenu")
    strike_motif(registre, numero, "dpd")
    registre.exec_driver_sql("DELETE FROM suivi.evenement WHERE etat = 'raye'")
    remake_head(registre)
    assert tell(registre) == [
        f"2025-06, Caf 831 : la raison de l'événement {numero} (retenu) a été ôtée sans que la trace dise par qui"
    ]
    registre.execute(
        text("UPDATE suivi.evenement SET motif_raye = repeat('0', 64) WHERE id = :i"), {"i": numero}
    )
    assert any("a été altéré" in constat for constat in tell(registre))


@pytest.mark.parametrize("nombre", [1, 2, 4])
def test_an_end_that_was_cut_is_found_without_waiting_for_a_seal(registre: Connection, nombre: int) -> None:
    registre.exec_driver_sql(
        "DELETE FROM suivi.evenement WHERE id IN (SELECT id FROM suivi.evenement WHERE mois = '2025-06'"
        f" AND code_caf = '831' ORDER BY id DESC LIMIT {nombre})"
    )
    [constat] = tell(registre)
    assert constat.startswith("2025-06, Caf 831 : la fin de la chaîne a été coupée ou remplacée après")


def test_an_end_cut_by_who_also_remakes_the_head_is_found_by_the_seal(registre: Connection) -> None:
    assert seal(registre, MAINTENANT)
    dernier = find_id(registre, "traite")
    registre.execute(text("DELETE FROM suivi.evenement WHERE id = :i"), {"i": dernier})
    remake_head(registre)
    [constat] = tell(registre)
    assert f"ce qui précède l'événement {dernier} n'est plus ce que le sceau de" in constat
    # Even once another event has taken its place.
    record_evenement(registre, **LOT, etat="traite")
    assert tell(registre) == [constat]


def test_a_whole_chain_removed_with_its_head_is_found_by_the_seal(registre: Connection) -> None:
    assert seal(registre, MAINTENANT)
    for table in ("evenement", "chaine"):
        registre.exec_driver_sql(f"DELETE FROM suivi.{table} WHERE code_caf = '061'")
    [constat] = tell(registre)
    assert constat.startswith("2025-06, Caf 061 : toute la chaîne a été retirée")


def test_a_history_written_again_from_the_start_is_found_by_the_seal(registre: Connection) -> None:
    assert seal(registre, MAINTENANT)
    [(pour, avant)] = list_sceaux(registre)
    registre.exec_driver_sql("UPDATE suivi.evenement SET motif = 'autre' WHERE etat = 'depose'")
    registre.exec_driver_sql("CREATE TEMPORARY TABLE garde AS TABLE suivi.sceau")
    age(registre, "0")
    registre.exec_driver_sql(
        "UPDATE suivi.sceau AS s SET hash = g.hash FROM garde AS g WHERE s.scelle_pour = g.scelle_pour AND s.mois = g.mois AND s.code_caf = g.code_caf"
    )
    assert ["sceau de" in constat for constat in tell(registre)] == [True]
    # And who remakes the seal too no longer gives the one that left by mail.
    age(registre, "0")
    assert tell(registre) == []
    assert list_sceaux(registre) != [(pour, avant)]


@pytest.mark.parametrize(
    "geste",
    [
        "UPDATE suivi.evenement SET motif = 'x' WHERE etat = 'prepare' AND mois = ",
        "UPDATE suivi.chaine SET hash = 'x' WHERE mois = ",
    ],
)
def test_a_day_verifies_the_months_that_moved_since_the_seal_and_the_day_of_a_seal_all(
    registre: Connection, geste: str
) -> None:
    assert seal(registre, MAINTENANT)
    record_evenement(registre, **{**LOT, "mois": "2025-07"}, etat="depose")
    assert verify_jour(registre, MAINTENANT) == []
    # What a seal holds as it is waits for the next one; a head that is another is not as it was sealed.
    for mois, le_jour_meme in (("2025-06", "chaine" in geste), ("2025-07", True)):
        with registre.begin_nested() as point:
            registre.exec_driver_sql(f"{geste}'{mois}'")
            assert {a.mois for a in verify_jour(registre, MAINTENANT)} == ({mois} if le_jour_meme else set())
            assert {a.mois for a in verify_jour(registre, MAINTENANT + timedelta(days=32))} == {mois}
            point.rollback()


def test_a_head_that_was_removed_is_named(registre: Connection) -> None:
    registre.exec_driver_sql("DELETE FROM suivi.chaine WHERE code_caf = '061'")
    [constat] = tell(registre)
    assert "la tête de la chaîne a été retirée" in constat


def test_the_seal_is_made_once_a_month_holds_what_moved_and_leaves_by_mail(registre: Connection) -> None:
    octobre = datetime(2099, 10, 3, 3, tzinfo=UTC)
    assert seal(registre, octobre) == "2099-09"
    assert registre.scalar(text("SELECT count(*) FROM suivi.sceau")) == 3
    [(_, empreinte)] = list_sceaux(registre)
    assert registre.execute(
        text("SELECT cle, corps LIKE :e FROM suivi.avis"), {"e": f"%{empreinte}%"}
    ).all() == [("sceau/2099-09", True)]
    record_evenement(registre, **LOT, etat="detruit")
    assert seal(registre, octobre + timedelta(days=20)) is None
    assert seal(registre, octobre + timedelta(days=40)) == "2099-10"
    assert registre.scalar(text("SELECT count(*) FROM suivi.sceau WHERE scelle_pour = '2099-10'")) == 1
    assert seal(registre, octobre + timedelta(days=80)) is None, "rien n'a bougé"
    assert verify_trace(registre) == []


def test_the_trace_goes_after_36_months_and_what_remains_still_verifies(registre: Connection) -> None:
    seal(registre, MAINTENANT)
    age(registre, "37 months")
    for etat in ("detruit", "expire"):
        record_evenement(registre, **LOT, etat=etat)  # type: ignore[arg-type]
    assert verify_trace(registre) == []
    attendu = {"evenements": 6, "oppositions": 0, "lectures": 0}
    assert purge_trace(registre, make_reglages(), MAINTENANT) == attendu
    assert registre.execute(text("SELECT etat FROM suivi.evenement")).scalars().all() == ["detruit", "expire"]
    assert registre.execute(text("SELECT mois, code_caf, nombre, ancre_nombre FROM suivi.chaine")).all() == [
        ("2025-06", "831", 6, 4)
    ]
    assert registre.scalar(text("SELECT count(*) FROM suivi.sceau")) == 0
    assert verify_trace(registre) == []
    assert purge_trace(registre, make_reglages(), MAINTENANT) == {
        "evenements": 0, "oppositions": 0, "lectures": 0,
    }  # fmt: skip
    record_evenement(registre, **LOT, etat="remplace")
    assert verify_trace(registre) == []
    # What remains is guarded as before: its oldest event removed, altered, its end cut.
    for ordre in (
        "DELETE FROM suivi.evenement WHERE etat = 'detruit'",
        "UPDATE suivi.evenement SET motif = 'x' WHERE etat = 'detruit'",
        "DELETE FROM suivi.evenement WHERE etat = 'remplace'",
    ):
        with registre.begin_nested() as point:
            registre.exec_driver_sql(ordre)
            assert len(tell(registre)) == 1
            point.rollback()


def test_a_reading_goes_with_its_setting_and_never_before_six_months(registre: Connection) -> None:
    for age_ in ("5 months", "7 months", "13 months"):
        registre.exec_driver_sql(
            "INSERT INTO suivi.lecture SELECT 'lectrice', 'caf', NULL, '831', '2025-06', now() - CAST(%s AS interval)",
            (age_,),
        )
    assert purge_trace(registre, make_reglages(mois_lectures=12), MAINTENANT)["lectures"] == 1
    assert purge_trace(registre, make_reglages(), MAINTENANT)["lectures"] == 1
    assert registre.exec_driver_sql(
        "SELECT now() - lu_le < interval '6 months' FROM suivi.lecture"
    ).all() == [(True,)]
    with pytest.raises(DBAPIError, match="six mois"):
        registre.execute(text("SELECT suivi.purger_lectures(now() - interval '5 months')"))


def test_summer_time_stops_no_purge(registre: Connection) -> None:
    ete = datetime(2026, 8, 3, 6, tzinfo=PARIS)
    registre.execute(text("INSERT INTO suivi.horloge (decalage) VALUES (:ete - now())"), {"ete": ete})
    assert purge_trace(registre, make_reglages(), ete)["lectures"] == 0


def test_a_seal_that_outlives_a_purged_chain_does_not_cry(registre: Connection) -> None:
    age(registre, "37 months")
    seal(registre, MAINTENANT)
    purge_trace(registre, make_reglages(), MAINTENANT)
    assert registre.scalar(text("SELECT count(*) FROM suivi.evenement")) == 0
    assert registre.scalar(text("SELECT count(*) FROM suivi.chaine")) == 3
    assert verify_trace(registre) == []


def test_the_mark_of_a_destroyed_month_outlives_its_trace(registre: Connection) -> None:
    registre.exec_driver_sql(
        "INSERT INTO suivi.destruction VALUES ('2020-01', 'FR', 'delai', 'r', '{\"t\": 1}', '2020-06-01'),"
        " ('2020-01', '831', 'delai', 'r', '{\"t\": 1}', '2020-06-01')"
    )
    purge_trace(registre, make_reglages(), MAINTENANT)
    assert registre.exec_driver_sql("SELECT code_caf, comptes FROM suivi.destruction").all() == [("FR", {})]
    from aller_vers.socle.sql import run_sql

    assert run_sql(registre, "socle/select_detruites.sql", mois="2020-01").scalars().all() == ["FR"]
    detruits = run_sql(registre, "destruction/select_detruits.sql", mois=["2019-12", "2020-01"]).all()
    assert [(d.mois, d.code_caf) for d in detruits] == [("2020-01", "FR")]


def test_the_trace_cannot_be_purged_before_its_time(registre: Connection) -> None:
    with pytest.raises(DBAPIError, match="La trace se garde 36 mois"):
        registre.exec_driver_sql("SELECT suivi.purger_trace(now() - interval '35 months')")


@pytest.mark.parametrize(
    "preuve",
    [
        {"note": "claire@example.org"},
        {"note": "0199001234"},
        {"note": "01 99 00 12 34"},
        {"liste": ["un", {"deux": "+33 (0)1 99 00 12 34"}]},
        {"199001234": 1},
        {"id_personne": 7100001234},
        {"nir": "2 99 13 2A 999 999 99"},
        {"reference": "2025-06-01 99 00 12 34"},
    ],
)
def test_a_proof_that_holds_a_persons_value_is_refused(registre: Connection, preuve: dict[str, Any]) -> None:
    with pytest.raises(DBAPIError, match="La preuve ressemble à une donnée personnelle") as refus:
        record_evenement(registre, **LOT, etat="expire", preuve=preuve)
    assert "99 00" not in str(refus.value)


@pytest.mark.parametrize(
    "preuve",
    [
        {"identite": "9" * 64, "chemin": "831/2025-06/v1", "lignes": 1234, "apres": 4567},
        {"execution": "manual__2025-07-01T04:05:00.123456+00:00"},
        {"execution": "asset_triggered__2025-07-01T04:05:00.123456+00:00__AbCdEf12"},
        {"execution": "2025-06__20260131T041306123456", "uuid": "12345678-9012-4345-8678-901234567890"},
        {"date_transmission": "2025-07-04", "portail": "bluefiles", "lignes": 120, "reference": "BF-4821"},
        {"versions": [1, 2, 3], "comptes": {"831": 12, "591": 345, "061": 678}},
        {"entreprise_le": "2025-10-01T02:00:00.123456+00:00", "le": "2025-10-01 02:00:00+02:00"},
    ],
)
def test_an_ordinary_proof_is_kept(registre: Connection, preuve: dict[str, Any]) -> None:
    assert record_evenement(registre, **LOT, etat="expire", preuve=preuve)
    assert verify_trace(registre) == []


def test_the_export_gives_one_lot_one_caf_or_one_month(registre: Connection) -> None:
    assert [e.etat for e in load_evenements(registre, "2025-06", "831")] == list(ETATS)
    assert len(load_evenements(registre, code_caf="831")) == 5
    assert len(load_evenements(registre, mois="2025-06")) == 5
    record_evenement(registre, **LOT, etat="retenu", motif="=1+1", preuve={"lignes": 3})
    evenements = load_evenements(registre, "2025-06", "831")
    lus = json.loads(export(evenements, "json"))
    assert (lus[-1]["motif"], lus[-1]["preuve"]) == ("=1+1", {"lignes": 3})
    assert lus[1]["hash_precedent"] == lus[0]["hash"]
    lignes = list(
        csv.DictReader(io.StringIO(export(evenements, "csv").decode("utf-8-sig"), newline=""), delimiter=";")
    )
    assert [ligne["etat"] for ligne in lignes] == [*ETATS, "retenu"]
    assert (lignes[-1]["motif"], lignes[-1]["preuve"]) == ("'=1+1", '{"lignes": 3}')


def run(dsn: Callable[[str], str], *arguments: str) -> Fini:
    connexions = {
        f"AIRFLOW_CONN_{nom}": dsn(role)
        for nom, role in (("AV_PILOTAGE", "av_pilotage"), ("AV_ENTREPOT", "av_etl"))
    }
    return run_commande("trace", *arguments, env=connexions)


def test_the_commands_seal_verify_and_export(
    registre: Connection, base_entrepot: str, dsn_role: Callable[[str], str], tmp_path: Path
) -> None:
    assert "Trace scellée pour " in run(dsn_role, "sceller").stdout
    bon = run(dsn_role, "verifier")
    assert bon.returncode == 0, bon.stderr
    assert "La trace est intacte" in bon.stdout
    assert f"Sceau {list_sceaux(registre)[0][0]} : {list_sceaux(registre)[0][1]}" in bon.stdout
    fichier = tmp_path / "lot.csv"
    assert run(dsn_role, "exporter", "--lot", "831/2025-06", "--sortie", str(fichier)).returncode == 0
    assert fichier.read_bytes().startswith(b"\xef\xbb\xbfid;mois;")
    assert fichier.read_bytes().count(b"\r\n") == 5
    assert len(json.loads(run(dsn_role, "exporter", "--caf", "061", "--format", "json").stdout)) == 1
    assert "aucun événement" in run(dsn_role, "exporter", "--caf", "999").stderr
    registre.rollback()
    with open_transaction(base_entrepot, "av_admin") as connexion:
        connexion.exec_driver_sql("UPDATE suivi.evenement SET acteur = 'x' WHERE etat = 'depose'")
    altere = run(dsn_role, "verifier", "--mois", "2025-06")
    assert altere.returncode == 1
    assert "2025-06, Caf 831 : l'événement" in altere.stderr
    assert "a été altéré" in altere.stderr


def test_nobody_of_the_house_writes_a_seal_again(
    registre: Connection, dsn_role: Callable[[str], str]
) -> None:
    seal(registre, MAINTENANT)
    registre.commit()
    for role in ("av_etl", "av_pilotage"):
        for ordre in ("UPDATE suivi.sceau SET nombre = 0", "DELETE FROM suivi.sceau"):
            with (
                psycopg.connect(dsn_role(role)) as connexion,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connexion.execute(ordre)
