"""After the drop, through the real scheduler: a correction, a new drop, what comes back from a Caf.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import io
import json
import os
import time
from typing import Any

import openpyxl
import pytest
from mois_reel_gestes import (
    altered_source,
    list_runs,
    read_log,
    read_states,
    start_paused,
    trigger,
    try_again_at_once,
    wait_new_run,
    wait_state,
)
from mois_reel_outils import RESEAU

pytestmark = pytest.mark.timeout(900)
INSTALLATION = "mois"


def test_a_share_that_is_gone_is_named_and_the_next_run_drops_what_has_changed_and_no_more(reel: Any) -> None:
    """What has changed is an objection after the drop: a new version for its Caf."""
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
        assert reel.run("run", "--mois", "2025-07").returncode == 0
        apres = reel.lots("2025-07")
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
    assert reel.fetch_metadonnees(ecrits, run) == [("051 · Hautes-Alpes à 831 · Var",)]
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
    assert sorted(f.name.split("_", 1)[1] for f in (caf / "retours" / "traites").iterdir() if f.suffix != ".txt") == [
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
