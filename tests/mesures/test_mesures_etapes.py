"""The steps of mesures_services and mesures_declarees, on Airflow's connections, as av_etl."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from mesures_exemples import JUIN, PARIS, Source
from serveurs import mark_racine
from sqlalchemy import Connection, Engine, text

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow import contexte
from aller_vers_airflow.actifs import MESURES
from aller_vers_airflow.contexte import Execution
from aller_vers_airflow.etapes import fichiers_recus, mesures_declarees, mesures_services

TITRES = "code_cpam;code_caf;periode;mesure;modalite;valeur\r\n"


class Tour(SimpleNamespace):
    """A run: its identity, the months that it tells, its share."""

    run_id: str
    annonces: set[str]
    depot: Path


@pytest.fixture
def tour(
    monkeypatch: pytest.MonkeyPatch, moteur_source: Engine, dsn_role: Callable[[str], str], tmp_path: Path
) -> Iterator[Tour]:
    """Make this process a task of a run for June 2025."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.setenv("AIRFLOW_CONN_AV_SOURCE", moteur_source.url.render_as_string(hide_password=False))
    mark_racine(tmp_path)
    partage = {"conn_type": "generic", "extra": {"url": tmp_path.as_uri()}}
    monkeypatch.setenv("AIRFLOW_CONN_AV_PARTAGE", json.dumps(partage))
    ce_tour = Tour(run_id="r1", annonces=set(), depot=tmp_path / "mesures" / "retours")

    def add_partitions(mois: str | list[str]) -> None:
        ce_tour.annonces.update([mois] if isinstance(mois, str) else mois)

    def give_context() -> dict[str, Any]:
        evenement = SimpleNamespace(add_partitions=add_partitions)
        return {
            "dag_run": SimpleNamespace(run_id=ce_tour.run_id), "outlet_events": {MESURES: evenement}
        }  # fmt: skip

    for module in (contexte, mesures_declarees, mesures_services):
        monkeypatch.setattr(module, "get_current_context", give_context)
    monkeypatch.setattr(
        mesures_services, "read_execution", lambda: Execution(JUIN, ce_tour.run_id, True, False)
    )
    load_reglages.cache_clear()
    yield ce_tour
    load_reglages.cache_clear()


def put(tour: Tour, nom: str, *lignes: str) -> None:
    tour.depot.mkdir(parents=True, exist_ok=True)
    fichier = tour.depot / nom
    fichier.write_bytes((TITRES + "\r\n".join(lignes)).encode("utf-8-sig"))
    il_y_a_une_heure = time.time() - 3_600
    os.utime(fichier, (il_y_a_une_heure, il_y_a_une_heure))


def test_the_month_and_those_still_followed_are_measured_and_told(
    tour: Tour, source: Source, entrepot: Connection
) -> None:
    source.separation(source.personne(), "2025-02-10")
    source.demande(source.personne(), "2025-02-10")
    source.separation(source.personne(), "2025-06-10")
    source.separation(source.personne(), "2025-06-11", caf="999")
    source.demande(source.personne(PARIS), "2025-06-10")
    source.connexion.commit()
    bilans = mesures_services.measure_services.function()
    assert {mois for mois, bilan in bilans.items() if bilan["lignes"]} == {"2025-02", "2025-06"}
    assert {mois: b["hors_reference"] for mois, b in bilans.items() if b["hors_reference"]} == {"2025-06": 2}
    assert tour.annonces == {"2025-02", "2025-03", "2025-04", "2025-05", "2025-06"}
    lues = entrepot.execute(
        text(
            "SELECT mois, mesure, sum(valeur)::integer FROM marts.mesure GROUP BY mois, mesure ORDER BY 1, 2"
        )
    )
    sommes = {(mois, mesure): somme for mois, mesure, somme in lues}
    assert sommes["2025-02", "separations"] == sommes["2025-06", "separations"] == 1
    assert ("2025-02", "profil_demandeurs") not in sommes, "what does not move any more is left as it was"
    assert sommes["2025-02", "cohorte_demandes"] == 1
    assert entrepot.scalar(text("SELECT count(*) FROM suivi.avis WHERE objet LIKE '%Caf inconnues%'")) == 1


def test_the_files_of_the_folder_are_taken_told_and_corrected(tour: Tour, entrepot: Connection) -> None:
    assert mesures_declarees.write_modeles.function() == {"modeles": 5}
    with pytest.raises(AirflowSkipException, match="Aucun mois n'a changé"):
        mesures_declarees.announce_mesures.function()
    put(tour, "population.csv", ";831;2025;population_eligible;ajpa;1200")
    put(tour, "faux.csv", ";831;2025;population_eligible;ajpa;beaucoup")
    bilan = mesures_declarees.collect_mesures.function()
    assert bilan == {"pris": 1, "refuses": 1, "detruits": 0, "ecartes": 0, "bloques": ()}
    assert mesures_declarees.announce_mesures.function() == ["2025-12"]
    assert tour.annonces == {"2025-12"}
    fichiers_recus.check_fichiers.function(json.loads(json.dumps(bilan)))
    tour.run_id = "r2"
    put(tour, "population.csv", ";831;2025;population_eligible;ajpa;1100")
    mesures_declarees.collect_mesures.function()
    assert mesures_declarees.announce_mesures.function() == ["2025-12"]
    assert (
        entrepot.scalar(text("SELECT valeur FROM marts.mesure WHERE mesure = 'population_eligible'")) == 1100
    )


def test_a_stuck_file_fails_the_run_at_its_end(tour: Tour) -> None:
    with pytest.raises(AirflowFailException, match="ni pris ni refusés"):
        fichiers_recus.check_fichiers.function(
            {"pris": 1, "refuses": 0, "detruits": 0, "bloques": ["mesures"]}
        )
