"""The lineage of a month: what is told of a step, what never leaves, and that nobody waits for who listens."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from airflow.providers.openlineage.extractors.base import OperatorLineage
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from airflow.providers.openlineage.plugins.facets import AirflowRunFacet
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import (
    documentation_job,
    error_message_run,
    parent_run,
    schema_dataset,
    source_code_location_job,
    symlinks_dataset,
)
from pydantic import ValidationError
from sqlalchemy import Connection, text

from aller_vers.qualite.verdicts import Jugement, Manquement, save_jugement
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.evenements import record_evenement
from aller_vers_airflow.lignage import ESPACE, configure, extraction
from aller_vers_airflow.lignage.extraction import ExtracteurEtape
from aller_vers_airflow.lignage.sortie import ConfigSortie, Sortie, keep_known

PROJET = Path(__file__).parents[2]
JUIN = Mois(2025, 6)
RUN = "manual__juin"
CANARIS = ("serin.huppe", "0199007777", "/srv/secret", "sesame-ouvre-toi", "depots.example.org")
FUITE = " ".join(CANARIS)


def build_event(nom: str = "requete_nationale.extract_demandeurs") -> RunEvent:
    """Return an event with something of a person, of a machine and a secret wherever the provider may put it."""
    fuite: dict[str, Any] = {
        "errorMessage": error_message_run.ErrorMessageRunFacet(FUITE, "python", FUITE),
        "airflow": AirflowRunFacet(
            {"fileloc": FUITE}, {"conf": FUITE}, {"doc_md": FUITE}, {"log_url": FUITE}, ""
        ),
    }
    dataset: dict[str, Any] = {
        "schema": schema_dataset.SchemaDatasetFacet([schema_dataset.SchemaDatasetFacetFields(FUITE)]),
        "symlinks": symlinks_dataset.SymlinksDatasetFacet([symlinks_dataset.Identifier(FUITE, FUITE, FUITE)]),
    }
    parent = parent_run.ParentRunFacet(
        parent_run.Run(str(uuid4())), parent_run.Job(ESPACE, "requete_nationale")
    )
    parent.root = parent_run.Root(parent_run.RootRun(str(uuid4())), parent_run.RootJob(ESPACE, FUITE))
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime="2025-07-01T06:00:00+00:00",
        run=Run(str(uuid4()), {**fuite, "parent": parent}),
        job=Job(ESPACE, nom, {
            "documentation": documentation_job.DocumentationJobFacet(FUITE),
            "sourceCodeLocation": source_code_location_job.SourceCodeLocationJobFacet("git", "file:///srv/secret"),
        }),
        inputs=[InputDataset(ESPACE, "staging.demandeur_2025_06", facets=dict(dataset), inputFacets=dict(dataset)),
                InputDataset("file", "/srv/secret/serin.huppe")],
        outputs=[OutputDataset(ESPACE, "core.demandeur_2025_06", facets=dict(dataset), outputFacets=dict(dataset)),
                 OutputDataset("postgres://depots.example.org", FUITE)],
        producer="https://example.org/producteur",
    )  # fmt: skip


def test_nothing_of_a_person_a_machine_or_a_secret_leaves(tmp_path: Path) -> None:
    fichier = tmp_path / "lignage.jsonl"
    sortie = Sortie(ConfigSortie(str(fichier)))
    evenement = build_event()
    assert all(canari in str(evenement) for canari in CANARIS)
    for _ in range(2):
        sortie.emit(evenement)
    lignes = fichier.read_text(encoding="utf-8").splitlines()
    assert len(lignes) == 2
    assert [canari for canari in CANARIS if canari in lignes[0]] == []
    lu = json.loads(lignes[0])
    assert [d["name"] for d in (*lu["inputs"], *lu["outputs"])] == [
        "staging.demandeur_2025_06", "core.demandeur_2025_06",
    ]  # fmt: skip
    assert lu["run"]["facets"]["parent"]["job"]["name"] == "requete_nationale"


def test_a_parent_that_somebody_wrote_in_a_conf_does_not_leave() -> None:
    evenement = build_event("purge.purge_personnes")
    assert keep_known(evenement).run.facets == {}


@pytest.fixture
def recus() -> Iterator[tuple[str, list[bytes]]]:
    """Give the address of a backend that keeps what it is sent."""
    corps: list[bytes] = []

    class Recoit(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            corps.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    serveur = HTTPServer(("127.0.0.1", 0), Recoit)
    threading.Thread(target=serveur.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{serveur.server_port}/api/v1/lineage", corps
    serveur.shutdown()
    serveur.server_close()


def test_an_address_receives_the_same_event_as_a_file(
    recus: tuple[str, list[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    adresse, corps = recus
    evenement = build_event()
    for destination in (adresse, str(tmp_path / "lignage.jsonl")):
        Sortie(ConfigSortie(destination)).emit(evenement)
    limite = time.monotonic() + 30
    while not corps and time.monotonic() < limite:
        time.sleep(0.05)
    assert corps == [(tmp_path / "lignage.jsonl").read_bytes().rstrip(b"\n")]


def test_a_backend_that_is_silent_or_gone_and_a_file_that_cannot_be_written_hold_nothing(
    tmp_path: Path,
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as muet:
        adresses = [
            f"http://127.0.0.1:{muet.getsockname()[1]}",
            "http://127.0.0.1:1",
            str(tmp_path / "non" / "la"),
        ]
        for adresse in adresses:
            adaptateur = OpenLineageAdapter(client=OpenLineageClient(transport=Sortie(ConfigSortie(adresse))))
            debut = time.monotonic()
            adaptateur.emit(build_event())
            assert time.monotonic() - debut < 5, "the sender itself waits ten seconds"


class EssaiDeTache(SimpleNamespace):
    """A task instance as the provider gives it: names, what the step returned, the run's month."""

    def xcom_pull(self, task_ids: str, map_indexes: int | None) -> Any:
        assert (task_ids, map_indexes) == (self.task_id, None)
        return self.rendu

    def get_template_context(self) -> dict[str, Any]:
        return {"params": {"mois": None}, "dag_run": SimpleNamespace(partition_key=self.mois)}


