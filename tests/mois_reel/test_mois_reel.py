"""A month through the real scheduler: what a person runs, sees and finds; what never leaks; what bad input says.

The tests follow one another on one Airflow, in the order of the file.
"""

from __future__ import annotations

import csv
import io
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import httpx
import openpyxl
import psutil
import pytest
from destruction_exemples import VIEILLIR
from mois_reel_outils import RESEAU, find_traces, read_text_of_every_table
from psycopg import sql

from aller_vers.destruction.lieux import TABLES
from aller_vers.mois import Mois
from aller_vers.poste import airflow, commandes
from aller_vers.poste.installation import ENTREPOT, METADONNEES

pytestmark = pytest.mark.timeout(900)

CHAINE = ("mesures_services", "requete_nationale", "depots_caf", "marts_indicateurs", "rapports")


def trigger(reel: Any, cle: str | None, dag: str = "requete_nationale", **conf: object) -> str:
    with airflow.open_api(reel.poste) as api:
        corps: dict[str, object] = {"logical_date": None, "conf": conf}
        if cle:
            corps["partition_key"] = cle
        reponse = api.post(f"/dags/{dag}/dagRuns", json=corps)
        reponse.raise_for_status()
        return str(reponse.json()["dag_run_id"])


def wait_state(reel: Any, run_id: str, dag: str = "requete_nationale", secondes: int = 240) -> str:
    with airflow.open_api(reel.poste) as api:
        limite = time.monotonic() + secondes
        while time.monotonic() < limite:
            etat = api.get(f"/dags/{dag}/dagRuns/{run_id}").json()["state"]
            if etat in ("success", "failed"):
                return str(etat)
            time.sleep(0.5)
    raise AssertionError(f"{dag} {run_id} n'a pas fini en {secondes} s")


def read_states(reel: Any, run_id: str, dag: str = "requete_nationale") -> dict[str, str]:
    with airflow.open_api(reel.poste) as api:
        instances = api.get(f"/dags/{dag}/dagRuns/{run_id}/taskInstances", params={"limit": 100}).json()
        return {i["task_id"]: i["state"] for i in instances["task_instances"]}


def list_runs(reel: Any, dag: str) -> set[str]:
    return {run for (run,) in reel.fetch_metadonnees("SELECT run_id FROM dag_run WHERE dag_id = %s", dag)}


def wait_new_run(reel: Any, dag: str, connus: set[str]) -> str:
    limite = time.monotonic() + 180
    while time.monotonic() < limite:
        if nouveaux := list_runs(reel, dag) - connus:
            return nouveaux.pop()
        time.sleep(0.5)
    raise AssertionError(f"{dag} n'a pas démarré")


def read_log(reel: Any, run_id: str, tache: str, dag: str = "requete_nationale") -> str:
    dossier = reel.poste.airflow_home / "logs" / f"dag_id={dag}" / f"run_id={run_id}" / f"task_id={tache}"
    return "\n".join(f.read_text() for f in sorted(dossier.rglob("*.log")))


def start_paused(reel: Any, dag: str) -> str:
    with airflow.open_api(reel.poste) as api:
        api.patch(f"/dags/{dag}", json={"is_paused": False}).raise_for_status()
    run = trigger(reel, None, dag)
    etat = wait_state(reel, run, dag)
    assert etat == "success", read_states(reel, run, dag)
    return run


@contextmanager
def altered_source(reel: Any, avant: str, apres: str) -> Iterator[None]:
    reel.alter_source(avant)
    try:
        yield
    finally:
        reel.alter_source(apres)


