"""The question on a held lot: what Airflow shows, what becomes of each answer, and what is never kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowSkipException,
    DownstreamTasksSkipped,
    ParamValidationError,
)
from decisions_exemples import Retenu

from airflow_isole import PROJET
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers_airflow import contexte
from aller_vers_airflow.etapes import decisions_lots, depots_caf
from aller_vers_airflow.etapes.question_posee import GARDER, LIBERER, DecisionOperator, read_motif
from aller_vers_airflow.parametres import DECISION, MOTIF

RAISON = "Vérifié avec la Caf : deux dossiers réunis à tort."
TRACES = ("zoe@example.org", "01 99 00 12 34", "+33.199.00.12.34", "2 75 06 83 123 456 78")


@pytest.fixture
def airflow(tenu: Retenu, monkeypatch: pytest.MonkeyPatch) -> Retenu:
    """Give the warehouse to Airflow; the run is for June and the Var."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", tenu.dsn)
    run = SimpleNamespace(partition_key="2025-06", run_id="essai", run_type="manual")
    faux = {"dag_run": run, "params": {"mois": "2025-06", "caf": "831"}}
    for module in (contexte, decisions_lots):
        monkeypatch.setattr(module, "get_current_context", lambda: faux)
    return tenu


@pytest.fixture
def operateur() -> DecisionOperator:
    """Give the task of the real DAG."""
    tache = (
        DagBag(dag_folder=PROJET / "dags" / "decisions_lots.py")
        .dags["decisions_lots"]
        .get_task("ask_decision")
    )
    assert isinstance(tache, DecisionOperator)
    return tache


def answer(
    operateur: DecisionOperator, option: str, motif: str | None, acteur: str | None = "marie.durand"
) -> list[str]:
    """Answer the question as it stands, as Airflow resumes the task; return the tasks that it follows."""
    return resume(operateur, decisions_lots.read_lot.function(), option, motif, acteur)


def resume(
    operateur: DecisionOperator,
    question: Any,
    option: str,
    motif: str | None,
    acteur: str | None = "marie.durand",
) -> list[str]:
    laisse = dict[str, Any]()
    ti = SimpleNamespace(
        task=operateur, map_index=-1, xcom_pull=lambda task_ids: question,
        xcom_push=lambda key, value: laisse.update({key: value}),
    )  # fmt: skip
    evenement = {
        "chosen_options": [option],
        "params_input": {"motif": motif},
        "responded_at": datetime(2025, 7, 2, 9, 0, tzinfo=UTC),
        "responded_by_user": {"id": acteur, "name": acteur} if acteur else None,
        "timedout": acteur is None,
    }
    with pytest.raises(DownstreamTasksSkipped) as saut:
        operateur.execute_complete({"ti": ti}, evenement)
    assert list(laisse) == ["skipmixin_key"]
    suivies: list[str] = laisse["skipmixin_key"]["followed"]
    assert {tache for tache, _ in saut.value.tasks} == {"trigger_depot", "keep_lot"} - set(suivies)
    return suivies


def test_the_question_says_which_caf_and_why_and_nobody_s_name(airflow: Retenu) -> None:
    question = decisions_lots.read_lot.function()
    assert question["objet"] == "Caf 831 · Var, juin 2025 : déposer le lot retenu ?"
    assert "- La même personne figure plusieurs fois dans le mois : 2 demandeurs" in question["texte"]
    assert question["regles"] == {"identite_dupliquee": 2}
    assert not re.search(r"claire|paul|@|\d{2} \d{2} \d{2}", str(question).lower())


def test_the_form_has_two_answers_in_french_and_silence_keeps_the_lot(operateur: DecisionOperator) -> None:
    assert (operateur.options, operateur.defaults) == ([LIBERER, GARDER], [GARDER])
    assert operateur.options_mapping == {LIBERER: "trigger_depot", GARDER: "keep_lot"}
    assert operateur.response_timeout is not None
    assert operateur.response_timeout.total_seconds() == 240 * 3600
    assert set(operateur.params) == {"motif"}


def test_a_release_goes_to_the_ledger_under_the_user_s_name_and_to_the_drop(
    airflow: Retenu, operateur: DecisionOperator
) -> None:
    assert answer(operateur, LIBERER, RAISON) == ["trigger_depot"]
    assert airflow.decisions() == [(1, "prepare", "marie.durand", RAISON, "libere", "r1")]
    texte = decisions_lots.read_lot.function()["texte"]
    assert f"**Libéré** par marie.durand : {RAISON}" in texte, "it can be asked again"
    assert not decisions_lots.keep_lot.function()
    airflow.write()
    assert decisions_lots.keep_lot.function(), "to keep it now is to suspend it"


