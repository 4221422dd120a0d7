"""Failures, recoveries and late months: what the national team is told, once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from serveur_smtp import Ouvrir, ServeurSmtp
from sqlalchemy import Connection, text

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.suivi.alertes import Incident, announce_echec, announce_retard, announce_retour
from aller_vers.suivi.envoi import send_avis
from aller_vers.suivi.messagerie import Messagerie, Serveur
from aller_vers_airflow import alertes
from ensemble import run_together

LIEN = "http://airflow.example.org/dags/depots_caf/runs/manual__1"
JUIN = Incident(
    dag="depots_caf",
    run_id="manual__1",
    mois="2025-06",
    tache="write_lot",
    depuis=datetime(2025, 7, 1, 4, 5, tzinfo=UTC),
    lien=LIEN,
)
MATIN = datetime(2025, 7, 1, 4, 20, tzinfo=UTC)
SOIR = datetime(2025, 7, 1, 21, 50, tzinfo=UTC)
MINUIT = datetime(2025, 7, 1, 22, 10, tzinfo=UTC)  # the day after, in Paris


def list_avis(entrepot: Connection) -> list[tuple[str, str, str]]:
    lignes = entrepot.execute(text("SELECT cle, objet, corps FROM suivi.avis ORDER BY cree_le, cle")).all()
    entrepot.rollback()
    return [(ligne.cle, ligne.objet, ligne.corps) for ligne in lignes]


def list_cles(entrepot: Connection) -> list[str]:
    return [cle for cle, _, _ in list_avis(entrepot)]


def fail(entrepot: Connection, maintenant: datetime = MATIN, **autre: Any) -> bool:
    return announce_echec(entrepot, replace(JUIN, **autre), maintenant)


def recover(entrepot: Connection, maintenant: datetime = MATIN, **autre: Any) -> bool:
    return announce_retour(entrepot, replace(JUIN, **autre), maintenant)


def test_a_failure_says_which_dag_which_task_which_month_since_when_and_where(entrepot: Connection) -> None:
    assert fail(entrepot)
    entrepot.commit()
    [(_, objet, corps)] = list_avis(entrepot)
    assert objet == "Proches aidants : échec de « Dépôt des lots aux Caf », juin 2025"
    assert corps == (
        "L'exécution de « Dépôt des lots aux Caf », juin 2025, commencée le 01/07/2025 à 06:05, a échoué à la tâche write_lot. "
        f"Le journal de la tâche dit pourquoi et quoi faire : {LIEN}"
    )


def test_a_failure_without_task_month_or_date_is_told_all_the_same(entrepot: Connection) -> None:
    assert fail(entrepot, mois="sans-mois", tache="", depuis=None)
    entrepot.commit()
    [(_, objet, corps)] = list_avis(entrepot)
    assert objet.endswith("échec de « Dépôt des lots aux Caf »")
    assert "commencée à une date inconnue, a échoué. Le journal" in corps


def test_the_same_failure_again_is_told_once_a_day_and_since_when(entrepot: Connection) -> None:
    assert [fail(entrepot), fail(entrepot, SOIR, run_id="manual__2"), fail(entrepot, MINUIT)] == [
        True,
        False,
        True,
    ]
    entrepot.commit()
    (_, objet, corps) = list_avis(entrepot)[-1]
    assert objet == "Proches aidants : échec répété de « Dépôt des lots aux Caf », juin 2025"
    assert "échoue toujours, depuis le 01/07/2025 à 06:20 à la tâche write_lot" in corps
    assert not fail(entrepot, MINUIT + timedelta(hours=3))


def test_another_task_another_month_another_dag_or_another_caf_is_another_failure(
    entrepot: Connection,
) -> None:
    assert fail(entrepot)
    for autre in ({"tache": "check_lots"}, {"mois": "2025-07"}, {"dag": "depots"}, {"code_caf": "831"}):
        assert fail(entrepot, **autre), autre
    entrepot.commit()
    assert "« Dépôt des lots aux Caf », juin 2025, Caf 831" in list_avis(entrepot)[-1][1]


def test_a_recovery_is_told_once_after_a_failure_and_never_without_one(entrepot: Connection) -> None:
    assert not recover(entrepot)
    fail(entrepot)
    fail(entrepot, tache="check_lots")
    for autre in ({"mois": "2025-05"}, {"mois": "2025-0"}, {"dag": "depots"}, {"code_caf": "831"}):
        assert not recover(entrepot, **autre), autre
    assert [recover(entrepot, SOIR), recover(entrepot, SOIR)] == [True, False]
    entrepot.commit()
    (_, objet, corps) = list_avis(entrepot)[-1]
    assert objet == "Proches aidants : « Dépôt des lots aux Caf », juin 2025 : rétabli"
    assert "a réussi ; l'alerte durait depuis le 01/07/2025 à 06:20" in corps


def test_a_run_that_fails_again_after_its_recovery_is_told_again(entrepot: Connection) -> None:
    instants = [MATIN + timedelta(minutes=n) for n in range(5)]
    assert [fail(entrepot, instants[0]), recover(entrepot, instants[1])] == [True, True]
    assert [fail(entrepot, instants[2]), recover(entrepot, instants[3])] == [True, True]
    assert [fail(entrepot, instants[4]), fail(entrepot, instants[4])] == [True, False]


def test_a_late_month_is_told_once_a_day_and_its_recovery_too(entrepot: Connection) -> None:
    tard = replace(JUIN, dag="requete_nationale")
    assert announce_retard(entrepot, tard, 6, MATIN)
    assert not announce_retard(entrepot, replace(tard, run_id="manual__2"), 6, SOIR)
    assert announce_retard(entrepot, replace(tard, mois="2025-07"), 1.5, SOIR)
    assert recover(entrepot, SOIR, dag="requete_nationale")
    entrepot.commit()
    (_, objet, corps), (_, _, suivant), (_, retabli, _) = list_avis(entrepot)
    assert "1,5 heure après" in suivant
    assert objet == "Proches aidants : mois en retard, « Requête nationale », juin 2025"
    assert "n'a pas abouti 6 heures après avoir été demandée (le 01/07/2025 à 06:05)." in corps
    assert retabli.endswith("« Requête nationale », juin 2025 : rétabli")


def test_two_callbacks_at_once_tell_a_failure_once(entrepot: Connection, ouvrir: Ouvrir) -> None:
    dits = run_together(ouvrir, *[lambda base: announce_echec(base, JUIN, MATIN)] * 4)
    assert sorted(dits) == [False, False, False, True]


def test_a_failure_and_its_recovery_reach_the_team_as_one_mail(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    fail(entrepot)
    entrepot.commit()
    recover(entrepot, SOIR)
    entrepot.commit()
    maintenant = datetime.now(UTC)
    with Messagerie(Serveur("127.0.0.1", smtp.port, "a@cnaf.example.org", "aucun"), maintenant) as messagerie:
        send_avis(ouvrir, {"courriel": messagerie}, {"equipe_nationale": ("e@cnaf.example.org",)}, maintenant)
    [recu] = smtp.recus
    contenu = recu.message.get_content()
    assert (
        recu.message["Subject"]
        == "Proches aidants : échec de « Dépôt des lots aux Caf », juin 2025 (et 1 autre)"
    )
    assert LIEN in contenu
    assert contenu.index("a échoué à la tâche write_lot") < contenu.index("a réussi")


@pytest.fixture
def airflow(
    monkeypatch: pytest.MonkeyPatch, entrepot: Connection, dsn_role: Callable[[str], str]
) -> Connection:
    """Give the warehouse to Airflow as its connection ``av_entrepot``."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow.example.org/")
    return entrepot