def test_a_month_gives_one_lot_a_caf_and_a_summary_that_a_person_can_use(reel: Any) -> None:
    fini = reel.run("run", "--mois", "2025-06")
    assert fini.returncode == 0, fini.stdout + fini.stderr
    assert "Lots déposés : 5 sur 5" in fini.stdout
    assert "Écartés : se sont opposés au contact" in fini.stdout
    assert "nation : conforme" in fini.stdout
    assert "Demandeurs transmissibles à la Cpam" in fini.stdout
    assert f"Rapports de 5 Caf : {reel.poste.partage}/<code_caf>/rapports/2025-06/" in fini.stdout
    assert f"Données ouvertes : {reel.poste.partage}/national/diffusion/2025-06/" in fini.stdout
    assert all(dag in fini.stdout.splitlines()[-1] for dag in CHAINE)
    for code in RESEAU:
        dossier = reel.poste.partage / code / "2025-06" / "v1"
        assert {f.name for f in dossier.iterdir()} == {
            f"PA_{code}_202506_v1.xlsx",
            "LISEZMOI.txt",
            f"ACCUSE_{code}_202506.csv",
            "manifeste.json",
        }


def test_the_lot_of_the_var_holds_its_people_cleaned_and_nobody_else(reel: Any) -> None:
    octets = reel.lots("2025-06")["831/2025-06/v1/PA_831_202506_v1.xlsx"]
    rangees = [
        tuple(c.value for c in r)
        for r in openpyxl.load_workbook(io.BytesIO(octets)).worksheets[0].iter_rows()
    ]
    assert rangees[0] == ("courriel", "telephone", "code_postal")
    assert ("canari.zibeline@courriel.example.org", "01 99 00 71 23", "83000") in rangees
    assert ("canari.loutre@courriel.example.net", "01 99 00 71 24", "83000") in rangees
    assert not [r for r in rangees if "putois" in str(r)], (
        "ni courriel ni téléphone utilisable : rien à transmettre"
    )
    transmis = reel.fetch("SELECT count(*) FROM core.demandeur WHERE mois = '2025-06' AND code_caf = '831'")
    assert len(rangees) - 1 == transmis[0][0]


def test_the_month_goes_on_to_the_paths_the_reports_and_the_open_data(reel: Any) -> None:
    partage = reel.poste.partage
    for dossier, attendus in {
        "national/rapports": {
            "rapport_national_202506.html",
            "rapport_national_202506.xlsx",
            "rapports.json",
        },
        "831/rapports": {"rapport_831_202506.html", "rapport_831_202506.xlsx", "rapports.json"},
        "national/diffusion": {"datapackage.json", "dictionnaire.csv", "homogeneite.csv", "indicateurs.csv"},
    }.items():
        assert {f.name for f in (partage / dossier / "2025-06").iterdir()} == attendus
    assert "Demandeurs" in (partage / "831/rapports/2025-06/rapport_831_202506.html").read_text()
    lus = csv.DictReader(
        io.StringIO((partage / "national/diffusion/2025-06/indicateurs.csv").read_text("utf-8-sig"))
    )
    [demandeurs] = [li for li in lus if (li["code"], li["niveau"]) == ("demandeurs", "national")]
    [(compte,)] = reel.fetch("SELECT valeur FROM diffusion.indicateur_courant WHERE mois = '2025-06'"
                             " AND code = 'demandeurs' AND niveau = 'national'")  # fmt: skip
    assert int(float(demandeurs["valeur"])) == compte > 0
    # Counted at the source; the marts computed them once, with the lots.
    assert reel.fetch("SELECT statut FROM marts.indicateur WHERE mois = '2025-06' AND niveau = 'national'"
                      " AND code = 'part_femmes_demandeurs'") == [("fourni",)]  # fmt: skip
    par_dag = "SELECT dag_id, count(*) FROM dag_run GROUP BY dag_id"
    assert dict(reel.fetch_metadonnees(par_dag)) == dict.fromkeys(CHAINE, 1)


def test_every_step_left_its_trace_and_its_verdicts(reel: Any) -> None:
    etats = reel.fetch("SELECT etat, count(*) FROM suivi.evenement WHERE mois = '2025-06' GROUP BY etat")
    assert dict(etats)["prepare"] == 5
    assert dict(etats)["depose"] == 5
    assert reel.fetch("SELECT count(*) FROM suivi.avis WHERE destinataire LIKE 'caf:%'") == [(5,)]
    assert reel.fetch("SELECT count(*) FROM suivi.avis WHERE destinataire = 'equipe_nationale'") == [(1,)]
    ensembles = reel.fetch(
        "SELECT gate, count(*) FROM dq.verdict WHERE mois = '2025-06' AND regle = 'ensemble' GROUP BY gate ORDER BY gate"
    )
    assert ensembles == [("depots", 6), ("marts", 6), ("requete", 6)]
    niveaux = reel.fetch(
        "SELECT niveau, count(*) FROM marts.indicateur WHERE mois = '2025-06' AND code = 'demandeurs' GROUP BY niveau"
    )
    assert dict(niveaux)["caf"] == 5
    assert dict(niveaux)["national"] == 1


