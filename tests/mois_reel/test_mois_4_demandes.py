"""How a month is asked for, what is refused, what is missing: said, and mended by the next run.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import httpx
import pytest
from mois_reel_gestes import (
    altered_source,
    read_log,
    read_states,
    trigger,
    wait,
    wait_state,
)

from aller_vers.poste import airflow
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois

pytestmark = pytest.mark.timeout(900)


def test_a_run_without_a_month_fails_in_its_first_task_with_a_clear_message(reel: Any) -> None:
    run = trigger(reel, None)
    assert wait_state(reel, run) == "failed"
    etats = read_states(reel, run)
    assert etats["extract_demandeurs"] == "failed"
    assert etats["clean_demandeurs"] == "upstream_failed"
    assert "Cette exécution n'a pas de mois." in read_log(reel, run, "extract_demandeurs")


def test_a_month_that_lies_ahead_is_refused_before_anything_starts(reel: Any) -> None:
    fini = reel.run("run", "--mois", "2999-01")
    assert fini.returncode == 1
    assert "n'est pas terminé" in fini.stderr
    assert "Remède" in fini.stderr


def test_the_month_under_way_is_refused_by_airflow_too(reel: Any) -> None:
    run = trigger(reel, str(Mois.of(datetime.now(PARIS).date())))
    assert wait_state(reel, run) == "failed"
    assert "n'est pas terminé" in read_log(reel, run, "extract_demandeurs")


def test_a_backfill_computes_aggregates_and_drops_no_lot(reel: Any) -> None:
    with airflow.open_api(reel.poste) as api:
        corps = {
            "dag_id": "requete_nationale",
            "from_date": "2025-09-01T00:00:00Z",
            "to_date": "2025-09-01T00:00:00Z",
            "reprocess_behavior": "none",
            "max_active_runs": 1,
            "run_backwards": False,
            "dag_run_conf": {},
        }
        reponse = api.post("/backfills", json=corps)
        assert reponse.is_success, reponse.text
    wait(lambda: reel.fetch("SELECT FROM marts.indicateur WHERE mois = '2025-09' LIMIT 1"), 300)
    assert reel.fetch("SELECT DISTINCT depot FROM core.publication WHERE mois >= '2025-09'") == [(False,)]
    assert reel.lots("2025-09") == {}


def test_a_missing_column_of_the_source_is_named(reel: Any) -> None:
    with altered_source(
        reel,
        "ALTER VIEW du_jour.dossier RENAME COLUMN date_fin_affiliation TO fin",
        "ALTER VIEW du_jour.dossier RENAME COLUMN fin TO date_fin_affiliation",
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
        run = trigger(reel, "2025-06")
        assert wait_state(reel, run) == "failed"
    assert "999 (3)" in read_log(reel, run, "judge_requete")
    assert reel.lots("2025-06") == avant


def test_the_pages_of_airflow_ask_who_is_there(reel: Any) -> None:
    reponse = httpx.get(f"{reel.poste.adresse}/api/v2/dags", trust_env=False)
    assert reponse.status_code == 401
