"""Migrations of the warehouse, and what each role may do in what they make."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, text

from aller_vers.socle.entrepot import create_moteur, open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.migrations import SCHEMA, migrate
from aller_vers.socle.partitions import replace_partition
from ensemble import run_together

REVISIONS = sorted(f.name[:4] for f in SCHEMA.glob("*.sql"))
PERSONNES = ("staging.demandeur_brut", "staging.demandeur", "core.demandeur")
ROLES = ("av_etl", "av_qualite", "av_pilotage", "av_diffusion")


def read_revisions(dsn: str) -> list[str]:
    with psycopg.connect(dsn) as connexion:
        return [ligne[0] for ligne in connexion.execute("SELECT version_num FROM public.aller_vers_version")]


def count_objects(dsn: str) -> int:
    with psycopg.connect(dsn) as connexion:
        ligne = connexion.execute(
            "SELECT count(*) FROM pg_class AS c INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid"
            " WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'"
        ).fetchone()
        assert ligne
        return int(ligne[0])


def test_from_empty_to_the_newest_then_nothing_more(base_vide: str) -> None:
    with open_transaction(base_vide, "av_admin") as connexion:
        assert migrate(connexion) == REVISIONS
    assert read_revisions(base_vide) == REVISIONS[-1:]
    with open_transaction(base_vide, "av_admin") as connexion:
        assert migrate(connexion) == []


def test_a_warehouse_one_revision_behind_gets_the_missing_one_alone(base_vide: str, tmp_path: Path) -> None:
    shutil.copytree(SCHEMA, tmp_path / "m")
    with open_transaction(base_vide, "av_admin") as connexion:
        migrate(connexion, tmp_path / "m")
    (tmp_path / "m/9999_suite.sql").write_text("CREATE TABLE marts.suite (); CREATE TABLE marts.fin ();")
    (tmp_path / "m/notes.sql").write_text("pas une révision")
    with open_transaction(base_vide, "av_admin") as connexion:
        assert migrate(connexion, tmp_path / "m") == ["9999"]
        assert connexion.scalar(text("SELECT to_regclass('marts.fin') IS NOT NULL"))
    assert read_revisions(base_vide) == ["9999"]


def test_a_revision_that_this_version_does_not_know_is_told(entrepot: Connection) -> None:
    entrepot.execute(text("UPDATE public.aller_vers_version SET version_num = '9998'"))
    with pytest.raises(ErreurAllerVers) as refus:
        migrate(entrepot)
    assert "révision 9998, que cette version ne connaît pas" in str(refus.value)
    assert "ou une plus récente" in str(refus.value)


def test_a_migration_that_fails_leaves_nothing_of_any_of_them(base_vide: str, tmp_path: Path) -> None:
    avant = count_objects(base_vide)
    shutil.copytree(SCHEMA, tmp_path / "m")
    (tmp_path / "m/9999_fautive.sql").write_text("CREATE TABLE marts.moitie (); SELECT 1 / 0;")
    with (
        pytest.raises(ErreurAllerVers, match="22012"),
        open_transaction(base_vide, "av_admin") as connexion,
    ):
        migrate(connexion, tmp_path / "m")
    assert count_objects(base_vide) == avant
    with open_transaction(base_vide, "av_admin") as connexion:
        assert migrate(connexion) == REVISIONS


def test_two_migrations_at_once_are_one(base_vide: str) -> None:
    appliquees = run_together(lambda: open_transaction(base_vide, "av_admin"), migrate, migrate)
    assert sorted(appliquees) == [[], REVISIONS]
    assert read_revisions(base_vide) == REVISIONS[-1:]


@pytest.mark.parametrize("role", ROLES)
def test_no_role_makes_anything_outside_its_place(dsn_role: Callable[[str], str], role: str) -> None:
    with psycopg.connect(dsn_role(role), autocommit=True) as connexion:
        ligne = connexion.execute(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert ligne == (False,)
        creables = connexion.execute(
            "SELECT array_agg(nspname::text ORDER BY nspname) FROM pg_namespace"
            " WHERE nspname NOT LIKE 'pg\\_%' AND has_schema_privilege(oid, 'CREATE')"
        ).fetchone()
        assert creables == ((["core", "staging"],) if role == "av_etl" else (None,))
        temporaire = connexion.execute(
            "SELECT has_database_privilege(current_database(), 'TEMPORARY'),"
            " has_database_privilege(current_database(), 'CREATE')"
        ).fetchone()
        assert temporaire == (role == "av_etl", False)


def test_an_account_without_a_role_of_the_house_does_not_even_enter(base_vide: str) -> None:
    with open_transaction(base_vide, "av_admin") as connexion:
        migrate(connexion)
        connexion.execute(text("CREATE ROLE passant LOGIN PASSWORD 'essai'"))
    try:
        passant = psycopg.conninfo.make_conninfo(base_vide, user="passant", password="essai")
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(passant)
    finally:
        with psycopg.connect(base_vide) as connexion_admin:
            connexion_admin.execute("DROP ROLE passant")


@pytest.mark.parametrize("table", PERSONNES)
def test_nobody_but_av_etl_reads_persons_in_partitions_made_later(
    entrepot: Connection, dsn_role: Callable[[str], str], table: str
) -> None:
    moteur = create_moteur(dsn_role("av_etl"))
    with moteur.begin() as etl:
        replace_partition(etl, table, "2025-06")
    with moteur.connect() as etl:
        for nom in (table, f"{table}_2025_06"):
            assert etl.scalar(text(f"SELECT count(*) FROM {nom}")) == 0
    moteur.dispose()
    for role in ROLES[1:]:
        with psycopg.connect(dsn_role(role), autocommit=True) as connexion:
            for nom in (table, f"{table}_2025_06"):
                for ordre in (
                    "SELECT count(*) FROM {}",
                    "DELETE FROM {}",
                    "COPY {} TO STDOUT",
                    "DROP TABLE {}",
                ):
                    requete = sql.SQL(ordre).format(sql.Identifier(*nom.split(".")))
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connexion.execute(requete)


@pytest.mark.parametrize("role", ROLES[1:])
def test_a_function_that_comes_later_is_nobodys_unless_given(
    entrepot: Connection, dsn_role: Callable[[str], str], role: str
) -> None:
    entrepot.execute(
        text("CREATE FUNCTION diffusion.lire() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
             " AS 'SELECT count(*) FROM core.demandeur'")
    )  # fmt: skip
    entrepot.commit()
    allowed = entrepot.scalar(
        text("SELECT has_function_privilege(:r, 'diffusion.lire()', 'EXECUTE')"), {"r": role}
    )
    assert not allowed


def test_a_partition_replaced_by_one_run_is_seen_whole_by_another_until_it_commits(
    entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    ajout = text(
        "INSERT INTO core.demandeur (mois, id_personne, code_caf, telephone)"
        " VALUES ('2025-06', :i, '831', 'x')"
    )
    moteur = create_moteur(dsn_role("av_etl"))
    with moteur.begin() as etl:
        replace_partition(etl, "core.demandeur", "2025-06")
        etl.execute(ajout, {"i": "ancien"})
    with moteur.connect() as etl:
        replace_partition(etl, "core.demandeur", "2025-06")
        etl.execute(ajout, {"i": "nouveau"})
        etl.rollback()
        assert etl.scalars(text("SELECT id_personne FROM core.demandeur")).all() == ["ancien"]
    moteur.dispose()


def test_statistics_keep_no_value_of_a_person(entrepot: Connection, dsn_role: Callable[[str], str]) -> None:
    sans_personne = [
        "mois",
        "code_caf",
        "code_caf_gestionnaire",
        "demandes_ajpa",
        "demandes_ajpp",
        "demandes_autres",
    ]
    sans_personne += ["opposition_contact", "affiliation_terminee"]
    for table in PERSONNES:
        with create_moteur(dsn_role("av_etl")).begin() as etl:
            replace_partition(etl, table, "2025-06")
            colonnes = etl.execute(
                text("SELECT attname, format_type(atttypid, NULL) AS type FROM pg_attribute"
                     " WHERE attrelid = to_regclass(:t) AND attnum > 0"), {"t": table},
            ).all()  # fmt: skip
            valeurs = {
                nom: "'2025-06'" if nom == "mois" else "'831'" if nom in sans_personne
                else "'canari' || n / 3" if type_ == "text" and nom != "id_personne" else "'canari' || n"
                if type_ == "text" else "ARRAY['vide']" if type_.endswith("[]") else "n"
                for nom, type_ in colonnes
            }  # fmt: skip
            etl.execute(
                text(f"INSERT INTO {table} ({', '.join(valeurs)}) SELECT {', '.join(valeurs.values())}"
                     " FROM generate_series(1, 90) AS n")
            )  # fmt: skip
            etl.execute(text(f"ANALYZE {table}"))
            etl.execute(text(f"ANALYZE {table}_2025_06"))
    lues = entrepot.execute(
        text("SELECT tablename, attname,"
             " concat(most_common_vals::text, histogram_bounds::text) LIKE '%canari%' AS personne"
             " FROM pg_stats WHERE tablename LIKE 'demandeur%'")
    ).all()  # fmt: skip
    assert {lue.tablename for lue in lues} >= {nom.split(".")[1] + "_2025_06" for nom in PERSONNES}
    assert [(lue.tablename, lue.attname) for lue in lues if lue.personne] == []