def test_lots_are_labelled_by_code_and_name_in_airflow(reel: Any) -> None:
    libelles = reel.fetch_metadonnees(
        "SELECT DISTINCT rendered_map_index FROM task_instance WHERE task_id = 'write_lot' ORDER BY 1"
    )
    assert "831 · Var" in {libelle for (libelle,) in libelles}


def test_the_second_run_changes_no_byte_and_says_so(reel: Any) -> None:
    avant = reel.lots("2025-06")
    evenements = reel.fetch("SELECT count(*) FROM suivi.evenement")
    fini = reel.run("run", "--mois", "2025-06")
    assert fini.returncode == 0, fini.stdout + fini.stderr
    assert "Aucun octet n'a changé" in fini.stdout
    assert reel.lots("2025-06") == avant
    assert reel.fetch("SELECT count(*) FROM suivi.evenement") == evenements


def test_another_month_stands_beside_the_first(reel: Any) -> None:
    avant = reel.lots("2025-06")
    fini = reel.run("run", "--mois", "2025-07")
    assert fini.returncode == 0, fini.stdout + fini.stderr
    assert reel.lots("2025-06") == avant
    assert len(reel.lots("2025-07")) == 20
    mois = reel.fetch("SELECT DISTINCT mois FROM marts.indicateur ORDER BY mois")
    assert mois == [("2025-06",), ("2025-07",)]


def test_no_other_month_and_no_other_dag_started_by_itself(reel: Any) -> None:
    runs = reel.fetch_metadonnees("SELECT DISTINCT dag_id, partition_key FROM dag_run")
    assert {dag for dag, _ in runs} == set(CHAINE)
    assert {cle for _, cle in runs} == {"2025-06", "2025-07"}


def test_an_objection_after_the_drop_makes_a_new_version_for_its_caf_and_no_other(reel: Any) -> None:
    avant = reel.lots("2025-07")
    reel.alter_source("UPDATE personne SET opposition_contact = true WHERE courriel LIKE 'CANARI.Loutre%'")
    try:
        assert reel.run("run", "--mois", "2025-07").returncode == 0
        apres = reel.lots("2025-07")
    finally:
        reel.alter_source(
            "UPDATE personne SET opposition_contact = false WHERE courriel LIKE 'CANARI.Loutre%'"
        )
    changes = {chemin.split("/")[0] for chemin in avant.keys() ^ apres.keys()}
    assert changes == {"831"}
    assert "831/2025-07/v1/PA_831_202507_v1.xlsx" not in apres
    manifeste = json.loads(apres["831/2025-07/v2/manifeste.json"])
    assert (manifeste["version"], manifeste["remplace"], manifeste["motif"]) == (
        2,
        1,
        "contenu modifié à la source",
    )
    classeur = openpyxl.load_workbook(io.BytesIO(apres["831/2025-07/v2/PA_831_202507_v2.xlsx"]))
    assert "canari.loutre" not in str(list(classeur.worksheets[0].values))


