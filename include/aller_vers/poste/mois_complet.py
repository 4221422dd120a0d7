"""One month through the real scheduler: asked for, followed step by step, to the last DAG of the chain."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from aller_vers.poste.installation import Poste
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois

PARCOURS = "mesures_services"
CHAINE = ("requete_nationale", "depots_caf", "marts_indicateurs", "rapports")
# Once this task of the lots has succeeded, figures begin: what else their run writes is followed afterwards.
ANNONCE = "announce_depots"
# Started by the chain, never followed: what waits for a person.
DEMANDES = ("decisions_lots",)
DAGS = (PARCOURS, *CHAINE, *DEMANDES)
_LISIBLES = {"ErreurAllerVers", "AirflowFailException", "ManifesteIllisibleError"}
_FINIS = {"success", "failed"}
_DELAI_SUITE = 120
_DELAI_MOIS = 3600


@dataclass(frozen=True)
class Avancement:
    """Where the month stands: the DAG, its task (none before the first), how many of its instances are done."""

    dag: str
    tache: str
    faites: int
    total: int


@dataclass
class Deroulement:
    """What ran: seconds by DAG."""

    secondes: dict[str, float] = field(default_factory=dict)


def unpause(api: httpx.Client, dags: tuple[str, ...] = DAGS) -> None:
    """Let these DAGs advance, by default those of the month and those that they ask; no other one."""
    for dag in dags:
        _set_paused(api, dag, paused=False)


def run_mois(
    poste: Poste,
    api: httpx.Client,
    mois: Mois,
    conf: dict[str, Any],
    on_progress: Callable[[Avancement], None],
) -> Deroulement:
    """Ask for a month and follow it to its end: the request and its lots, the paths' measures meanwhile, the figures.

    As in production, figures begin once the lots are announced; registers and templates are written meanwhile.

    Args:
        poste: the laptop, for the place of the logs.
        api: client of Airflow's API.
        mois: the partition.
        conf: parameters of ``requete_nationale``; a dry run is the request alone.
        on_progress: called about twice a second.

    Raises:
        ErreurAllerVers: a task failed (it and its log are named), or nothing moves any more.
    """
    deroulement = Deroulement()

    def follow(run: dict[str, Any], jusqu_a: str | None = None) -> None:
        lu = _follow(api, run, on_progress, jusqu_a)
        if lu["state"] == "failed":
            raise _explain(poste, api, lu)
        if jusqu_a is None:
            debut, fin = (datetime.fromisoformat(lu[cle]) for cle in ("start_date", "end_date"))
            duree = deroulement.secondes.get(run["dag_id"], 0) + (fin - debut).total_seconds()
            deroulement.secondes[run["dag_id"]] = duree

    if conf.get("a_blanc"):
        follow(_ask(poste, api, CHAINE[0], mois, conf))
        return deroulement
    requete, depots, marts, rapports = CHAINE
    anciens = {dag: {run["dag_run_id"] for run in _list_runs(api, dag, mois)} for dag in CHAINE}
    with _paused(api, marts):  # the paths' measures would wake it for the months still followed, one by one
        parcours = _ask(poste, api, PARCOURS, mois, {})
        follow(_ask(poste, api, requete, mois, conf))
        lots = _wait_run(api, depots, mois, anciens[depots])
        follow(lots, jusqu_a=ANNONCE)
        follow(parcours)
    figures = _ask(poste, api, marts, mois, {})
    follow(lots)
    follow(figures)
    follow(_wait_run(api, rapports, mois, anciens[rapports]))
    for run in _list_actifs(api, rapports):  # months whose running totals hold this one
        follow(run)
    return deroulement


def run_dag(poste: Poste, api: httpx.Client, dag: str) -> None:
    """Ask for a DAG that has no month, and follow it to its end.

    Raises:
        ErreurAllerVers: a task failed; it and its log are named.
    """
    reponse = api.post(f"/dags/{dag}/dagRuns", json={"logical_date": None}).raise_for_status()
    fini = _follow(api, reponse.json(), lambda _: None, None)
    if fini["state"] != "success":
        raise _explain(poste, api, fini)


@contextmanager
def _paused(api: httpx.Client, dag: str) -> Iterator[None]:
    """Pause a DAG: what happens meanwhile does not start it, then or later."""
    _set_paused(api, dag, paused=True)
    try:
        yield
    finally:
        _set_paused(api, dag, paused=False)


def _set_paused(api: httpx.Client, dag: str, *, paused: bool) -> None:
    api.patch(f"/dags/{dag}", json={"is_paused": paused}).raise_for_status()


def _ask(poste: Poste, api: httpx.Client, dag: str, mois: Mois, conf: dict[str, Any]) -> dict[str, Any]:
    demande = {
        "dag_run_id": f"{mois}__{datetime.now(UTC):%Y%m%dT%H%M%S%f}",
        "logical_date": None,
        "partition_key": str(mois),
        "conf": conf,
    }
    reponse = api.post(f"/dags/{dag}/dagRuns", json=demande)
    if reponse.is_error:
        raise ErreurAllerVers(
            f"Airflow refuse le mois {mois} : {reponse.json().get('detail', reponse.text)}.",
            f"lire {poste.journaux}.",
        )
    run: dict[str, Any] = reponse.json()
    return run


def _list_runs(api: httpx.Client, dag: str, mois: Mois) -> list[dict[str, Any]]:
    reponse = api.get(f"/dags/{dag}/dagRuns", params={"order_by": "-run_after", "limit": 50})
    reponse.raise_for_status()
    runs: list[dict[str, Any]] = reponse.json()["dag_runs"]
    return [run for run in runs if run.get("partition_key") == str(mois)]


def _list_actifs(api: httpx.Client, dag: str) -> list[dict[str, Any]]:
    reponse = api.get(f"/dags/{dag}/dagRuns", params={"state": ["queued", "running"], "limit": 100})
    runs: list[dict[str, Any]] = reponse.raise_for_status().json()["dag_runs"]
    return runs


def _wait_run(api: httpx.Client, dag: str, mois: Mois, anciens: set[str]) -> dict[str, Any]:
    limite = time.monotonic() + _DELAI_SUITE
    while time.monotonic() < limite:
        for run in _list_runs(api, dag, mois):
            if run["dag_run_id"] not in anciens:
                return run
        time.sleep(0.5)
    raise ErreurAllerVers(
        f"Le DAG {dag} n'a pas démarré pour {mois} dans les {_DELAI_SUITE} secondes.",
        "lire le journal airflow-scheduler.log : l'événement de partition n'y est pas passé.",
    )


def _follow(
    api: httpx.Client, run: dict[str, Any], on_progress: Callable[[Avancement], None], jusqu_a: str | None
) -> dict[str, Any]:
    """Wait until a run has ended, or one of its tasks has succeeded; return the run as it is then."""
    chemin = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}"
    limite = time.monotonic() + _DELAI_MOIS
    while time.monotonic() < limite:
        lu: dict[str, Any] = api.get(chemin).raise_for_status().json()
        if lu["state"] in _FINIS:
            return lu
        taches = _list_taches(api, chemin)
        if any(t["task_id"] == jusqu_a and t["state"] == "success" for t in taches):
            return lu
        on_progress(read_avancement(run["dag_id"], taches))
        time.sleep(0.5)
    raise ErreurAllerVers(f"Le DAG {run['dag_id']} dure plus d'une heure.", "lire ses tâches dans Airflow.")


def _list_taches(api: httpx.Client, chemin: str) -> list[dict[str, Any]]:
    instances: list[dict[str, Any]] = []
    while True:
        page = api.get(f"{chemin}/taskInstances", params={"limit": 100, "offset": len(instances)})
        lue = page.raise_for_status().json()
        instances += lue["task_instances"]
        if not lue["task_instances"] or len(instances) >= lue["total_entries"]:
            return instances


def read_avancement(dag: str, instances: list[dict[str, Any]]) -> Avancement:
    """Return the task that runs, else the one that is about to, else the last that ended: the next is on its way."""
    actives = [i for i in instances if i["state"] == "running"] or [
        i for i in instances if i["state"] in {"queued", "scheduled", "up_for_retry"}
    ]
    finies = sorted((i for i in instances if i["end_date"]), key=lambda i: i["end_date"])
    plus = Counter(i["task_id"] for i in actives or finies[-1:]).most_common(1)
    tache = plus[0][0] if plus else ""
    memes = [i for i in instances if i["task_id"] == tache]
    return Avancement(dag, tache, sum(i["state"] == "success" for i in memes), len(memes))


def _explain(poste: Poste, api: httpx.Client, run: dict[str, Any]) -> ErreurAllerVers:
    chemin = f"/dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}"
    fautives = [i for i in _list_taches(api, chemin) if i["state"] == "failed"]
    if not fautives:
        return ErreurAllerVers(f"Le DAG {run['dag_id']} a échoué.", f"lire {poste.journaux}.")
    premiere = min(fautives, key=lambda i: i["end_date"] or "")
    essai = premiere["try_number"]
    index = f"map_index={premiere['map_index']}/" if premiere["map_index"] >= 0 else ""
    journal = (
        poste.airflow_home / "logs" / f"dag_id={run['dag_id']}" / f"run_id={run['dag_run_id']}"
        / f"task_id={premiere['task_id']}" / f"{index}attempt={essai}.log"
    )  # fmt: skip
    autres = f" (et {count(len(fautives) - 1, 'autre')})" if len(fautives) > 1 else ""
    constat, _, remede = _read_cause(api, chemin, premiere).partition(" Remède : ")
    return ErreurAllerVers(
        f"La tâche {premiere['task_id']} du DAG {run['dag_id']} a échoué{autres} : {constat}",
        f"{remede or 'lire le journal.'} Journal : {journal}",
    )


def _read_cause(api: httpx.Client, chemin: str, instance: dict[str, Any]) -> str:
    """Return the error that the task's log ends with, if it is one of the project's: others may quote a value."""
    reponse = api.get(
        f"{chemin}/taskInstances/{instance['task_id']}/logs/{instance['try_number']}",
        params={"map_index": instance["map_index"]},
        headers={"Accept": "application/json"},
    )
    details = [
        detail["exc_value"]
        for ligne in (reponse.json().get("content") or [] if reponse.is_success else [])
        if isinstance(ligne, dict)
        for detail in ligne.get("error_detail") or []
        if detail["exc_type"] in _LISIBLES
    ]
    return details[-1] if details else "erreur imprévue."
