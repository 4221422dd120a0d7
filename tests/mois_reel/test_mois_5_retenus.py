"""Held lots and alerts through the real scheduler: asked, answered, unanswered; tasks and workers killed, a late month.

One part of what runs on one Airflow, in the order of the files and of their tests.
"""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

import httpx
import psutil
import pytest
from mois_reel_gestes import read_states, start_paused, trigger, wait, wait_state
from mois_reel_outils import find_bavards, find_traces, read_text_of_every_table
from serveur_http import running_http

from aller_vers.poste import airflow
from aller_vers.poste.demonstration import find_courrier
from aller_vers.poste.installation import ENTREPOT, METADONNEES

pytestmark = pytest.mark.timeout(600)
MOIS, RETENUES, A_BLANC = "2025-10", ("591", "831", "974"), "2025-08"
LIBERER, GARDER = "Libérer le lot", "Garder le lot retenu"
MOTIF = "Réponse de la Caf : la personne a confirmé son accord."
INTERDIT = "Accord reçu de canari.zibeline@courriel.example.org"
SALON = "j3tonsecretdusalon"


@pytest.fixture(scope="module")
def mois(reel: Any) -> Any:
    """One month in which three Caf of five are held: the source cannot say whether somebody objects."""
    reel.alter_source(
        "ALTER TABLE personne ALTER opposition_contact DROP NOT NULL",
        *(
            "UPDATE personne SET opposition_contact = NULL WHERE id_personne = (SELECT max(d.id_personne) FROM demande d "
            f"JOIN dossier o ON o.code_caf = '{caf}' JOIN personne p ON p.id_dossier = o.id_dossier "
            "AND p.id_personne = d.id_personne WHERE d.date_depot BETWEEN '2025-10-01' AND '2025-10-31')"
            for caf in RETENUES
        ),
    )
    fini = reel.run("run", "--mois", MOIS)
    assert fini.returncode == 0, fini.stdout + fini.stderr
    wait(lambda: set(read_questions(reel).values()) == {"awaiting_input"} and len(read_questions(reel)) == 3)
    return reel


def read_questions(reel: Any) -> dict[str, str]:
    """Return the state of each question, by Caf."""
    lignes = reel.fetch_metadonnees(
        "SELECT run_id, state FROM task_instance WHERE dag_id = 'decisions_lots' AND task_id = 'ask_decision'"
        " AND run_id LIKE %s", f"lot-{MOIS}-%",
    )  # fmt: skip
    assert len({run.split("-")[3] for run, _ in lignes}) == len(lignes), "one question a Caf"
    return {run.split("-")[3]: etat for run, etat in lignes}


def name_run(reel: Any, caf: str) -> str:
    [(run,)] = reel.fetch_metadonnees(
        "SELECT run_id FROM dag_run WHERE dag_id = 'decisions_lots' AND run_id LIKE %s", f"lot-{MOIS}-{caf}-%"
    )
    return str(run)


def answer(reel: Any, run_id: str, option: str, motif: str | None) -> httpx.Response:
    # Within about a second of the question, Airflow takes the answer's task for the one that asked, and asks again.
    time.sleep(3)
    with airflow.open_api(reel.poste) as api:
        chemin = f"/dags/decisions_lots/dagRuns/{run_id}/taskInstances/ask_decision/-1/hitlDetails"
        return api.patch(chemin, json={"chosen_options": [option], "params_input": {"motif": motif}})


def wait_decision(reel: Any, run_id: str) -> dict[str, str]:
    """Wait for the end of a question; return the state of its tasks."""
    assert wait_state(reel, run_id, "decisions_lots") == "success"
    return read_states(reel, run_id, "decisions_lots")


def list_deposees(reel: Any) -> set[str]:
    return {chemin.split("/")[0] for chemin in reel.lots(MOIS) if chemin.endswith("manifeste.json")}


def list_decisions(reel: Any) -> list[tuple[str, str, str, str | None]]:
    return list(
        reel.fetch(
            "SELECT code_caf, etat, acteur, motif FROM suivi.evenement WHERE preuve ->> 'decision' IS NOT NULL"
            " AND mois = %s ORDER BY id",
            MOIS,
        )
    )


def list_avis(reel: Any, debut: str) -> list[str]:
    lignes = reel.fetch(
        "SELECT objet || E'\\n' || corps FROM suivi.avis WHERE cle LIKE %s ORDER BY cree_le", f"{debut}%"
    )
    return [texte for (texte,) in lignes]


def test_three_held_lots_are_three_questions_and_the_two_others_are_dropped(mois: Any) -> None:
    assert set(read_questions(mois)) == set(RETENUES)
    assert list_deposees(mois) == {"051", "481"}
    sujets = mois.fetch_metadonnees("SELECT subject, body FROM hitl_detail WHERE subject LIKE '%octobre%'")
    assert len(sujets) == 3
    assert any("Caf 831 · Var, octobre 2025 : déposer le lot retenu ?" in sujet for sujet, _ in sujets)
    assert all("1 demandeur" in corps for _, corps in sujets)
    assert find_traces([str(sujets)]) == []
    [bulletin] = list_avis(mois, f"porte/requete/{MOIS}/")
    assert "3 Caf retenues" in bulletin
    assert f"{mois.poste.adresse}/dags/requete_nationale/runs/" in bulletin