def test_some_caf_are_dropped_again_when_asked_and_an_unknown_one_is_named(reel: Any) -> None:
    avant, suivants = reel.lots("2025-07"), list_runs(reel, "marts_indicateurs")
    run = trigger(
        reel, None, "depots_caf", mois="2025-07", caf=["831", "051"], motif="à la demande de la Caf"
    )
    assert wait_state(reel, run, "depots_caf") == "success"
    ecrits = (
        "SELECT rendered_map_index FROM task_instance WHERE run_id = %s AND task_id = 'write_lot' ORDER BY 1"
    )
    assert [libelle for (libelle,) in reel.fetch_metadonnees(ecrits, run)] == [
        "051 · Hautes-Alpes",
        "831 · Var",
    ]
    assert reel.lots("2025-07") == avant, "the same content is not written again, whoever asks"
    assert sorted(f.name for f in reel.poste.partage.glob("*/registre/*")) == [
        f"FICHE_REGISTRE_{code}.xlsx" for code in RESEAU
    ]
    assert (
        wait_state(reel, wait_new_run(reel, "marts_indicateurs", suivants), "marts_indicateurs") == "success"
    )
    run = trigger(reel, None, "depots_caf", mois="2025-07", caf=["999"])
    assert wait_state(reel, run, "depots_caf") == "failed"
    assert "Code de Caf inconnu : 999." in read_log(reel, run, "list_lots", "depots_caf")


def put_in_mailbox(reel: Any, nom: str, contenu: str) -> None:
    fichier = reel.poste.partage / "831" / "retours" / nom
    fichier.parent.mkdir(exist_ok=True)
    fichier.write_text(contenu, encoding="utf-8")
    il_y_a_une_heure = time.time() - 3_600
    os.utime(fichier, (il_y_a_une_heure, il_y_a_une_heure))


def test_an_acknowledgement_and_a_return_go_from_the_caf_s_folder_to_the_marts(reel: Any) -> None:
    [(lignes, jour)] = reel.fetch(
        "SELECT preuve ->> 'lignes', cree_le::date FROM suivi.evenement WHERE mois = '2025-06' AND code_caf = '831'"
        " AND etat = 'depose' ORDER BY id DESC LIMIT 1"
    )
    put_in_mailbox(
        reel, "ACCUSE_831_202506.csv",
        "code_caf;mois;version;cpam;lignes;portail;date_transmission;reference\n"
        f"831;2025-06;1;831;{lignes};bluefiles;{jour:%d/%m/%Y};BF-1\n",
    )  # fmt: skip
    put_in_mailbox(reel, "personnes.csv", "courriel\ncanari.zibeline@courriel.example.org\n")
    start_paused(reel, "suivi_transmissions")
    put_in_mailbox(
        reel, "retour.csv", f"code_cpam;code_caf;mois;cibles;personnes_jointes\n831;831;2025-06;{lignes};1\n"
    )
    suivants = list_runs(reel, "marts_indicateurs")
    run = start_paused(reel, "retours_cpam")
    assert set(read_states(reel, run, "retours_cpam").values()) == {"success"}
    caf = reel.poste.partage / "831"
    assert sorted(f.name.split("_", 1)[1] for f in (caf / "retours" / "traites").iterdir()) == [
        "ACCUSE_831_202506.csv", "retour.csv",
    ]  # fmt: skip
    assert [f.name for f in (caf / "refuses").iterdir()] == ["personnes.csv.motif.txt"]
    assert reel.fetch(
        "SELECT code_cpam, modalite, valeur FROM marts.mesure WHERE mesure = 'retour_mensuel' AND mois = '2025-06'"
        " ORDER BY modalite"
    ) == [("831", "cibles", int(lignes)), ("831", "personnes_jointes", 1)]
    # Both months have a ledger that was not measured yet; each wakes the marts by its own key.
    cles = "SELECT DISTINCT partition_key FROM dag_run WHERE dag_id = 'marts_indicateurs' AND NOT run_id = ANY(%s)"
    wait_state(reel, wait_new_run(reel, "marts_indicateurs", suivants), "marts_indicateurs")
    assert {cle for (cle,) in reel.fetch_metadonnees(cles, list(suivants))} <= {"2025-06", "2025-07"}


def test_a_dry_run_counts_and_judges_and_drops_nothing(reel: Any) -> None:
    run = trigger(reel, "2025-08", a_blanc=True)
    assert wait_state(reel, run) == "success"
    etats = read_states(reel, run)
    assert etats["judge_requete"] == "success"
    assert etats["publish_core"] == etats["measure_requete"] == "skipped"
    assert reel.fetch("SELECT count(*) FROM dq.verdict WHERE mois = '2025-08' AND regle = 'ensemble'") == [
        (6,)
    ]
    assert reel.fetch("SELECT count(*) FROM core.publication WHERE mois = '2025-08'") == [(0,)]
    assert reel.lots("2025-08") == {}
    assert reel.fetch_metadonnees("SELECT count(*) FROM asset_event WHERE partition_key = '2025-08'") == [
        (0,)
    ]


