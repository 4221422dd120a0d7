"""Connections: refusals say what to mend, and never a secret nor a row's value."""

from __future__ import annotations

import re
import time
import traceback
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import Connection, make_url, text

from aller_vers.poste.postgres import Grappe
from aller_vers.socle.entrepot import (
    check_horloge,
    create_moteur,
    keep_connexions,
    open_transaction,
    translate_errors,
)
from aller_vers.socle.erreurs import ErreurAllerVers

CANARI = "canari@example.org"
SECRET = "motdepasse-canari"


def render(adresse: str, **parties: object) -> str:
    return make_url(adresse).set(**parties).render_as_string(hide_password=False)  # type: ignore[arg-type]


def try_to_connect(adresse: str) -> ErreurAllerVers:
    with pytest.raises(ErreurAllerVers) as erreur, open_transaction(adresse, "av_source"):
        pytest.fail("the connection was made")
    texte = f"{erreur.value!r} {erreur.value} {''.join(traceback.format_exception(erreur.value))}"
    assert SECRET not in texte
    assert "av_source" in erreur.value.constat
    assert "av_source" in erreur.value.remede
    return erreur.value


def test_a_wrong_password_is_said_without_the_password(grappe: Grappe, base_vide: str) -> None:
    with psycopg.connect(grappe.dsn(), autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS lecteur_refuse")
        admin.execute("CREATE ROLE lecteur_refuse LOGIN PASSWORD 'le-vrai'")
    erreur = try_to_connect(render(base_vide, username="lecteur_refuse", password=SECRET))
    assert "utilisateur lecteur_refuse" in erreur.constat
    assert "refuse la connexion : mot de passe refusé." in erreur.constat


def test_no_password_is_said(base_vide: str) -> None:
    assert "mot de passe refusé" in try_to_connect(re.sub(":[^:@/]+@", "@", base_vide)).constat


def test_a_user_or_database_that_does_not_exist_is_said(base_vide: str) -> None:
    base = try_to_connect(render(base_vide, database="si_allocataires_absent"))
    assert "La base si_allocataires_absent sur 127.0.0.1" in base.constat
    assert "n'existe pas" in base.constat


def test_a_server_that_does_not_answer_is_said(base_vide: str) -> None:
    erreur = try_to_connect(render(base_vide, port=1, password=SECRET))
    assert "127.0.0.1:1" in erreur.constat
    assert "personne ne répond à cette adresse" in erreur.constat
    assert erreur.passagere


def test_a_host_that_does_not_exist_is_said() -> None:
    erreur = try_to_connect(f"postgresql://lecteur:{SECRET}@nulle-part.invalid/base")
    assert "base sur nulle-part.invalid" in erreur.constat


def test_a_file_that_does_not_exist_is_said() -> None:
    assert "unable to open database file" in try_to_connect("sqlite:////nulle/part/source.db").constat


@pytest.mark.parametrize(
    "adresse",
    [
        f"postgresql://lecteur:avant@{SECRET}@hote/base",
        f"postgresql://lecteur:avant@apres:{SECRET}/base",  # a sign of the password that is not escaped
        f"inconnu://lecteur:{SECRET}@hote/base",
        f"oracle+cx_oracle://lecteur:{SECRET}@hote/base",
        SECRET,
        "",
    ],
)
def test_an_address_that_cannot_be_read_is_said_without_repeating_it(adresse: str) -> None:
    assert "est illisible, ou son pilote n'est pas installé" in try_to_connect(adresse).constat


@pytest.mark.parametrize("schema", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_means_psycopg(base_vide: str, schema: str) -> None:
    moteur = create_moteur(base_vide.replace("postgresql://", f"{schema}://"))
    assert (moteur.dialect.name, moteur.dialect.driver) == ("postgresql", "psycopg")


def create_personnes(adresse: str) -> None:
    with open_transaction(adresse, "av_entrepot") as connexion:
        connexion.execute(
            text(
                "CREATE TABLE personne (courriel text UNIQUE CHECK (courriel <> 'interdit'),"
                " nom text NOT NULL, court varchar(5),"
                " mois text REFERENCES personne (courriel) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        connexion.execute(text("INSERT INTO personne VALUES (:c, 'x')"), {"c": CANARI})


def copy_into(connexion: Connection, valeur: str) -> None:
    pilote = connexion.connection.driver_connection
    assert isinstance(pilote, psycopg.Connection)
    with pilote.cursor().copy("COPY personne (courriel, nom, court) FROM STDIN") as copie:
        copie.write_row((valeur, valeur, valeur))


@pytest.mark.parametrize(
    ("ordre", "dit"),
    [
        ("INSERT INTO personne VALUES (:c, 'x')", r"UniqueViolation \(SQLSTATE 23505, public\.personne"),
        ("INSERT INTO personne (courriel) VALUES ('b' || :c)", r"NotNullViolation .*personne\.nom"),
        ("SELECT CAST(:c AS integer)", "InvalidTextRepresentation"),
        ("SELECT CAST(:c AS date)", "InvalidDatetimeFormat"),
        ("INSERT INTO personne (nom, court) VALUES ('x', :c)", "StringDataRightTruncation"),
        ("INSERT INTO personne VALUES ('interdit', :c)", "CheckViolation"),
        ("INSERT INTO personne VALUES ('x', 'x', 'x', 'b' || :c)", "ForeignKeyViolation"),  # at the commit
        ("CREATE TABLE personne (c text DEFAULT 'canari@example.org')", "DuplicateTable"),
        ('SELECT "canari@example.org" FROM personne', "UndefinedColumn"),
        ("DO $$ BEGIN RAISE EXCEPTION 'canari@example.org'; END $$", "RaiseException"),
        ("COPY", "StringDataRightTruncation"),
        ("PILOTE", "UniqueViolation"),
    ],
)
def test_an_error_of_the_database_never_repeats_a_value(base_vide: str, ordre: str, dit: str) -> None:
    create_personnes(base_vide)
    with (  # noqa: PT012 - each way to a database
        pytest.raises(ErreurAllerVers, match=dit) as erreur,
        open_transaction(base_vide, "av_entrepot") as connexion,
    ):
        if ordre == "COPY":
            copy_into(connexion, "b" + CANARI)
        elif ordre == "PILOTE":
            pilote = connexion.connection.driver_connection
            assert isinstance(pilote, psycopg.Connection)
            pilote.execute("INSERT INTO personne VALUES (%s, 'x')", (CANARI,))
        else:
            connexion.execute(text(ordre), {"c": CANARI} if ":c" in ordre else {})
    trace = "".join(traceback.format_exception(erreur.value))
    for texte in (str(erreur.value), repr(erreur.value), repr(erreur.value.args), trace):
        assert "canari@" not in texte
    assert "av_entrepot" in erreur.value.constat


def test_an_error_of_a_source_that_is_not_postgresql_never_repeats_a_value() -> None:
    with (
        pytest.raises(
            ErreurAllerVers, match=r"connexion av_source a refusé une instruction \(OperationalError\)"
        ) as e,
        open_transaction("sqlite://", "av_source") as connexion,
    ):
        connexion.execute(text('SELECT canari FROM "canari@example.org"'))
    assert "canari@" not in str(e.value) + "".join(traceback.format_exception(e.value))


def test_an_error_rolls_everything_back_and_success_commits(base_vide: str) -> None:
    create_personnes(base_vide)
    with (  # noqa: PT012 - the second statement fails
        pytest.raises(ErreurAllerVers),
        open_transaction(base_vide, "av_entrepot") as connexion,
    ):
        connexion.execute(text("DELETE FROM personne"))
        connexion.execute(text("SELECT 1 / 0"))
    with open_transaction(base_vide, "av_entrepot") as connexion:
        assert connexion.scalar(text("SELECT count(*) FROM personne")) == 1


def test_an_error_of_ours_goes_through_as_it_is(base_vide: str) -> None:
    notre = ErreurAllerVers("constat", "remède")
    with pytest.raises(ErreurAllerVers) as erreur, open_transaction(base_vide, "av_entrepot"):
        raise notre
    assert erreur.value is notre


@pytest.mark.usefixtures("connexions_neuves")
def test_transactions_in_a_row_share_a_connection_that_is_kept_is_opened_again_and_ends(
    base_vide: str,
) -> None:
    def read_pid() -> int:
        with open_transaction(base_vide, "av_entrepot") as connexion:
            return int(connexion.scalar(text("SELECT pg_backend_pid()")) or 0)

    assert read_pid() != read_pid()
    with keep_connexions():
        premiere = read_pid()
        with pytest.raises(ErreurAllerVers), open_transaction(base_vide, "av_entrepot") as connexion:
            connexion.execute(text("SELECT 1 / 0"))
        assert read_pid() == premiere
        with psycopg.connect(base_vide, autocommit=True) as autre:
            autre.execute("SELECT pg_terminate_backend(%s, 5000)", [premiere])
        seconde = read_pid()
        assert seconde == read_pid() != premiere
    with psycopg.connect(base_vide, autocommit=True) as autre:
        limite = time.monotonic() + 5
        while autre.execute("SELECT FROM pg_stat_activity WHERE pid = %s", [seconde]).fetchone():
            assert time.monotonic() < limite, "nothing stays open"
            time.sleep(0.01)


def test_the_connection_that_is_blamed_is_the_one_that_refused(base_vide: str) -> None:
    with (
        pytest.raises(ErreurAllerVers, match="connexion av_source"),
        open_transaction(base_vide, "av_entrepot") as connexion,
        translate_errors("av_source"),
    ):
        connexion.execute(text("SELECT 1 / 0"))


@pytest.mark.parametrize("ecart", [timedelta(days=400), timedelta(seconds=90), timedelta(seconds=-90)])
def test_a_clock_that_the_database_denies_decides_nothing(entrepot: Connection, ecart: timedelta) -> None:
    juste = datetime.now(UTC)
    assert check_horloge(entrepot, juste) == juste
    with pytest.raises(ErreurAllerVers, match="rien n'est détruit, attesté ni dit en retard"):
        check_horloge(entrepot, juste + ecart)