def test_a_reason_that_names_somebody_is_refused_before_airflow_keeps_it(mois: Any) -> None:
    reponse = answer(mois, name_run(mois, "831"), LIBERER, INTERDIT)
    assert reponse.status_code == 422
    assert "ressemble à une donnée personnelle" in reponse.json()["detail"]
    assert read_questions(mois)["831"] == "awaiting_input"
    assert list_decisions(mois) == []
    assert list_deposees(mois) == {"051", "481"}


def test_a_lot_that_is_kept_or_that_nobody_answers_for_stays_held(mois: Any) -> None:
    assert answer(mois, name_run(mois, "831"), GARDER, None).is_success
    with mois.base(METADONNEES) as base:  # the time-out comes
        base.execute(
            "UPDATE task_instance SET trigger_timeout = now() - interval '1 second' WHERE task_id = 'ask_decision'"
            " AND run_id = %s", (name_run(mois, "974"),),
        )  # fmt: skip
    for caf in ("831", "974"):
        taches = wait_decision(mois, name_run(mois, caf))
        assert (taches["trigger_depot"], taches["keep_lot"]) == ("skipped", "success")
    assert list_deposees(mois) == {"051", "481"}
    assert list_decisions(mois) == [("831", "retenu", "admin", "qualité : opposition_inconnue")]
    [silence] = list_avis(mois, "silence/")
    assert "974 · La Réunion" in silence


def test_a_kept_lot_is_asked_again_and_its_release_drops_that_caf_alone(mois: Any) -> None:
    avant = mois.lots(MOIS)
    run = trigger(mois, None, "decisions_lots", mois=MOIS, caf="831")
    [(corps,)] = wait(
        lambda: mois.fetch_metadonnees(
            "SELECT h.body FROM hitl_detail AS h INNER JOIN task_instance AS t ON h.ti_id = t.id"
            " WHERE t.run_id = %s AND t.state = 'awaiting_input'", run,
        )
    )  # fmt: skip
    assert "**Gardé retenu** par admin" in corps
    assert answer(mois, run, LIBERER, MOTIF).is_success
    taches = wait_decision(mois, run)
    assert (taches["trigger_depot"], taches["keep_lot"]) == ("success", "skipped")
    wait(lambda: "831" in list_deposees(mois))
    apres = mois.lots(MOIS)
    assert {c: o for c, o in apres.items() if not c.startswith("831/")} == avant
    manifeste = json.loads(apres[f"831/{MOIS}/v1/manifeste.json"])
    assert (manifeste["verdict"], manifeste["regles_en_avertissement"], manifeste["liberation"]) == (
        "avertissement", ["opposition_inconnue"], MOTIF,
    )  # fmt: skip
    assert list_decisions(mois)[1:] == [("831", "prepare", "admin", MOTIF)], (
        "the former word stays in the trace"
    )
    [(depot,)] = mois.fetch_metadonnees(
        "SELECT run_id FROM dag_run WHERE dag_id = 'depots_caf' ORDER BY id DESC LIMIT 1"
    )
    assert wait_state(mois, depot, "depots_caf") == "success"
    ecrits = mois.fetch_metadonnees(
        "SELECT rendered_map_index FROM task_instance"
        " WHERE dag_id = 'depots_caf' AND task_id = 'write_lot' AND run_id = %s",
        depot,
    )
    assert ecrits == [("831 · Var",)]
    assert read_states(mois, depot, "depots_caf")["ask_decisions"] == "skipped", (
        "what is still held is not asked twice"
    )
    assert set(read_questions(mois)) == set(RETENUES)


def test_a_month_that_hangs_is_late_a_killed_worker_is_a_failure_and_both_recover(mois: Any) -> None:
    with mois.base(ENTREPOT) as autre, autre.transaction():
        autre.execute("LOCK TABLE staging.demandeur_brut IN ACCESS EXCLUSIVE MODE")
        run = trigger(mois, A_BLANC, a_blanc=True)
        kill(mois, run, essai=1, ouvrier=False)
        with mois.base(METADONNEES) as base:  # no need to wait for the retry's delay, nor for six hours
            base.execute(
                "UPDATE task_instance SET end_date = end_date - interval '1 hour' WHERE run_id = %s", (run,)
            )
            base.execute(
                "UPDATE deadline SET deadline_time = now() - interval '1 second' WHERE dagrun_id ="
                " (SELECT id FROM dag_run WHERE run_id = %s)", (run,),
            )  # fmt: skip
        [retard] = wait(lambda: list_avis(mois, f"retard/dag:requete_nationale/{A_BLANC}"))
        assert "mois en retard, « Requête nationale », août 2025" in retard
        kill(mois, run, essai=2, ouvrier=True)
        assert wait_state(mois, run) == "failed"
    assert mois.fetch_metadonnees(
        "SELECT task_id, try_number FROM log WHERE event = 'heartbeat timeout' AND run_id = %s", run
    ) == [("extract_demandeurs", 2)]
    [echec] = wait(lambda: list_avis(mois, f"echec/dag:requete_nationale/{A_BLANC}"))
    assert "a échoué à la tâche extract_demandeurs" in echec
    assert f"{mois.poste.adresse}/dags/requete_nationale/runs/" in echec
    run = trigger(mois, A_BLANC, a_blanc=True)
    assert wait_state(mois, run) == "success"
    [retour] = wait(lambda: list_avis(mois, f"retour/dag:requete_nationale/{A_BLANC}"))
    assert "rétabli" in retour


