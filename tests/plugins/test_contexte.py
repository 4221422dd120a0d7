"""What a run is about, and how a step's error reaches the person who reads it."""

from __future__ import annotations

import traceback
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.api.datamodels._generated import DagRunType as TypeDansLaTache
from airflow.sdk.exceptions import AirflowFailException
from airflow.utils.types import DagRunType as TypeDuPlanificateur
from sqlalchemy import text

from aller_vers.socle import reglages
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers_airflow import contexte
from aller_vers_airflow.contexte import Execution, decide_depot, do_each, etape, read_execution, resolve_mois

JUIN = Mois(2025, 6)


@pytest.fixture(autouse=True)
def premier_depot_en_juin(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AV_PREMIER_MOIS_DEPOT", "2025-06")
    reglages.load_reglages.cache_clear()
    yield
    reglages.load_reglages.cache_clear()


@pytest.mark.parametrize(
    ("cle", "parametre"),
    [("2025-06", None), (None, "2025-06"), ("2025-06", "2025-06"), ("", "2025-06"), ("2025-06", "")],
)
def test_the_month_is_the_key_of_the_run_else_its_parameter(cle: str | None, parametre: str | None) -> None:
    assert resolve_mois(cle, parametre) == JUIN


@pytest.mark.parametrize(("cle", "parametre"), [(None, None), ("", ""), (None, "")])
def test_a_run_without_a_month_is_refused_and_told_how_to_be_asked_for(
    cle: str | None, parametre: str | None
) -> None:
    with pytest.raises(ErreurAllerVers) as capture:
        resolve_mois(cle, parametre)
    assert capture.value.constat == "Cette exécution n'a pas de mois."
    assert "2025-06" in capture.value.remede
    assert not capture.value.passagere


def test_a_run_with_two_months_is_refused_and_both_are_named() -> None:
    with pytest.raises(ErreurAllerVers, match=r"deux mois : la clé de partition 2025-06 .* 2025-05"):
        resolve_mois("2025-06", "2025-05")


@pytest.mark.parametrize("texte", ["2025-13", "juin", "2025-06-01"])
def test_a_key_or_a_parameter_that_is_not_a_month_is_refused(texte: str) -> None:
    for cle, parametre in ((texte, None), (None, texte)):
        with pytest.raises(ErreurAllerVers, match="n'est pas un mois"):
            resolve_mois(cle, parametre)


@pytest.mark.parametrize("run_type", [TypeDansLaTache.BACKFILL, TypeDuPlanificateur.BACKFILL_JOB, "backfill"])
def test_a_backfill_drops_no_lot_unless_asked(run_type: str) -> None:
    assert not decide_depot(JUIN, run_type, None)
    assert not decide_depot(JUIN, run_type, False)
    assert decide_depot(JUIN, run_type, True)


@pytest.mark.parametrize(
    "run_type", [t for t in TypeDansLaTache if t is not TypeDansLaTache.BACKFILL], ids=lambda t: t.value
)
def test_any_other_run_drops_lots_from_the_first_month_on(run_type: str) -> None:
    assert decide_depot(JUIN, run_type, None)
    assert decide_depot(Mois(2031, 1), run_type, None)
    assert not decide_depot(Mois(2025, 5), run_type, None)


def test_what_is_asked_wins_over_the_first_month() -> None:
    assert decide_depot(Mois(2024, 1), "manual", True)
    assert not decide_depot(Mois(2026, 1), "scheduled", False)


def test_the_first_month_is_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AV_PREMIER_MOIS_DEPOT", "2026-01")
    reglages.load_reglages.cache_clear()
    assert not decide_depot(Mois(2025, 12), "scheduled", None)
    assert decide_depot(Mois(2026, 1), "scheduled", None)


def run_context(monkeypatch: pytest.MonkeyPatch, **run: Any) -> Execution:
    parametres = run.pop("params", {"mois": None, "depot": "selon le calendrier", "a_blanc": False})
    valeurs = {"partition_key": None, "run_id": "essai", "run_type": TypeDansLaTache.MANUAL} | run
    donne = {"dag_run": SimpleNamespace(**valeurs), "params": parametres}
    monkeypatch.setattr(contexte, "get_current_context", lambda: donne)
    return read_execution()


def test_a_scheduled_run_reads_its_key_and_drops_lots(monkeypatch: pytest.MonkeyPatch) -> None:
    lue = run_context(monkeypatch, partition_key="2025-06", run_type=TypeDansLaTache.SCHEDULED)
    assert lue == Execution(JUIN, "essai", depot=True, a_blanc=False)


def test_a_backfill_is_recognised_inside_the_task(monkeypatch: pytest.MonkeyPatch) -> None:
    lue = run_context(monkeypatch, partition_key="2025-06", run_type=TypeDansLaTache.BACKFILL)
    assert not lue.depot


def test_a_run_by_hand_reads_its_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    lue = run_context(monkeypatch, params={"mois": "2025-06", "depot": "non", "a_blanc": True})
    assert lue == Execution(JUIN, "essai", depot=False, a_blanc=True)


def test_a_run_of_a_dag_without_parameters_needs_its_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    aucuns: list[dict[str, Any] | None] = [None, {}]
    for parametres in aucuns:
        assert run_context(monkeypatch, partition_key="2025-06", params=parametres).mois == JUIN


def test_a_month_to_come_is_refused_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ErreurAllerVers, match="n'est pas terminé"):
        run_context(monkeypatch, partition_key="2999-01")


