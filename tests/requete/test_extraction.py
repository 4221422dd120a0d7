"""How the extract travels: by COPY or by a cursor, in constant memory, replaced as a whole."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from requete_exemples import AJPA, AJPP, JOUR, JUIN, NATURES, Source, extract, read_extrait
from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from aller_vers.poste.postgres import Grappe
from aller_vers.requete.extraction import Extraction, extract_demandeurs
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import read_sql
from ensemble import run_together

VALEURS = [
    "a\tb@example.org", "deux\nlignes@example.org", "retour\r\nchariot", "\\N", "\\.", "\\", "\\t", "fin\\",
    '"guillemets"', "l'apostrophe", "; virgule, point-virgule ;", "100 % :mois %(mois)s %s :fin",
    "{accolades}",
    "éàü œ € ß", "🙂👩\u200d👧@example.org", "\u00a0", "\ufeff", " ", "", None, "NULL", "None", "null", "NaN",
    "\x01\x1f\x7f", "$1", "--", "0", "1e5", "x" * 5_000,
]  # fmt: skip


def fill(source: Source) -> None:
    """Add every value in every free column, and every shape of applicant."""
    for rang, valeur in enumerate(VALEURS, start=100):
        source.add(rang, AJPA, courriel=valeur, telephone=valeur, code_postal=valeur)
    source.add(1, AJPA, AJPA, AJPP, opposition=True)
    source.add(2, AJPP, fin_affiliation="2025-06-30", pivot="751")
    source.add(3, AJPP, fin_affiliation="2025-12-31", caf="971")


def test_copy_and_cursor_write_the_same_staging_whatever_the_values(
    source_postgres: Source, source_sqlite: Source, etl: Connection
) -> None:
    for source in (source_postgres, source_sqlite):
        fill(source)
    attendu = len(VALEURS) + 3
    assert extract(source_postgres, etl) == Extraction(attendu, "copy")
    par_copie = read_extrait(etl)
    assert extract(source_sqlite, etl) == Extraction(attendu, "curseur")
    assert read_extrait(etl) == par_copie
    lus = {ligne["id_personne"]: ligne for ligne in par_copie}
    for rang, valeur in enumerate(VALEURS, start=100):
        ligne = lus[str(rang)]
        assert (ligne["courriel"], ligne["telephone"], ligne["code_postal"]) == (valeur,) * 3


def test_every_row_has_its_own_number(source: Source, etl: Connection) -> None:
    for personne in range(1, 6):
        source.add(personne, AJPA)
    extract(source, etl)
    assert etl.scalars(text("SELECT ligne FROM staging.demandeur_brut ORDER BY ligne")).all() == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_a_null_character_that_postgresql_cannot_hold_does_not_stop_the_month(
    source_sqlite: Source, etl: Connection
) -> None:
    source_sqlite.add(1, AJPA, courriel="claire@example.org\x00\x00")
    extract(source_sqlite, etl)
    assert read_extrait(etl)[0]["courriel"] == "claire@example.org"


def test_a_source_in_latin1_with_dates_of_its_own_order_gives_the_same_text(
    grappe: Grappe, etl: Connection
) -> None:
    nom = f"latin_{secrets.token_hex(4)}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as admin:
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'").format(
                sql.Identifier(nom)
            )
        )
        admin.execute(sql.SQL("ALTER DATABASE {} SET datestyle TO 'SQL, DMY'").format(sql.Identifier(nom)))
        try:
            with psycopg.connect(grappe.dsn(nom), autocommit=True) as creation:
                creation.execute(read_sql("socle/source/contrat.sql").encode("ascii", "replace"))
            with open_transaction(grappe.dsn(nom), "av_source") as connexion:
                source = Source(connexion)
                source.add(1, AJPA, courriel="hélène@example.org")
                extract(source, etl)
        finally:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(nom)))
    [ligne] = read_extrait(etl)
    assert (ligne["courriel"], ligne["date_premier_depot"]) == ("hélène@example.org", "2025-06-10")


def test_a_role_that_only_reads_is_enough(grappe: Grappe, base_source: str, etl: Connection) -> None:
    role, secret = f"lecteur_{secrets.token_hex(4)}", secrets.token_urlsafe()
    with psycopg.connect(base_source, autocommit=True) as admin:
        nom = sql.Identifier(role)
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(nom, sql.Literal(secret)))
        admin.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(nom))
        admin.execute(sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(nom))
    with open_transaction(base_source, "av_source") as ecriture:
        Source(ecriture).add(1, AJPA)
    adresse = make_url(base_source).set(username=role, password=secret)
    with open_transaction(adresse.render_as_string(hide_password=False), "av_source") as lecture:
        assert extract(Source(lecture), etl) == Extraction(1, "copy")
        with pytest.raises(DBAPIError, match="read-only transaction"), lecture.begin_nested():
            lecture.execute(text("DELETE FROM demande"))


def test_running_again_replaces_the_month_and_no_other(source: Source, etl: Connection) -> None:
    source.add(1, AJPA, ("AJPA", "initiale", "2025-05-10"))
    source.add(2, AJPA)
    extract(source, etl, Mois(2025, 5))
    extract(source, etl)
    avant = read_extrait(etl)
    extract(source, etl)
    assert read_extrait(etl) == avant
    source.execute("DELETE FROM demande WHERE id_personne = 2")
    extract(source, etl)
    assert [ligne["id_personne"] for ligne in read_extrait(etl)] == ["1"]
    assert [ligne["id_personne"] for ligne in read_extrait(etl, Mois(2025, 5))] == ["1"]


def run(base_source: str, dsn: str, mois: Mois = JUIN) -> Extraction:
    with (
        open_transaction(base_source, "av_source") as source,
        open_transaction(dsn, "av_entrepot") as entrepot,
    ):
        return extract_demandeurs(source, entrepot, mois, NATURES, JOUR)


def test_a_failure_in_the_middle_leaves_the_former_extract(
    base_source: str, entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    with open_transaction(base_source, "av_source") as connexion:
        for personne in range(1, 2_001):
            Source(connexion, {"demande": personne}).add(personne, AJPA)
    dsn = dsn_role("av_etl")
    assert run(base_source, dsn).lignes == 2_000
    avant = read_extrait(entrepot)
    entrepot.rollback()
    with open_transaction(base_source, "av_source") as connexion:
        Source(connexion).execute(
            "ALTER TABLE personne RENAME TO personne_brute",
            "UPDATE personne_brute SET courriel = 'nouveau@example.org'",
            "CREATE VIEW personne AS SELECT id_personne, id_dossier, sexe, annee_naissance, telephone,"
            " opposition_contact,"
            " CASE WHEN id_personne < 1990 THEN courriel ELSE (1 / (id_personne - 1990))::text END"
            " AS courriel"
            " FROM personne_brute",
        )
    with pytest.raises(ErreurAllerVers, match=r"connexion av_source .*DivisionByZero"):
        run(base_source, dsn)
    assert read_extrait(entrepot) == avant


def test_two_extractions_at_once_leave_one_result(
    base_source: str, entrepot: Connection, dsn_role: Callable[[str], str]
) -> None:
    with open_transaction(base_source, "av_source") as connexion:
        for personne in range(1, 301):
            Source(connexion, {"demande": personne}).add(personne, AJPA)
    dsn = dsn_role("av_etl")
    resultats = run_together(nullcontext, *[lambda _: run(base_source, dsn)] * 4)
    assert resultats == [Extraction(300, "copy")] * 4
    assert len(read_extrait(entrepot)) == 300


PIC = """
import sys
from datetime import date
from aller_vers.requete import extraction as module
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.mois import Mois
adresse, dsn, voie = sys.argv[1:]
with open_transaction(adresse, "av_source") as source, open_transaction(dsn, "av_entrepot") as entrepot:
    if voie == "serveur":  # the cursor of a server that is not PostgreSQL, tried on the one server at hand
        module._copy = module._stream
    bilan = module.extract_demandeurs(source, entrepot, Mois(2025, 6), ("initiale",), date(2025, 7, 1))
