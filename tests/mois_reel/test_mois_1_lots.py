"""A month through the real scheduler: what a person runs, sees and finds; another month, and the same one again.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from mois_reel_gestes import list_runs, trigger, wait_new_run, wait_state
from mois_reel_outils import RESEAU

pytestmark = pytest.mark.timeout(900)

CHAINE = ("mesures_services", "requete_nationale", "depots_caf", "marts_indicateurs", "rapports")


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
            "INFORMATION_PERSONNES.txt",
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
    [(compte,)] = reel.fetch("SELECT valeur FROM diffusion.indicateur WHERE mois = '2025-06'"
                             " AND code = 'demandeurs' AND niveau = 'national'")  # fmt: skip
    assert int(float(demandeurs["valeur"])) == compte > 0
    # Counted at the source; the marts computed them once, with the lots.
    assert reel.fetch("SELECT statut FROM marts.indicateur WHERE mois = '2025-06' AND niveau = 'national'"
                      " AND code = 'part_femmes_demandeurs'") == [("definitif",)]  # fmt: skip
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
    assert libelles == [("051 · Hautes-Alpes à 974 · La Réunion",)], "one task on a laptop"


def test_the_second_run_changes_no_byte_and_says_so(reel: Any) -> None:
    avant = reel.lots("2025-06")
    evenements = reel.fetch("SELECT count(*) FROM suivi.evenement")
    fini = reel.run("run", "--mois", "2025-06")
    assert fini.returncode == 0, fini.stdout + fini.stderr
    assert "Aucun octet n'a changé" in fini.stdout
    assert reel.lots("2025-06") == avant
    assert reel.fetch("SELECT count(*) FROM suivi.evenement") == evenements


def test_another_month_given_as_a_parameter_stands_beside_the_first(reel: Any) -> None:
    avant, connus = reel.lots("2025-06"), list_runs(reel, "rapports")
    run = trigger(reel, None, mois="2025-07", depot="oui")
    assert wait_state(reel, run) == "success"
    assert wait_state(reel, wait_new_run(reel, "rapports", connus), "rapports") == "success"
    assert reel.lots("2025-06") == avant
    assert len(reel.lots("2025-07")) == 25, "five files a Caf"
    mois = reel.fetch("SELECT DISTINCT mois FROM marts.indicateur ORDER BY mois")
    assert mois == [("2025-06",), ("2025-07",)]


def test_no_other_month_and_no_other_dag_started_by_itself(reel: Any) -> None:
    runs = reel.fetch_metadonnees("SELECT DISTINCT dag_id, partition_key FROM dag_run")
    assert {dag for dag, _ in runs} == set(CHAINE)
    assert {cle for _, cle in runs} == {"2025-06", "2025-07", None}, "asked for by its parameter"
