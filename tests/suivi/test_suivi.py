"""The ledger and the outbox: what is told once stays told, and whoever alters it is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from serveur_smtp import Ouvrir
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from aller_vers.socle.entrepot import create_moteur
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.trace import verify_trace
from ensemble import run_together

LOT: dict[str, Any] = {"mois": "2025-06", "code_caf": "831", "version": 1, "acteur": "essai"}


@pytest.fixture
def chaine(entrepot: Connection) -> Connection:
    """Give a warehouse, as its owner, with a chain of four events and two other chains."""
    for etat in ("prepare", "depose", "transmis", "detruit"):
        assert record_evenement(entrepot, **LOT, etat=etat, preuve={"n": etat}, motif="essai")
    record_evenement(entrepot, **{**LOT, "code_caf": "061"}, etat="prepare")
    record_evenement(entrepot, **{**LOT, "mois": "2025-07"}, etat="prepare")
    entrepot.commit()
    return entrepot


def find(entrepot: Connection, etat: str) -> int:
    ordre = text("SELECT id FROM suivi.evenement WHERE etat = :e AND code_caf = '831' ORDER BY id LIMIT 1")
    return int(entrepot.scalar(ordre, {"e": etat}) or 0)


@pytest.mark.parametrize(
    "alteration",
    [
        "version = 2",
        "code_cpam = '831'",
        "etat = 'traite'",
        "acteur = 'autre'",
        "motif = 'autre'",
        "motif = NULL",
        "preuve = '{}'",
        "cree_le = cree_le + interval '1 microsecond'",
        "hash = sha256('x')",
        "hash_precedent = NULL",
    ],
)
def test_any_altered_field_is_found(chaine: Connection, alteration: str) -> None:
    numero = find(chaine, "depose")
    chaine.execute(text(f"UPDATE suivi.evenement SET {alteration} WHERE id = :i"), {"i": numero})
    anomalies = verify_trace(chaine)
    assert any(f"l'événement {numero} " in a.constat for a in anomalies)
    assert "hash" in alteration or any("a été altéré" in a.constat for a in anomalies)
    assert {(a.mois, a.code_caf) for a in anomalies} == {("2025-06", "831")}
    assert verify_trace(chaine, "2025-07") == []


def test_an_event_moved_to_another_chain_is_found(chaine: Connection) -> None:
    chaine.execute(
        text("UPDATE suivi.evenement SET code_caf = '061' WHERE id = :i"), {"i": find(chaine, "depose")}
    )
    assert {a.code_caf for a in verify_trace(chaine)} == {"061", "831"}


def test_the_same_event_twice_adds_nothing_and_another_recipient_or_proof_does(chaine: Connection) -> None:
    avant = chaine.scalar(text("SELECT count(*) FROM suivi.evenement"))
    assert not record_evenement(chaine, **LOT, etat="depose", preuve={"n": "depose"}, motif="essai")
    assert chaine.scalar(text("SELECT count(*) FROM suivi.evenement")) == avant
    assert record_evenement(chaine, **LOT, etat="transmis", code_cpam="594")
    assert record_evenement(chaine, **LOT, etat="transmis", code_cpam="595")
    assert not record_evenement(chaine, **LOT, etat="transmis", code_cpam="595")
    assert record_evenement(chaine, **LOT, etat="depose", preuve={"n": "autre"}, motif="essai")
    assert verify_trace(chaine) == []


def test_the_owner_alone_may_set_the_clock_that_dates_what_is_told(entrepot: Connection) -> None:
    entrepot.execute(
        text("INSERT INTO suivi.horloge (decalage) VALUES (timestamptz '2025-08-15 06:00+2' - now())")
    )
    record_evenement(entrepot, **LOT, etat="depose")
    queue_avis(entrepot, cle="essai", destinataire="caf:831", objet="essai", corps="essai")
    for table in ("evenement", "avis"):
        jour = entrepot.scalar(
            text(f"SELECT (max(cree_le) AT TIME ZONE 'Europe/Paris')::date FROM suivi.{table}")
        )
        assert str(jour) == "2025-08-15"


def test_an_unknown_state_is_refused(entrepot: Connection) -> None:
    with pytest.raises(DBAPIError, match="etat_du_lot"):
        record_evenement(entrepot, **LOT, etat="perdu")  # type: ignore[arg-type]


@pytest.mark.parametrize("role", ["av_etl", "av_pilotage"])
@pytest.mark.parametrize(
    "ordre",
    [
        "INSERT INTO suivi.evenement (mois, code_caf, version, etat, acteur, cree_le, hash)"
        " VALUES ('2025-06', '831', 1, 'depose', 'x', now(), 'x')",
        "UPDATE suivi.evenement SET motif = 'x'",
        "DELETE FROM suivi.evenement",
        "TRUNCATE suivi.evenement",
        "DROP TABLE suivi.evenement",
        "ALTER TABLE suivi.evenement DISABLE TRIGGER ALL",
        "DELETE FROM suivi.avis",
        "UPDATE suivi.avis SET corps = 'x'",
        "UPDATE suivi.sceau SET nombre = 0",
        "INSERT INTO suivi.horloge (decalage) VALUES ('-1 year')",
        "DELETE FROM suivi.sceau",
        "CREATE OR REPLACE FUNCTION suivi.sceller(evenement suivi.evenement) RETURNS bytea"
        " LANGUAGE sql AS 'SELECT NULL::bytea'",
    ],
)
def test_a_role_that_may_tell_may_not_rewrite(
    chaine: Connection, dsn_role: Callable[[str], str], role: str, ordre: str
) -> None:
    with psycopg.connect(dsn_role(role)) as connexion:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connexion.execute(ordre)
        connexion.rollback()
    assert verify_trace(chaine) == []


@pytest.mark.parametrize("role", ["av_qualite", "av_diffusion"])
def test_a_role_without_business_in_the_ledger_neither_reads_nor_tells(
    chaine: Connection, dsn_role: Callable[[str], str], role: str
) -> None:
    with psycopg.connect(dsn_role(role), autocommit=True) as connexion:
        for ordre in (
            "SELECT 1 FROM suivi.evenement",
            "SELECT suivi.inscrire('2025-06', '831', 1, 'a', 'b')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connexion.execute(ordre)


@pytest.mark.parametrize(
    "motif",
    [
        "voir claire@example.org",
        "Claire+x@sous.example.org a écrit",
        "rappeler au 01 99 00 12 34",
        "rappeler au 0199001234",
        "rappeler au 01.99.00.12.34",
        "rappeler au 01-99-00-12-34",
        "rappeler au 01/99/00/12/34",
        "rappeler au 01  99  00  12  34",
        "rappeler au 01\u00a099\u00a000\u00a012\u00a034",
        "rappeler au 01\u202f99\u202f00\u202f12\u202f34",
        "rappeler au +33 (0)1 99 00 12 34",
        "NIR 2 99 13 99 999 999 99",
        "NIR 2 99 13 2A 999 999 99",
        "NIR 299132b99999999",
        "NIR 1 90 05 2A 123",
    ],
)
def test_a_reason_that_holds_a_persons_value_is_refused(entrepot: Connection, motif: str) -> None:
    with pytest.raises(DBAPIError, match="ressemble à une donnée personnelle") as refus:
        record_evenement(entrepot, **LOT, etat="retenu", motif=motif)
    assert motif not in str(refus.value)
    entrepot.rollback()
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.evenement")) == 0


@pytest.mark.parametrize(
    "nom", ["purge_20261129_01", "0612345678", "relance-01-99-00-12-34", "jean@example.org"]
)
def test_a_run_that_a_person_names_as_a_number_stops_nothing_and_is_not_kept(
    entrepot: Connection, nom: str
) -> None:
    for cle in ("execution", "achevee_par"):
        record_evenement(entrepot, **LOT, etat="expire", preuve={cle: nom, "reste": 0})
    preuves = entrepot.execute(text("SELECT preuve FROM suivi.evenement")).scalars().all()
    assert len(preuves) == 2
    assert nom not in str(preuves)


@pytest.mark.parametrize(
    "motif",
    [
        None,
        "qualité : sans_contact, part_courriel_valide, code_postal_inconnu",
        "aucune convention en vigueur",
        "volume 1 250 contre 1 350 en 2025-05, accord du 12/07/2025",
        "Caf 831 : le lot 2025-06 v2 remplace la v1",
        "le fichier est à renvoyer à 14 h 30",
    ],
)
def test_an_ordinary_reason_is_kept(entrepot: Connection, motif: str | None) -> None:
    assert record_evenement(entrepot, **LOT, etat="retenu", motif=motif)
    assert entrepot.scalar(text("SELECT motif FROM suivi.evenement")) == motif


def test_eight_writers_at_once_keep_one_chain(entrepot: Connection, ouvrir: Ouvrir) -> None:
    def write(numero: int) -> Callable[[Connection], list[bool]]:
        return lambda c: [
            record_evenement(c, **LOT, etat="transmis", preuve={"n": numero, "tour": tour})
            for tour in range(20)
        ]

    resultats = run_together(ouvrir, *map(write, range(8)))
    assert resultats == [[True] * 20] * 8
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.evenement")) == 160
    assert entrepot.scalar(text("SELECT count(DISTINCT hash_precedent) FROM suivi.evenement")) == 159
    assert verify_trace(entrepot) == []


def test_eight_writers_of_the_same_event_add_it_once(entrepot: Connection, ouvrir: Ouvrir) -> None:
    resultats = run_together(
        ouvrir, *[lambda c: record_evenement(c, **LOT, etat="depose", preuve={"a": 1})] * 8
    )
    assert sorted(resultats) == [False] * 7 + [True]
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.evenement")) == 1


def test_a_notice_is_queued_once_a_key_and_goes_with_what_it_tells(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    def queue(c: Connection, cle: str = "depot/2025-06/831/v1", corps: str = "un") -> bool:
        return queue_avis(c, cle=cle, destinataire="caf:831", objet="o", corps=corps)

    with create_moteur(dsn_role("av_etl")).connect() as etl:
        assert record_evenement(etl, **LOT, etat="depose")
        assert queue(etl)
        etl.rollback()
        assert etl.scalar(text("SELECT count(*) FROM suivi.avis")) == 0
        assert queue(etl)
        assert not queue(etl, corps="deux")
        assert queue(etl, cle="autre")
        etl.commit()
    lignes = entrepot.execute(text("SELECT corps, tentatives, envoye_le FROM suivi.avis ORDER BY cree_le"))
    assert [tuple(ligne) for ligne in lignes] == [("un", 0, None)] * 2
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.evenement")) == 0


def test_eight_notices_of_the_same_key_at_once_are_one(entrepot: Connection, ouvrir: Ouvrir) -> None:
    def queue(c: Connection) -> bool:
        return queue_avis(c, cle="meme", destinataire="equipe_nationale", objet="o", corps="c")

    assert sorted(run_together(ouvrir, *[queue] * 8)) == [False] * 7 + [True]
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.avis")) == 1