def test_the_dry_run_that_recovered_counts_and_judges_and_drops_nothing(mois: Any) -> None:
    [(run,)] = mois.fetch_metadonnees(
        "SELECT run_id FROM dag_run WHERE dag_id = 'requete_nationale' AND partition_key = %s AND state = 'success'",
        A_BLANC,
    )
    etats = read_states(mois, run)
    assert etats["judge_requete"] == "success"
    assert etats["publish_core"] == etats["measure_requete"] == "skipped"
    ensembles = "SELECT count(*) FROM dq.verdict WHERE mois = %s AND regle = 'ensemble'"
    assert mois.fetch(ensembles, A_BLANC) == [(6,)]
    assert mois.fetch("SELECT count(*) FROM core.publication WHERE mois = %s", A_BLANC) == [(0,)]
    assert mois.lots(A_BLANC) == {}
    evenements = "SELECT count(*) FROM asset_event WHERE source_run_id = %s"
    assert mois.fetch_metadonnees(evenements, run) == [(0,)]


def kill(reel: Any, run_id: str, essai: int, *, ouvrier: bool) -> None:
    """Kill the extraction, as a machine that lacks memory does, and wait until Airflow saw it.

    ``ouvrier``: its worker first, so that nobody is left to tell; Airflow then misses its heartbeat.
    """
    requete = (
        "SELECT pid FROM task_instance WHERE dag_id = 'requete_nationale' AND run_id = %s"
        " AND task_id = 'extract_demandeurs' AND try_number = %s AND state = 'running' AND pid IS NOT NULL"
    )
    [(pid,)] = wait(lambda: reel.fetch_metadonnees(requete, run_id, essai))
    if ouvrier:
        parent = psutil.Process(pid).parent()
        assert parent is not None
        assert "LocalExecutor" in " ".join(parent.cmdline())
        parent.kill()
    os.kill(pid, signal.SIGKILL)
    if ouvrier:
        with reel.base(METADONNEES) as base:  # no need to wait for the five minutes of its time-out
            base.execute(
                "UPDATE task_instance SET last_heartbeat_at = now() - interval '1 hour' WHERE run_id = %s"
                " AND task_id = 'extract_demandeurs'", (run_id,),
            )  # fmt: skip
    wait(lambda: not reel.fetch_metadonnees(requete, run_id, essai))


def test_the_team_s_room_and_the_mailbox_of_the_demonstration_get_it_all_and_no_log_has_the_address(
    mois: Any,
) -> None:
    with running_http() as salon, airflow.open_api(mois.poste) as api:
        connexion = {
            "connection_id": "av_apprise", "conn_type": "apprise",
            "extra": json.dumps({"salons": {"tchap": salon.salon(SALON)}}),
        }  # fmt: skip
        assert api.post("/connections", json=connexion).is_success
        start_paused(mois, "envoi_avis")
        textes = salon.textes(SALON)
    texte = "\n".join(textes)
    for attendu in (
        "porte de la requête, octobre 2025 : 3 Caf retenues",
        "lot 2025-10 de la Caf 974 · La Réunion, sans décision",
        "mois en retard, « Requête nationale », août 2025",
        "échec de « Requête nationale », août 2025",
        "« Requête nationale », août 2025 : rétabli",
    ):
        assert attendu in texte
    assert find_traces(textes) == []
    assert find_bavards(mois, SALON) == []
    recus = [f.read_text(errors="replace") for f in find_courrier(mois.poste.donnees).glob("*.eml")]
    for adresse in ("equipe.nationale@example.org", "caf831@example.org"):
        assert any(f"To: {adresse}" in lu for lu in recus), adresse
    assert find_traces(recus) == []
    assert mois.fetch("SELECT count(*) FROM suivi.avis WHERE envoye_le IS NULL") == [(0,)]


def test_no_person_is_in_a_question_an_xcom_a_notice_or_a_log(mois: Any) -> None:
    metadonnees = read_text_of_every_table(mois, METADONNEES, ("public",))
    assert [nom for nom, texte in metadonnees.items() if find_traces([texte])] == []
    assert find_traces(read_text_of_every_table(mois, ENTREPOT, ("suivi", "dq")).values()) == []
    assert find_bavards(mois, INTERDIT) == []