with open("/proc/self/status") as statut:
    pic = next(ligne.split()[1] for ligne in statut if ligne.startswith("VmHWM"))
print(bilan.lignes, pic)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak of memory is read in /proc")
@pytest.mark.parametrize("voie", ["copy", "serveur", "sqlite"])
def test_memory_does_not_grow_with_the_number_of_rows(
    voie: str,
    entrepot: Connection,
    dsn_role: Callable[[str], str],
    request: pytest.FixtureRequest,
) -> None:
    adresse = request.getfixturevalue("fichier_source" if voie == "sqlite" else "base_source")
    pics = {}
    for nombre in (5_000, 50_000):
        serie = (
            f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {nombre})"
            " SELECT n FROM s)"
            if voie == "sqlite"
            else f"(SELECT n FROM generate_series(1, {nombre}) AS g(n))"
        )
        with open_transaction(adresse, "av_source") as connexion:
            Source(connexion).execute(
                "DELETE FROM dossier", "DELETE FROM personne", "DELETE FROM demande",
                "INSERT INTO dossier (id_dossier, code_caf, code_postal)"
                f" SELECT n, '831', '83000' FROM {serie} AS t",
                "INSERT INTO personne (id_personne, id_dossier, courriel, telephone, opposition_contact)"
                f" SELECT n, n, 'personne' || n || '@example.org', '0199001234', n < 0 FROM {serie} AS t",
                "INSERT INTO demande (id_demande, id_personne, code_caf, code_caf_gestionnaire, prestation,"
                " nature, date_depot, etat)"
                f" SELECT n, n, '831', '831', 'AJPA', 'initiale', '2025-06-10', 'deposee' FROM {serie} AS t",
            )  # fmt: skip
            if voie == "sqlite":
                # With an index, SQLite groups as it goes: what is measured is this program.
                Source(connexion).execute(
                    "CREATE INDEX IF NOT EXISTS i1 ON demande (id_personne)",
                    "CREATE INDEX IF NOT EXISTS i2 ON personne (id_personne)",
                    "CREATE INDEX IF NOT EXISTS i3 ON dossier (id_dossier)",
                )
        sortie = subprocess.run(
            [sys.executable, "-c", PIC, adresse, dsn_role("av_etl"), voie],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        lignes, pic = map(int, sortie.split())
        assert lignes == nombre
        pics[nombre] = pic / 1024
    assert pics[50_000] - pics[5_000] < 8, f"MiB : {pics}"