def test_a_run_without_a_month_fails_in_its_first_task(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AirflowFailException, match="n'a pas de mois"):
        etape(lambda: run_context(monkeypatch))()


def test_what_a_person_has_to_mend_fails_at_once_with_its_message_alone() -> None:
    @etape
    def step() -> None:
        try:
            raise ValueError("marie@example.org")
        except ValueError as erreur:
            raise ErreurAllerVers("La source n'a pas la table demande.", "la faire exposer.") from erreur

    with pytest.raises(AirflowFailException) as capture:
        step()
    assert str(capture.value) == "La source n'a pas la table demande. Remède : la faire exposer."
    assert capture.value.__cause__ is None
    assert capture.value.__suppress_context__
    assert "example.org" not in "".join(traceback.format_exception(capture.value))


def test_what_may_pass_goes_through_so_that_airflow_tries_again() -> None:
    erreur = ErreurAllerVers("La base ne répond pas.", "attendre.", passagere=True)

    @etape
    def step() -> None:
        raise erreur

    with pytest.raises(ErreurAllerVers) as capture:
        step()
    assert capture.value is erreur


def test_a_step_keeps_its_name_its_arguments_and_its_result() -> None:
    @etape
    def write(code_caf: str, *, version: int = 1) -> tuple[str, int]:
        """Write."""
        return code_caf, version

    assert write("831", version=2) == ("831", 2)
    assert (write.__name__, write.__doc__) == ("write", "Write.")


@pytest.mark.usefixtures("connexions_neuves")
def test_the_transactions_of_a_step_are_of_one_connection(base_vide: str) -> None:
    @etape
    def read_pids() -> list[Any]:
        lus = []
        for _ in range(2):
            with open_transaction(base_vide, "av_entrepot") as connexion:
                lus.append(connexion.scalar(text("SELECT pg_backend_pid()")))
        return lus

    premiere, seconde = read_pids()
    assert premiere == seconde
    assert premiere not in read_pids(), "of that step alone"


def test_what_was_not_foreseen_is_told_without_the_value_it_quotes() -> None:
    @etape
    def quote() -> None:
        raise ValueError("canari.zibeline@courriel.example.org")

    with pytest.raises(ErreurAllerVers) as leve:
        quote()
    assert "ValueError, test_contexte.py ligne" in str(leve.value)
    assert "zibeline" not in "".join(traceback.format_exception(leve.value))


def test_a_caf_that_fails_stops_none_of_its_group_and_is_named_with_what_may_pass() -> None:
    faits: list[str] = []

    def write(code: str) -> str:
        if code in ("061", "591"):
            raise ErreurAllerVers("Le partage est introuvable.", "le monter.", passagere=True)
        if code == "131":
            raise ErreurAllerVers("La clé manque.", "la donner.")
        if code == "481":
            raise ValueError("canari@example.org")
        faits.append(code)
        return code

    assert do_each(["051", "831"], write) == ["051", "831"]
    with pytest.raises(ErreurAllerVers) as echec:
        do_each(["051", "061", "131", "481", "591", "831"], write)
    assert faits == ["051", "831"] * 2
    assert echec.value.constat.startswith(
        "4 Caf sur 6 en échec. 061, 591 : Le partage est introuvable. 131 : La clé manque. 481 : Erreur imprévue"
    )
    assert "canari" not in str(echec.value)
    assert echec.value.remede.startswith("le monter. la donner. relancer la tâche")
    assert echec.value.passagere
    with pytest.raises(ErreurAllerVers, match=r"^La clé manque\. Remède : la donner\.$") as seule:
        do_each(["131"], write)
    assert not seule.value.passagere
