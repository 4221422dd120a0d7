"""After the drop, through the real scheduler: a correction, a new drop.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import io
import json
from typing import Any

import openpyxl
import pytest
from mois_reel_gestes import (
    altered_source,
    list_runs,
    read_log,
    read_states,
    trigger,
    try_again_at_once,
    wait_new_run,
    wait_state,
)
from mois_reel_outils import RESEAU

pytestmark = pytest.mark.timeout(900)


def test_a_share_that_is_gone_is_named_and_of_the_caf_asked_for_next_only_the_one_that_changed_is_written(
    reel: Any,
) -> None:
    """What has changed is an objection after the drop: a new version for its Caf; the other keeps its lot."""
    avant = reel.lots("2025-07")
    ailleurs = reel.poste.partage.with_name("ailleurs")
    objection = "UPDATE personne SET opposition_contact = {} WHERE courriel LIKE 'CANARI.Loutre%'"
    with altered_source(reel, objection.format(True), objection.format(False)):
        reel.poste.partage.rename(ailleurs)
        try:
            connus = list_runs(reel, "depots_caf")
            trigger(reel, "2025-07")
            run = wait_new_run(reel, "depots_caf", connus)
            try_again_at_once(reel, run, "list_lots")
            assert wait_state(reel, run, "depots_caf") == "failed"
        finally:
            ailleurs.rename(reel.poste.partage)
        journal = read_log(reel, run, "list_lots", "depots_caf")
        assert f"Le partage file://{reel.poste.partage} est introuvable." in journal
        assert read_states(reel, run, "depots_caf")["write_lot"] == "upstream_failed"
        marts = list_runs(reel, "marts_indicateurs")
        run = trigger(reel, None, "depots_caf", mois="2025-07", caf=["831", "051"])
        assert wait_state(reel, run, "depots_caf") == "success"
        apres = reel.lots("2025-07")
    ecrits = "SELECT rendered_map_index FROM task_instance WHERE run_id = %s AND task_id = 'write_lot'"
    assert reel.fetch_metadonnees(ecrits, run) == [("051 · Hautes-Alpes à 831 · Var",)]
    assert wait_state(reel, wait_new_run(reel, "marts_indicateurs", marts), "marts_indicateurs") == "success"
    changes = {c.split("/")[0] for c in avant.keys() | apres.keys() if avant.get(c) != apres.get(c)}
    assert changes == {"831"}
    assert {f.parent.parent.name for f in reel.poste.partage.glob("*/registre/*.xlsx")} == set(RESEAU)
    assert "831/2025-07/v1/PA_831_202507_v1.xlsx" not in apres
    manifeste = json.loads(apres["831/2025-07/v2/manifeste.json"])
    assert (manifeste["version"], manifeste["remplace"], manifeste["motif"]) == (
        2,
        1,
        "contenu modifié à la source",
    )
    classeur = openpyxl.load_workbook(io.BytesIO(apres["831/2025-07/v2/PA_831_202507_v2.xlsx"]))
    assert "canari.loutre" not in str(list(classeur.worksheets[0].values))


def test_a_caf_that_is_unknown_is_named(reel: Any) -> None:
    run = trigger(reel, None, "depots_caf", mois="2025-07", caf=["999"])
    assert wait_state(reel, run, "depots_caf") == "failed"
    assert "Code de Caf inconnu : 999." in read_log(reel, run, "list_lots", "depots_caf")