def test_a_run_without_a_month_fails_in_its_first_task_with_a_clear_message(reel: Any) -> None:
    run = trigger(reel, None)
    assert wait_state(reel, run) == "failed"
    etats = read_states(reel, run)
    assert etats["extract_demandeurs"] == "failed"
    assert etats["clean_demandeurs"] == "upstream_failed"
    assert "Cette exécution n'a pas de mois." in read_log(reel, run, "extract_demandeurs")


def test_a_month_given_as_a_parameter_goes_through_the_whole_chain(reel: Any) -> None:
    run = trigger(reel, None, mois="2025-05", depot="oui")
    assert wait_state(reel, run) == "success"
    limite = time.monotonic() + 180
    while time.monotonic() < limite and not reel.fetch("SELECT FROM marts.indicateur WHERE mois = '2025-05'"):
        time.sleep(1)
    assert len(reel.lots("2025-05")) == 20


@pytest.mark.parametrize(
    ("mois", "message"),
    [("2025-13", "n'est pas un mois"), ("juin", "n'est pas un mois"), ("2999-01", "n'est pas terminé")],
)
def test_a_month_that_is_none_or_lies_ahead_is_refused_before_anything_starts(
    reel: Any, mois: str, message: str
) -> None:
    fini = reel.run("run", "--mois", mois)
    assert fini.returncode == 1
    assert message in fini.stderr
    assert "Remède" in fini.stderr


def test_the_month_under_way_is_refused_by_airflow_too(reel: Any) -> None:
    run = trigger(reel, str(Mois.of(date.today())))
    assert wait_state(reel, run) == "failed"
    assert "n'est pas terminé" in read_log(reel, run, "extract_demandeurs")


def test_a_backfill_computes_aggregates_and_drops_no_lot(reel: Any) -> None:
    with airflow.open_api(reel.poste) as api:
        corps = {
            "dag_id": "requete_nationale",
            "from_date": "2025-09-01T00:00:00Z",
            "to_date": "2025-10-01T00:00:00Z",
            "reprocess_behavior": "none",
            "max_active_runs": 1,
            "run_backwards": False,
            "dag_run_conf": {},
        }
        reponse = api.post("/backfills", json=corps)
        assert reponse.is_success, reponse.text
    limite = time.monotonic() + 300
    attendus = [("2025-09",), ("2025-10",)]
    requete = "SELECT DISTINCT mois FROM marts.indicateur WHERE mois >= '2025-09' ORDER BY mois"
    while time.monotonic() < limite and reel.fetch(requete) != attendus:
        time.sleep(1)
    assert reel.fetch(requete) == attendus
    assert reel.fetch("SELECT DISTINCT depot FROM core.publication WHERE mois >= '2025-09'") == [(False,)]
    assert reel.lots("2025-09") == reel.lots("2025-10") == {}


def test_a_missing_column_of_the_source_is_named(reel: Any) -> None:
    with altered_source(
        reel,
        "ALTER TABLE dossier RENAME COLUMN date_fin_affiliation TO fin",
        "ALTER TABLE dossier RENAME COLUMN fin TO date_fin_affiliation",
    ):
        fini = reel.run("run", "--mois", "2025-06")
    assert fini.returncode == 1
    assert "la colonne dossier.date_fin_affiliation" in fini.stderr
    assert "Remède" in fini.stderr
    assert "attempt=1.log" in fini.stderr, "le message nomme le journal, et rien n'est retenté"


