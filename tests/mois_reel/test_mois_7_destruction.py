"""Nobody is found where none may be; who objects is destroyed, then everybody is.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import os
from typing import Any

import psutil
import pytest
from destruction_exemples import VIEILLIR
from mois_reel_gestes import (
    read_log,
    read_states,
    start_paused,
    trigger,
    wait_state,
)
from mois_reel_outils import RESEAU, find_bavards, find_traces, read_text_of_every_table
from psycopg import sql

from aller_vers.destruction.lieux import TABLES
from aller_vers.poste import airflow
from aller_vers.poste.installation import ENTREPOT, METADONNEES, SOURCE

pytestmark = pytest.mark.timeout(900)


def test_no_person_is_found_in_a_log_an_xcom_a_template_or_outside_staging_and_core(reel: Any) -> None:
    dans_core = read_text_of_every_table(reel, ENTREPOT, ("staging", "core"))
    assert find_traces(dans_core.values()), "la recherche doit trouver les canaris là où ils sont"
    ailleurs = read_text_of_every_table(reel, ENTREPOT, ("dq", "marts", "diffusion", "suivi", "public"))
    assert len(ailleurs) > 10
    metadonnees = read_text_of_every_table(reel, METADONNEES, ("public",))
    assert "xcom" in {nom.split(".")[1] for nom in metadonnees}
    for tables in (ailleurs, metadonnees):
        assert {nom for nom, texte in tables.items() if find_traces([texte])} == set()
    assert len(list((reel.poste.airflow_home / "logs").rglob("attempt=*.log"))) > 15
    assert find_bavards(reel) == []
    rapports = [f for nom in ("national", "*/rapports") for f in reel.poste.partage.glob(f"{nom}/**/*.*")]
    assert {f.suffix for f in rapports} >= {".html", ".csv"}
    assert [f for f in rapports if find_traces([f.read_text(errors="replace")])] == []


def test_an_objection_destroys_the_person_and_the_identifier_never_enters_airflow(reel: Any) -> None:
    loutre = "8000000000000001"
    avec = {caf for caf in RESEAU if any(caf in chemin for chemin in reel.lots("2025-06"))}
    assert "831" in avec
    fini = reel.run("opposition", entree=f"{loutre}\n")
    assert fini.returncode == 0, fini.stderr
    run = start_paused(reel, "oppositions")
    assert reel.lots("2025-06").keys() >= {"831/2025-06/v2/manifeste.json"}
    restes = read_text_of_every_table(reel, ENTREPOT, ("staging", "core", "suivi"))
    assert not [nom for nom, lignes in restes.items() if loutre in lignes or "loutre" in lignes.lower()]
    for texte in (
        *read_text_of_every_table(reel, METADONNEES, ("public",)).values(),
        read_log(reel, run, "apply_oppositions", "oppositions"),
    ):
        assert loutre not in texte


def test_the_purge_leaves_nobody_anywhere_and_cleans_airflow_s_own_past(reel: Any) -> None:
    with reel.base(ENTREPOT) as connexion:
        connexion.execute(VIEILLIR.replace("{age}", "4 months"))
        connexion.execute("UPDATE core.publication SET publie_le = publie_le - interval '4 months'")
        for schema, table in connexion.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE tablename ~ '^demandeur.*_20[0-9_]+$'"
        ).fetchall():
            connexion.execute(
                sql.SQL("COMMENT ON TABLE {} IS '2025-09-01'").format(sql.Identifier(schema, table))
            )
    vieux = "- interval '100 days'"
    with reel.base(METADONNEES) as connexion:
        for table, colonne in (
            ("dag_run", "start_date"),
            ("task_instance", "start_date"),
            ("xcom", "timestamp"),
        ):
            connexion.execute(f"UPDATE {table} SET {colonne} = {colonne} {vieux} WHERE {colonne} IS NOT NULL")
    journaux = [f for f in (reel.poste.airflow_home / "logs").rglob("attempt=*.log") if f.is_file()]
    assert len(journaux) > 30
    for fichier in journaux:
        os.utime(fichier, (0, 0))
    run = start_paused(reel, "purge")
    assert set(read_states(reel, run, "purge").values()) == {"success"}
    assert {m for (m,) in reel.fetch("SELECT mois FROM suivi.evenement WHERE etat = 'expire' AND code_caf = 'FR'")} >= {
        "2025-06", "2025-07", "2025-09"
    }  # fmt: skip
    tables = read_text_of_every_table(
        reel, ENTREPOT, ("staging", "core", "dq", "marts", "diffusion", "suivi", "public")
    )
    metadonnees = read_text_of_every_table(reel, METADONNEES, ("public",))
    assert {nom for nom, texte in (tables | metadonnees).items() if find_traces([texte])} == set()
    assert {nom for nom in tables if "demandeur" in nom} == set(TABLES), "toutes les partitions sont parties"
    restes = [f.relative_to(reel.poste.partage) for f in reel.poste.partage.glob("*/**/*") if f.is_file()]
    assert {f.parts[0 if f.parts[0] == "national" else 1] for f in restes} <= {
        "national", "831", "rapports", "registre", "retours", "refuses"
    }, "il ne reste que des comptes : aucun lot"  # fmt: skip
    assert [f for f in journaux if f.exists()] == []
    assert "_airflow_deleted" not in " ".join(metadonnees)
    restants = reel.fetch_metadonnees(
        "SELECT count(*) FROM xcom WHERE timestamp < now() - interval '90 days'"
    )
    rendus = reel.fetch_metadonnees(
        "SELECT count(*) FROM rendered_task_instance_fields WHERE dag_id = 'depots_caf'"
    )
    assert restants == rendus == [(0,)]
    assert reel.run("trace", "verifier").returncode == 0
    refuse = reel.run("run", "--mois", "2025-06")
    assert refuse.returncode == 1
    assert "Le mois 2025-06 a été détruit" in refuse.stderr


def test_everything_listens_on_loopback_alone(reel: Any) -> None:
    adresses = set()
    for processus in airflow.find_processus(reel.poste):
        try:
            prises = processus.net_connections(kind="tcp")
        except psutil.Error:
            continue
        adresses |= {prise.laddr.ip for prise in prises if prise.status == psutil.CONN_LISTEN}
    assert adresses == {"127.0.0.1"}


def test_another_port_than_the_one_that_runs_is_refused(reel: Any) -> None:
    fini = reel.run("ui", AV_PORT="18099")
    assert fini.returncode == 1
    assert f"Airflow est déjà démarré, sur le port {reel.poste.port_airflow}" in fini.stderr


def test_each_task_connects_with_a_role_that_its_work_needs(reel: Any) -> None:
    with reel.base(ENTREPOT) as connexion:
        connexion.execute(sql.SQL("SET ROLE av_qualite"))
        with pytest.raises(Exception, match="permission denied"):
            connexion.execute("SELECT 1 FROM core.demandeur")


def test_a_second_command_on_a_busy_port_says_which_one(reel: Any, tmp_path: Any) -> None:
    fini = reel.run(
        "ui", AV_PORT_POSTGRES="55999", AV_DONNEES=str(tmp_path / "d"), AV_AIRFLOW_HOME=str(tmp_path / "a")
    )
    assert fini.returncode == 1
    assert f"Le port {reel.poste.port_airflow}" in fini.stderr
    assert "AV_PORT=" in fini.stderr


def test_the_years_before_are_taken_up_by_one_run_and_the_sum_since_the_origin_holds_them(reel: Any) -> None:
    run = trigger(reel, None, "reprise_historique", depuis="2024-07")
    assert wait_state(reel, run, "reprise_historique") == "success"
    demandes = reel.fetch(
        "SELECT count(*) FROM demande WHERE prestation = 'AJPA'"
        " AND date_depot BETWEEN '2024-07-01' AND '2025-06-30'",
        base=SOURCE,
    )
    assert demandes == reel.fetch(
        "SELECT denominateur FROM marts.indicateur_cumule WHERE mois = '2025-06' AND periode = 'origine'"
        " AND code = 'taux_droits_ouverts_ajpa' AND niveau = 'national'"
    )
