"""In what order the steps of a month are asked of Airflow, here a model of its API that moves when it is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from aller_vers.poste import mois_complet
from aller_vers.poste.installation import Poste
from aller_vers.poste.mois_complet import ANNONCE, CHAINE, PARCOURS, run_mois
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

MOIS = Mois(2025, 6)
REQUETE, DEPOTS, MARTS, RAPPORTS = CHAINE
REGISTRES = "write_registres"


class ModeleAirflow:
    """Each run goes through its states, one a reading; what a run calls is there once it begins.

    ``depots``: what the run of the lots says, reading after reading: its state, and that of its tasks.
    """

    def __init__(self, depots: list[tuple[str, dict[str, str]]]) -> None:
        self.gestes: list[str] = []
        self._etats: dict[str, list[tuple[str, dict[str, str]]]] = {DEPOTS: depots}
        self._runs: dict[str, dict[str, Any]] = {}

    def answer(self, demande: httpx.Request) -> httpx.Response:
        dag, _, reste = demande.url.path.removeprefix("/dags/").partition("/dagRuns")
        if demande.method == "PATCH":
            self.gestes.append("pause" if json.loads(demande.content)["is_paused"] else "reprend")
            return httpx.Response(200)
        if demande.method == "POST":
            return httpx.Response(200, json=self._begin(dag))
        if not reste:
            # None is left: this month brings no other up to date.
            en_cours = "state" in demande.url.params
            runs = [] if en_cours or dag not in self._runs else [self._runs[dag]]
            return httpx.Response(200, json={"dag_runs": runs})
        if "/logs/" in reste:
            return httpx.Response(404)
        if reste.endswith("/taskInstances"):
            taches = [
                {"task_id": t, "state": e, "end_date": None, "map_index": -1, "try_number": 1}
                for t, e in self._etats[dag][0][1].items()
            ]
            return httpx.Response(200, json={"task_instances": taches, "total_entries": len(taches)})
        if len(self._etats[dag]) > 1:
            self._etats[dag].pop(0)
        etat = self._etats[dag][0][0]
        self.gestes.append(f"{dag} {etat}")
        jours = {"start_date": "2025-07-01T06:00:00Z", "end_date": "2025-07-01T06:00:05Z"}
        return httpx.Response(200, json={**self._runs[dag], "state": etat, **jours})

    def _begin(self, dag: str) -> dict[str, Any]:
        self.gestes.append(f"demande {dag}")
        self._runs[dag] = {"dag_id": dag, "dag_run_id": f"{dag}-1", "partition_key": str(MOIS)}
        self._etats.setdefault(dag, [("success", {})])
        if dag in (REQUETE, MARTS):  # each calls the next one
            suivant = CHAINE[CHAINE.index(dag) + 1]
            self._runs[suivant] = self._runs[dag] | {"dag_id": suivant, "dag_run_id": f"{suivant}-1"}
            self._etats.setdefault(suivant, [("success", {})])
        return self._runs[dag]


def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, modele: ModeleAirflow) -> dict[str, float]:
    monkeypatch.setattr(mois_complet.time, "sleep", lambda _: None)
    poste = Poste(tmp_path, tmp_path, 8080, 54329, {})
    with httpx.Client(base_url="http://airflow.test", transport=httpx.MockTransport(modele.answer)) as api:
        return run_mois(poste, api, MOIS, {}, lambda _: None).secondes


def test_figures_are_asked_for_once_the_lots_are_announced_and_the_rest_of_their_run_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modele = ModeleAirflow([
        ("queued", {}),
        ("running", {ANNONCE: "running", REGISTRES: "running"}),
        ("running", {ANNONCE: "success", REGISTRES: "running"}),
        ("running", {ANNONCE: "success", REGISTRES: "running"}),
        ("success", {ANNONCE: "success", REGISTRES: "success"}),
    ])  # fmt: skip
    secondes = live(tmp_path, monkeypatch, modele)
    assert modele.gestes == [
        "pause", f"demande {PARCOURS}", f"demande {REQUETE}", f"{REQUETE} success",
        f"{DEPOTS} running", f"{DEPOTS} running", f"{PARCOURS} success", "reprend", f"demande {MARTS}",
        f"{DEPOTS} running", f"{DEPOTS} success", f"{MARTS} success", f"{RAPPORTS} success",
    ]  # fmt: skip
    assert secondes == dict.fromkeys((REQUETE, PARCOURS, DEPOTS, MARTS, RAPPORTS), 5.0)


@pytest.mark.parametrize(("tache", "figures"), [("write_lot", False), (REGISTRES, True)])
def test_a_failure_is_told_and_keeps_figures_away_only_before_the_announcement(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tache: str, figures: bool
) -> None:
    etats = {ANNONCE: "success" if figures else "upstream_failed", tache: "running"}
    modele = ModeleAirflow([("queued", {}), ("running", etats), ("failed", etats | {tache: "failed"})])
    with pytest.raises(ErreurAllerVers, match=f"La tâche {tache} du DAG {DEPOTS} a échoué"):
        live(tmp_path, monkeypatch, modele)
    assert (f"demande {MARTS}" in modele.gestes) == figures
    assert modele.gestes.count("reprend") == 1