def test_an_unknown_caf_holds_the_month_and_is_named(reel: Any) -> None:
    avant = reel.lots("2025-06")
    with altered_source(
        reel,
        "UPDATE dossier SET code_caf = '999' WHERE code_postal = '83000' AND id_dossier > 8000000000000000",
        "UPDATE dossier SET code_caf = '831' WHERE code_caf = '999'",
    ):
        fini = reel.run("run", "--mois", "2025-06")
    assert fini.returncode == 1
    assert "999 (3)" in fini.stderr
    assert reel.lots("2025-06") == avant


def test_a_share_that_is_gone_is_named_and_the_next_run_completes(reel: Any) -> None:
    avant = reel.lots("2025-06")
    ailleurs = reel.poste.partage.with_name("ailleurs")
    reel.poste.partage.rename(ailleurs)
    try:
        connus = list_runs(reel, "depots_caf")
        trigger(reel, "2025-06")  # the source is whole again: the request passes
        run = wait_new_run(reel, "depots_caf", connus)
        assert wait_state(reel, run, "depots_caf") == "failed"
    finally:
        ailleurs.rename(reel.poste.partage)
    journal = read_log(reel, run, "list_lots", "depots_caf")
    assert f"Le partage file://{reel.poste.partage} est introuvable." in journal
    assert read_states(reel, run, "depots_caf")["write_lot"] == "upstream_failed"
    assert reel.run("run", "--mois", "2025-06").returncode == 0
    assert reel.lots("2025-06") == avant


def test_the_pages_of_airflow_ask_who_is_there(reel: Any) -> None:
    reponse = httpx.get(f"{reel.poste.adresse}/api/v2/dags", trust_env=False)
    assert reponse.status_code == 401


def test_no_person_is_found_in_a_log_an_xcom_a_template_or_outside_staging_and_core(reel: Any) -> None:
    dans_core = read_text_of_every_table(reel, ENTREPOT, ("staging", "core"))
    assert find_traces(dans_core.values()), "la recherche doit trouver les canaris là où ils sont"
    ailleurs = read_text_of_every_table(reel, ENTREPOT, ("dq", "marts", "diffusion", "suivi", "public"))
    assert len(ailleurs) > 10
    metadonnees = read_text_of_every_table(reel, METADONNEES, ("public",))
    assert "xcom" in {nom.split(".")[1] for nom in metadonnees}
    for tables in (ailleurs, metadonnees):
        assert {nom for nom, texte in tables.items() if find_traces([texte])} == set()
    journaux = [
        fichier
        for dossier in (reel.poste.airflow_home, reel.poste.journaux)
        for fichier in dossier.rglob("*")
        if fichier.is_file()
    ]
    assert len(journaux) > 50
    journaux += [f for nom in ("national", "*/rapports") for f in reel.poste.partage.glob(f"{nom}/**/*.*")]
    assert {f.suffix for f in journaux} >= {".html", ".csv", ".log"}
    assert [f for f in journaux if find_traces([f.read_text(errors="replace")])] == []


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
    assert {m for (m,) in reel.fetch("SELECT mois FROM suivi.evenement WHERE etat = 'expire' AND code_caf = '000'")} >= {
        "2025-05", "2025-06", "2025-07", "2025-09", "2025-10"
    }  # fmt: skip
    tables = read_text_of_every_table(
        reel, ENTREPOT, ("staging", "core", "dq", "marts", "diffusion", "suivi", "public")
    )
    metadonnees = read_text_of_every_table(reel, METADONNEES, ("public",))
    assert {nom for nom, texte in (tables | metadonnees).items() if find_traces([texte])} == set()
    assert {nom for nom in tables if "demandeur" in nom} == set(TABLES), "toutes les partitions sont parties"
    restes = [f.relative_to(reel.poste.partage) for f in reel.poste.partage.rglob("*") if f.is_file()]
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


def test_stopping_leaves_nothing_running(reel: Any) -> None:
    sessions = set(airflow._list_sessions(reel.poste))
    assert len(sessions) == 4
    vivants = {p.pid for p in airflow.find_processus(reel.poste)}
    assert len(vivants) > 4, "les exécutants d'Airflow sont des enfants"
    commandes.stop_poste(reel.poste)
    assert not [pid for pid in vivants if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]
    assert not reel.poste.grappe.is_running()