@pytest.mark.parametrize("motif", [None, "", "On attend la Caf."])
def test_a_lot_is_kept_with_or_without_a_reason(
    airflow: Retenu, operateur: DecisionOperator, motif: str | None
) -> None:
    assert answer(operateur, GARDER, motif) == ["keep_lot"]
    assert airflow.decisions() == [
        (1, "retenu", "marie.durand", motif or "qualité : identite_dupliquee", "garde", "r1")
    ]
    assert depots_caf.list_questions.function() == []


def test_silence_decides_nothing_and_the_team_is_told_once(
    airflow: Retenu, operateur: DecisionOperator
) -> None:
    assert answer(operateur, GARDER, None, acteur=None) == ["keep_lot"]
    assert answer(operateur, GARDER, None, acteur=None) == ["keep_lot"]
    assert airflow.decisions() == []
    assert airflow.write().etat == "retenu"
    [(objet, corps)] = airflow.run("SELECT objet, corps FROM suivi.avis WHERE cle LIKE 'silence/%'")
    assert objet == "Proches aidants : lot 2025-06 de la Caf 831 · Var, sans décision"
    assert "reste retenu" in corps


@pytest.mark.parametrize("motif", [None, "ok", *(f"Vu avec {trace} ce matin" for trace in TRACES), "x" * 501])
def test_a_reason_that_cannot_be_kept_asks_again_and_is_not_repeated(
    airflow: Retenu, operateur: DecisionOperator, motif: str | None
) -> None:
    with pytest.raises(ErreurAllerVers) as refus:
        answer(operateur, LIBERER, motif)
    assert refus.value.passagere, "Airflow tries again: the question is put once more"
    assert not isinstance(refus.value, AirflowFailException)
    assert motif is None or motif not in str(refus.value)
    assert refus.value.__cause__ is None
    assert airflow.decisions() == []
    assert (operateur.retries or 0) >= 10


def test_an_answer_to_a_verdict_that_has_changed_fails_where_it_is_seen(
    airflow: Retenu, operateur: DecisionOperator
) -> None:
    question = decisions_lots.read_lot.function()
    airflow.hold("r2", identite_dupliquee=40)
    with pytest.raises(AirflowFailException, match="a changé depuis la question"):
        resume(operateur, question, LIBERER, RAISON)
    airflow.judge("831", "conforme", run_id="r2")
    with pytest.raises(AirflowSkipException, match="n'est pas retenu, ou ne l'est plus"):
        resume(operateur, question, LIBERER, RAISON)
    assert airflow.decisions() == []


def test_each_held_lot_is_asked_about_once_and_a_worse_verdict_again(airflow: Retenu) -> None:
    [premiere] = depots_caf.list_questions.function()
    assert premiere["conf"] == {"mois": "2025-06", "caf": "831"}
    assert [premiere] == depots_caf.list_questions.function()
    airflow.hold("r2", identite_dupliquee=40)
    [seconde] = depots_caf.list_questions.function()
    assert seconde["conf"] == premiere["conf"]
    assert seconde["trigger_run_id"] != premiere["trigger_run_id"]


def test_the_drop_s_dag_asks_without_waiting_and_never_twice() -> None:
    tache = DagBag(dag_folder=PROJET / "dags" / "depots_caf.py").dags["depots_caf"].get_task("ask_decisions")
    arguments = tache.partial_kwargs
    assert arguments["trigger_dag_id"] == "decisions_lots"
    assert arguments["skip_when_already_exists"]
    assert not arguments.get("wait_for_completion")
    assert tache.downstream_task_ids == set()


@pytest.mark.parametrize("texte", [*TRACES, f"ligne\nVu avec {TRACES[0]}\n", f"Vu\n{TRACES[1]}"])
def test_the_form_s_reason_refuses_what_looks_like_a_person(texte: str) -> None:
    with pytest.raises(ErreurAllerVers):
        read_motif({"motif": texte}, "831")


@pytest.mark.parametrize("texte", [None, "", RAISON, "Vu le 02/07/2025 : 3 dossiers, lot 831 @ Var"])
def test_the_form_takes_a_reason(texte: str | None) -> None:
    MOTIF["motif"].resolve(texte)
    assert read_motif({"motif": texte}, "831") == (texte or "")


def test_a_question_asked_by_hand_needs_a_month_and_a_caf() -> None:
    for nom, mauvais in (("mois", ("2025-13", "juin", None)), ("caf", ("83", "Var", None))):
        for valeur in mauvais:
            with pytest.raises(ParamValidationError):
                DECISION[nom].resolve(valeur)
    DECISION["mois"].resolve("2025-06")
    DECISION["caf"].resolve("831")
