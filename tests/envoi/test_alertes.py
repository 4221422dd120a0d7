"""Failures, recoveries and late months: what the national team is told, once each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from serveur_smtp import Ouvrir, ServeurSmtp
from sqlalchemy import Connection, text

from aller_vers.alertes import Incident, announce_echec, announce_retard, announce_retour
from aller_vers.envoi import send_avis
from aller_vers.erreurs import ErreurAllerVers
from aller_vers.messagerie import Messagerie, Serveur
from aller_vers_airflow import alertes

LIEN = "http://airflow.example.org/dags/depots_caf/runs/manual__1"
JUIN = Incident(
    dag="depots_caf",
    run_id="manual__1",
    mois="2025-06",
    tache="write_lot",
    depuis=datetime(2025, 7, 1, 4, 5, tzinfo=UTC),
    lien=LIEN,
)


def list_avis(entrepot: Connection) -> list[tuple[str, str, str]]:
    lignes = entrepot.execute(text("SELECT cle, objet, corps FROM suivi.avis ORDER BY cree_le, cle")).all()
    entrepot.rollback()
    return [(ligne.cle, ligne.objet, ligne.corps) for ligne in lignes]


def list_cles(entrepot: Connection) -> list[str]:
    return [cle for cle, _, _ in list_avis(entrepot)]


def test_a_failure_says_which_dag_which_task_which_month_since_when_and_where(entrepot: Connection) -> None:
    assert announce_echec(entrepot, JUIN)
    entrepot.commit()
    assert list_avis(entrepot) == [
        (
            "echec/depots_caf/2025-06/0/manual__1",
            "Proches aidants : échec de depots_caf, juin 2025",
            "L'exécution de depots_caf pour juin 2025, commencée le 01/07/2025 à 06:05, a échoué à la tâche write_lot. "
            f"Le journal de la tâche dit pourquoi et quoi faire : {LIEN}",
        )
    ]


def test_a_failure_without_task_month_or_date_is_told_all_the_same(entrepot: Connection) -> None:
    assert announce_echec(entrepot, replace(JUIN, mois="sans-mois", tache="", depuis=None))
    entrepot.commit()
    [(_, objet, corps)] = list_avis(entrepot)
    assert objet.endswith("depots_caf, mois inconnu")
    assert "commencée le une date inconnue, a échoué. Le journal" in corps


def test_a_run_s_failure_is_told_once_and_another_run_s_too(entrepot: Connection) -> None:
    assert announce_echec(entrepot, JUIN)
    assert not announce_echec(entrepot, replace(JUIN, tache="check_lots"))
    assert announce_echec(entrepot, replace(JUIN, run_id="manual__2"))


def test_a_recovery_is_told_once_after_a_failure_and_never_without_one(entrepot: Connection) -> None:
    assert not announce_retour(entrepot, JUIN)
    announce_echec(entrepot, JUIN)
    announce_echec(entrepot, replace(JUIN, run_id="manual__2"))
    for autre in ({"mois": "2025-05"}, {"mois": "2025-0"}, {"dag": "depots"}, {"dag": "marts_indicateurs"}):
        assert not announce_retour(entrepot, replace(JUIN, **autre)), autre  # type: ignore[arg-type]
    assert announce_retour(entrepot, replace(JUIN, run_id="manual__3"))
    assert not announce_retour(entrepot, replace(JUIN, run_id="manual__4"))
    entrepot.commit()
    assert list_cles(entrepot)[-1] == "retour/depots_caf/2025-06/0"
    assert "depots_caf rétabli, juin 2025" in list_avis(entrepot)[-1][1]
    assert "a réussi après un échec" in list_avis(entrepot)[-1][2]


def test_a_run_that_fails_again_after_its_recovery_is_told_again(entrepot: Connection) -> None:
    assert [announce_echec(entrepot, JUIN), announce_retour(entrepot, JUIN)] == [True, True]
    assert [announce_echec(entrepot, JUIN), announce_retour(entrepot, JUIN)] == [True, True]
    assert [announce_echec(entrepot, JUIN), announce_echec(entrepot, JUIN)] == [True, False]


def test_a_late_month_is_told_once(entrepot: Connection) -> None:
    tard = replace(JUIN, dag="requete_nationale")
    assert announce_retard(entrepot, tard, 6)
    assert not announce_retard(entrepot, replace(tard, run_id="manual__2"), 6)
    assert announce_retard(entrepot, replace(tard, mois="2025-07"), 1.5)
    entrepot.commit()
    (cle, objet, corps), (_, _, suivant) = list_avis(entrepot)
    assert "1,5 heures" in suivant
    assert (cle, objet) == ("retard/requete_nationale/2025-06", "Proches aidants : mois en retard, juin 2025")
    assert corps.startswith(
        "requete_nationale n'a pas abouti pour juin 2025, 6 heures après avoir été demandé (le 01/07/2025 à 06:05)."
    )


def test_a_failure_and_its_recovery_reach_the_team_as_one_mail(
    entrepot: Connection, ouvrir: Ouvrir, smtp: ServeurSmtp
) -> None:
    announce_echec(entrepot, JUIN)
    announce_retour(entrepot, JUIN)
    entrepot.commit()
    maintenant = datetime.now(UTC)
    with Messagerie(Serveur("127.0.0.1", smtp.port, "a@cnaf.example.org", "aucun"), maintenant) as messagerie:
        send_avis(ouvrir, {"courriel": messagerie}, {"equipe_nationale": ("e@cnaf.example.org",)}, maintenant)
    [recu] = smtp.recus
    contenu = recu.message.get_content()
    assert recu.message["Subject"] == "Proches aidants : échec de depots_caf, juin 2025 (et 1 autre(s))"
    assert LIEN in contenu
    assert contenu.index("a échoué à la tâche write_lot") < contenu.index("a réussi après un échec")


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
    assert cle == "echec/depots_caf/2025-06/0/manual__2025-07-01T06:00:00+00:00"
    assert retour == "retour/depots_caf/2025-06/0"
    assert "à la tâche write_lot" in corps
    assert corps.endswith(
        "http://airflow.example.org/dags/depots_caf/runs/manual__2025-07-01T06%3A00%3A00%2B00%3A00"
    )


def test_the_least_that_airflow_gives_is_enough(airflow: Connection) -> None:
    alertes.announce_echec({cle: CONTEXTE[cle] for cle in ("dag", "run_id", "reason")})
    assert list_cles(airflow) == [f"echec/depots_caf/sans-mois/0/{CONTEXTE['run_id']}"]


def test_the_month_is_the_parameter_s_when_there_is_no_key(airflow: Connection) -> None:
    run = SimpleNamespace(**{**vars(CONTEXTE["dag_run"]), "partition_key": None, "conf": {"mois": "2025-05"}})
    alertes.announce_echec({**CONTEXTE, "dag_run": run})
    assert list_cles(airflow)[0].startswith("echec/depots_caf/2025-05/")


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
    assert list_cles(airflow) == ["retard/requete_nationale/2025-06"] * attendu


def test_a_notice_that_cannot_be_written_is_logged_and_raised(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", "postgresql://av_etl:secret@127.0.0.1:9/x")
    with pytest.raises(ErreurAllerVers, match="refuse la connexion"):
        alertes.announce_echec(CONTEXTE)
    assert "L'avis n'a pas pu être mis dans la boîte d'envoi : La base x sur 127.0.0.1:9" in caplog.text
    assert "secret" not in caplog.text