@pytest.fixture
def tell(entrepot: Connection, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give what is told of a step that returned this."""
    monkeypatch.setattr(extraction, "open_base", lambda _: nullcontext(entrepot))

    def tell_of(etape: str, rendu: Any, mois: str | None = str(JUIN)) -> OperatorLineage[Any, Any]:
        dag, tache = etape.split(".")
        essai = EssaiDeTache(dag_id=dag, task_id=tache, map_index=-1, run_id=RUN, rendu=rendu, mois=mois)
        return ExtracteurEtape(SimpleNamespace()).extract_on_complete(essai)

    return tell_of


def test_a_step_tells_its_tables_and_what_it_counted(tell: Any) -> None:
    dit = tell("requete_nationale.publish_core", {"demandeurs": 12, "transmissibles": 9})
    assert [d.name for d in dit.inputs] == ["staging.demandeur_2025_06", "dq.profil_requete"]
    comptes = {d.name: d.outputFacets["outputStatistics"].rowCount for d in dit.outputs if d.outputFacets}
    assert comptes == {"core.demandeur_2025_06": 9}
    assert {d.namespace for d in (*dit.inputs, *dit.outputs)} == {ESPACE}
    assert tell("requete_nationale.measure_requete", {"a": 2, "b": 3}).outputs[0].outputFacets[
        "outputStatistics"
    ].rowCount == 5  # fmt: skip
    assert tell("retours_cpam.announce_retours", ["2025-06"]) == OperatorLineage()


def test_each_lot_that_was_dropped_is_told_and_a_held_one_is_not(tell: Any) -> None:
    lots = [
        {"code_caf": "831", "etat": "depose", "version": 2, "lignes": 40},
        {"code_caf": "301", "etat": "retenu", "version": 0, "lignes": 7},
    ]
    (lot,) = tell("depots_caf.write_lot", lots).outputs
    assert (lot.name, lot.facets["version"].datasetVersion) == ("lots/831/2025-06", "2")
    assert lot.outputFacets["outputStatistics"].rowCount == 40


@pytest.mark.parametrize(
    ("nation", "attendu"),
    [("conforme", (True, "info", "1")), ("avertissement", (False, "warn", "1")), ("retenu", (False, "error", "2"))],
)  # fmt: skip
def test_a_gate_s_verdicts_are_assertions_on_what_it_judged(
    entrepot: Connection, tell: Any, nation: Any, attendu: tuple[bool, str, str]
) -> None:
    manquements = (
        Manquement("831", "courriel_invalide", "warning", 3),
        Manquement("301", "courriel_invalide", "critical", 9),
    )
    jugement = Jugement(nation, {"831": "avertissement", "301": "retenu"}, manquements)
    save_jugement(entrepot, JUIN, "requete", RUN, jugement)
    # A step that failed returned nothing: its verdicts are told all the same.
    dit = tell("requete_nationale.judge_requete", None)
    assert dit.outputs == []
    (juge,) = dit.inputs
    dites = {
        a.assertion: (a.success, a.severity, a.actual)
        for a in juge.inputFacets["dataQualityAssertions"].assertions
    }
    assert dites == {"ensemble": attendu, "courriel_invalide": (False, "error", "2")}


def test_each_lot_has_its_own_verdict(entrepot: Connection, tell: Any) -> None:
    manquements = (Manquement("301", "fichier_illisible", "critical", 1),)
    save_jugement(
        entrepot, JUIN, "depots", RUN, Jugement("conforme", {"831": "conforme", "301": "retenu"}, manquements)
    )
    lots = {
        d.name: {a.assertion: a.success for a in d.inputFacets["dataQualityAssertions"].assertions}
        for d in tell("depots_caf.check_lots", {}).inputs
    }
    assert lots == {
        "lots/301/2025-06": {"ensemble": False, "fichier_illisible": False}, "lots/831/2025-06": {"ensemble": True},
    }  # fmt: skip


def test_a_judged_return_comes_from_the_lot_that_it_answers(entrepot: Connection, tell: Any) -> None:
    for forme, depot, caf in (
        ("mensuel", "831", "831"),
        ("mensuel", "cpam/401", "401"),
        ("semestriel", "301", None),
    ):
        ligne = {"run": RUN, "forme": forme, "depot": depot, "caf": caf, "cpam": depot[-3:]}
        entrepot.execute(
            text(
                "INSERT INTO staging.retour (cle, forme, periode, mois, depot, code_cpam, code_caf, contenu, recu_le) "
                "VALUES (:depot, :forme, '2025-06', '2025-06', :depot, :cpam, :caf, '{}', now())"
            ),
            ligne,
        )
        entrepot.execute(
            text(
                "INSERT INTO dq.profil_retours (mois, run_id, forme, depot, code_caf, code_cpam, dernier_id, lignes, comptes) "
                "VALUES ('2025-06', :run, :forme, :depot, coalesce(:caf, ''), :cpam, 99, 1, '{}')"
            ),
            ligne,
        )
    dit = tell("retours_cpam.judge_retours", {}, mois=None)
    assert [d.name for d in dit.inputs] == ["lots/401/2025-06", "lots/831/2025-06", "staging.retour"]
    assert [d.name for d in dit.outputs] == ["dq.profil_retours"]


def test_what_a_purge_certified_is_dropped(entrepot: Connection, tell: Any) -> None:
    for code_caf, preuve in (
        ("831", {"execution": RUN}), (NATION, {"execution": "avant", "achevee_par": RUN}), ("301", {"execution": "autre"}),
    ):  # fmt: skip
        record_evenement(
            entrepot, mois=JUIN, code_caf=code_caf, version=1, etat="expire", acteur="purge", preuve=preuve
        )
    dits = tell("purge.purge_personnes", {"lots": 1}, mois=None).outputs
    assert [d.name for d in dits] == [
        "lots/831/2025-06", "staging.demandeur_brut_2025_06", "staging.demandeur_2025_06", "core.demandeur_2025_06",
    ]  # fmt: skip
    assert {d.facets["lifecycleStateChange"].lifecycleStateChange.value for d in dits} == {"DROP"}


def test_off_nothing_of_it_is_imported_whatever_airflow_was_told_elsewhere() -> None:
    environnement = dict(
        os.environ, AIRFLOW__OPENLINEAGE__TRANSPORT='{"type": "console"}', OPENLINEAGE_URL="http://a"
    )
    configure(environnement, "")
    programme = (
        "import sys; from airflow.providers.openlineage.plugins.openlineage import OpenLineageProviderPlugin as P; "
        "assert P.listeners == []; assert 'openlineage.client' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", programme], env=environnement, check=True)


def test_on_it_leaves_by_our_own_door_whatever_airflow_was_told_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environnement = {
        "AIRFLOW__OPENLINEAGE__CONFIG_PATH": "/etc/autre.yml",
        "AIRFLOW__OPENLINEAGE__CONFIG_CONN_ID": "autre",
    }
    configure(environnement, "https://lignage.example.org/api/v1/lineage")
    for nom, valeur in environnement.items():
        monkeypatch.setenv(nom, valeur)
    porte = OpenLineageAdapter().get_or_create_openlineage_client().transport
    assert isinstance(porte, Sortie)
    assert porte.destination == "https://lignage.example.org/api/v1/lineage"


@pytest.mark.parametrize("valeur", ["lignage.jsonl", "ftp://example.org", "https://moi@example.org"])
def test_a_destination_that_is_neither_an_address_nor_a_file_is_refused(valeur: str) -> None:
    with pytest.raises(ValidationError):
        Reglages(lignage=valeur)