CONTEXTE: dict[str, Any] = {
    "dag": SimpleNamespace(dag_id="depots_caf"),
    "run_id": "manual__2025-07-01T06:00:00+00:00",
    "reason": "task_failure",
    "dag_run": SimpleNamespace(
        dag_id="depots_caf", run_id="manual__2025-07-01T06:00:00+00:00", partition_key="2025-06", conf={},
        start_date=datetime(2025, 7, 1, 4, 5, tzinfo=UTC),
    ),
    "task_instance": SimpleNamespace(task_id="write_lot"),
}  # fmt: skip


def test_airflow_s_callbacks_write_into_the_outbox(airflow: Connection) -> None:
    alertes.ALERTES["on_failure_callback"](CONTEXTE)
    alertes.ALERTES["on_success_callback"](CONTEXTE)
    (cle, _, corps), (retour, _, _) = list_avis(airflow)
    assert cle.startswith("echec/dag:depots_caf/2025-06/")
    assert retour.startswith("retour/dag:depots_caf/2025-06/")
    assert "à la tâche write_lot" in corps
    assert corps.endswith(
        "http://airflow.example.org/dags/depots_caf/runs/manual__2025-07-01T06%3A00%3A00%2B00%3A00"
    )


def test_the_least_that_airflow_gives_is_enough(airflow: Connection) -> None:
    alertes.announce_echec({cle: CONTEXTE[cle] for cle in ("dag", "run_id", "reason")})
    assert [cle.rpartition("/")[0] for cle in list_cles(airflow)] == ["echec/dag:depots_caf/sans-mois"]


def test_the_caf_of_a_run_for_one_is_told_and_a_list_of_them_is_not(airflow: Connection) -> None:
    for caf, attendu in (("831", "Caf 831"), (["831"], "juin 2025")):
        run = SimpleNamespace(**{**vars(CONTEXTE["dag_run"]), "conf": {"caf": caf}})
        alertes.announce_echec({**CONTEXTE, "dag_run": run})
        assert list_avis(airflow)[-1][1].endswith(attendu)


def test_the_month_is_the_parameter_s_when_there_is_no_key(airflow: Connection) -> None:
    run = SimpleNamespace(**{**vars(CONTEXTE["dag_run"]), "partition_key": None, "conf": {"mois": "2025-05"}})
    alertes.announce_echec({**CONTEXTE, "dag_run": run})
    assert list_cles(airflow)[0].startswith("echec/dag:depots_caf/2025-05/")


@pytest.mark.parametrize(("run_type", "attendu"), [("manual", 1), ("scheduled", 1), ("backfill", 0)])
def test_a_deadline_s_context_is_read_and_a_backfill_is_never_late(
    airflow: Connection, run_type: str, attendu: int
) -> None:
    run = {
        "dag_id": "requete_nationale", "dag_run_id": "x", "partition_key": "2025-06", "run_type": run_type,
        "start_date": "2025-07-01T04:05:00Z", "queued_at": "2025-07-01T04:00:00Z", "conf": None,
    }  # fmt: skip
    alertes.announce_retard(
        {"dag_run": run, "deadline": {"id": "1", "deadline_time": "2025-07-01T10:00:00Z"}}
    )
    assert [cle.rpartition("/")[0] for cle in list_cles(airflow)] == [
        "retard/dag:requete_nationale/2025-06"
    ] * attendu


def test_a_notice_that_cannot_be_written_is_logged_and_raised(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", "postgresql://av_etl:secret@127.0.0.1:9/x")
    with pytest.raises(ErreurAllerVers, match="refuse la connexion"):
        alertes.announce_echec(CONTEXTE)
    assert "L'avis n'a pas pu être mis dans la boîte d'envoi : La base x sur 127.0.0.1:9" in caplog.text
    assert "secret" not in caplog.text
