"""The steps of suivi_transmissions and retours_cpam, on Airflow's connections: from two files to measures and a word."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from registre import ACCUSE, Registre
from serveurs import mark_racine

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow import contexte
from aller_vers_airflow.actifs import RETOURS
from aller_vers_airflow.etapes import fichiers_recus, retours_cpam, suivi_transmissions


@pytest.fixture
def annonces(monkeypatch: pytest.MonkeyPatch, registre: Registre) -> Iterator[list[str]]:
    """Make this process a task of a run; give what it tells of the months."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", registre.dsn["av_etl"])
    monkeypatch.setenv("AIRFLOW_CONN_AV_QUALITE", registre.dsn["av_qualite"])
    mark_racine(registre.racine)
    monkeypatch.setenv(
        "AIRFLOW_CONN_AV_PARTAGE",
        json.dumps({"conn_type": "generic", "extra": {"url": f"file://{registre.racine}"}}),
    )
    dites: list[str] = []
    evenement = SimpleNamespace(add_partitions=dites.append)

    def read_contexte() -> dict[str, object]:
        run = SimpleNamespace(dag_id="retours_cpam", run_id=tour["run_id"])
        return {"dag_run": run, "outlet_events": {RETOURS: evenement}}

    for module in (retours_cpam, contexte):
        monkeypatch.setattr(module, "get_current_context", read_contexte)
    tour["run_id"] = "r1"
    load_reglages.cache_clear()
    yield dites
    load_reglages.cache_clear()


tour: dict[str, str] = {}


def put(registre: Registre, nom: str, contenu: str) -> None:
    fichier = registre.put(nom, contenu)
    il_y_a_une_heure = time.time() - 3_600
    os.utime(fichier, (il_y_a_une_heure, il_y_a_une_heure))


def test_from_two_files_to_measures_and_the_months_that_changed(
    registre: Registre, annonces: list[str]
) -> None:
    jour = datetime.now(PARIS).date()
    mois = str(Mois.of(jour).shift(-1))
    registre.drop(mois=mois, le=jour - timedelta(days=4))
    envoi = f"{jour - timedelta(days=2):%d/%m/%Y}"
    put(registre, "accuse.csv", f"{ACCUSE}831;{mois};1;831;40;peps;{envoi};\n")
    put(registre, "retour.csv", f"code_cpam;code_caf;mois;cibles;rdv_honores\n831;831;{mois};38;4\n")
    put(registre, "casse.csv", "n'importe quoi\n")
    lus = suivi_transmissions.read_accuses.function()
    assert lus == {"pris": 1, "refuses": 1, "detruits": 0, "ecartes": 0, "bloques": ()}
    fichiers_recus.check_fichiers.function(json.loads(json.dumps(lus)))
    assert retours_cpam.write_modeles.function()["modeles"] >= 2
    assert retours_cpam.read_retours.function() == {
        "pris": 1,
        "refuses": 0,
        "detruits": 0,
        "ecartes": 0,
        "bloques": (),
    }
    assert retours_cpam.judge_retours.function() == {"conforme": 1}
    assert retours_cpam.publish_retours.function() == {"juges": 1, "inscrits": 0, "avis": 0, "mois": 1}
    assert retours_cpam.announce_retours.function() == [mois]
    assert annonces == [mois]
    assert registre.mesures("retour_mensuel", mois) == {
        ("831", "831", "cibles"): 38,
        ("831", "831", "rdv_honores"): 4,
    }
    assert retours_cpam.publish_retours.function() == {"juges": 0, "inscrits": 0, "avis": 0, "mois": 1}
    assert retours_cpam.announce_retours.function() == [mois], "a task that is run again says the same"
    tour["run_id"] = "r2"
    assert (retours_cpam.judge_retours.function(), retours_cpam.publish_retours.function()["mois"]) == ({}, 0)
    with pytest.raises(AirflowSkipException, match="Aucun mois n'a changé"):
        retours_cpam.announce_retours.function()
    put(registre, "retour.csv", f"code_cpam;code_caf;mois;cibles;rdv_honores\n831;831;{mois};41;4\n")
    tour["run_id"] = "r3"
    assert retours_cpam.read_retours.function()["pris"] == 1
    assert retours_cpam.judge_retours.function() == {"retenu": 1}
    [(corps,)] = registre.run("SELECT corps FROM suivi.avis WHERE cle LIKE 'porte/retours/%'")
    assert "831 · Var, Cpam du Var (831), retour mensuel" in corps
    assert corps.endswith("/dags/retours_cpam/runs/r3")


def test_a_stuck_file_fails_the_run_at_its_end_by_the_caf_alone(annonces: list[str]) -> None:
    with pytest.raises(AirflowFailException, match=r"\(Caf 061, 831\)"):
        fichiers_recus.check_fichiers.function(
            {"pris": 3, "refuses": 0, "detruits": 0, "ecartes": 0, "bloques": ["061", "831"]}
        )


def test_reminders_leave_and_the_simulated_portal_says_that_nothing_did(
    registre: Registre, annonces: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AV_PORTAIL", "simule")
    load_reglages.cache_clear()
    registre.drop(le=date(2025, 7, 1))
    with caplog.at_level("INFO", logger=suivi_transmissions.__name__):
        comptes: dict[str, Any] = suivi_transmissions.remind_caf.function()
    assert {nom for nom, nombre in comptes.items() if nombre} == {"caf", "equipe"}
    assert "Portail simulé : 1 envois notés, aucun n'est parti." in caplog.text
    assert registre.events() == []
