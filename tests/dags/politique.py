"""What every DAG of the house has to be: each rule returns what it finds wrong, nothing when all is well."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

from airflow.sdk import DAG

from aller_vers_airflow.alertes import ALERTES

INTERDITS = {"pandas", "great_expectations", "sqlalchemy", "psycopg", "numpy", "requests", "httpx"}
VERBES = {
    "announce", "apply", "approve", "archive", "ask", "build", "check", "clean", "collect",
    "compute", "control", "delete", "drop", "escalate", "expire", "export", "extract", "find",
    "judge", "keep", "list", "load", "measure", "notify", "prepare", "prove", "publish", "purge", "read",
    "reconcile", "record", "release", "remind", "render", "seal", "select", "send", "store",
    "trigger", "verify", "wait", "write",
}  # fmt: skip
# What fails above one of these fails it too; any other rule may turn the failure into a success.
REGLES_STRICTES = {"all_success", "none_failed", "none_failed_min_one_success"}
# One run a Caf: a decision waits for no other one.
PLUSIEURS_EXECUTIONS = {"decisions_lots"}
MOTS_FRANCAIS = {"le", "la", "les", "des", "du", "un", "une", "et", "sur", "par", "ce", "si"}


def check_identifiant(dag: DAG, fichier: Path) -> list[str]:
    return [] if dag.dag_id == fichier.stem else [f"{dag.dag_id} is in {fichier.name}"]


def check_nom(dag: DAG, fichier: Path) -> list[str]:
    """Its name in Airflow's screens is French words, not its identifier."""
    nom = dag.dag_display_name
    return [] if nom != dag.dag_id and "_" not in nom and nom[:1].isupper() else [f"nom affiché : {nom}"]


def check_documentation(dag: DAG, fichier: Path) -> list[str]:
    doc = dag.doc_md or ""
    fautes = [f"doc_md does not name {t}" for t in dag.task_ids if not re.search(rf"\| {t} \|", doc)]
    if len(MOTS_FRANCAIS & set(re.findall(r"\w+", doc.lower()))) < 4:
        fautes.append("doc_md is not French")
    if "si elle échoue" not in doc:
        fautes.append("doc_md does not say what to do when a task fails")
    return fautes


def check_etiquettes(dag: DAG, fichier: Path) -> list[str]:
    return [] if "aller-vers" in dag.tags and len(dag.tags) >= 2 else [f"tags {sorted(dag.tags)}"]


def check_proprietaire(dag: DAG, fichier: Path) -> list[str]:
    return [f"{t.task_id} belongs to {t.owner}" for t in dag.tasks if t.owner != "aller-vers"]


def check_rattrapage(dag: DAG, fichier: Path) -> list[str]:
    return ["catchup"] if dag.catchup else []


def check_une_execution(dag: DAG, fichier: Path) -> list[str]:
    if dag.dag_id in PLUSIEURS_EXECUTIONS:
        return []
    return [] if dag.max_active_runs == 1 else [f"max_active_runs {dag.max_active_runs}"]


def check_reprises(dag: DAG, fichier: Path) -> list[str]:
    return [f"{t.task_id} is not retried" for t in dag.tasks if not t.retries or not t.retry_delay]


def check_delais(dag: DAG, fichier: Path) -> list[str]:
    """Each task has an end; a question to people has its own."""
    return [
        f"{t.task_id} has no end"
        for t in dag.tasks
        if t.execution_timeout is None and getattr(t, "response_timeout", None) is None
    ]


def check_taches(dag: DAG, fichier: Path) -> list[str]:
    fautes = [] if dag.tasks else ["no task"]
    for tache in dag.task_ids:
        if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)+", tache) or tache.partition("_")[0] not in VERBES:
            fautes.append(f"{tache} is not verb_noun")
    return fautes


def check_xcoms(dag: DAG, fichier: Path) -> list[str]:
    return [
        f"{t.task_id} pushes each key of its result"
        for t in dag.tasks
        if getattr(t, "multiple_outputs", False)
    ]


def check_annonces(dag: DAG, fichier: Path) -> list[str]:
    return [f"{t.task_id} is mapped and has an outlet" for t in dag.tasks if t.is_mapped and t.outlets]


def check_alertes(dag: DAG, fichier: Path) -> list[str]:
    return [f"{nom} is not the house's" for nom, appel in ALERTES.items() if getattr(dag, nom) is not appel]


def check_echecs(dag: DAG, fichier: Path) -> list[str]:
    """A run fails by its leaves alone: whichever task fails, a leaf has to fail with it."""

    def fails_a_leaf(tache: str) -> bool:
        suite = dag.get_task(tache).downstream_task_ids
        return not suite or any(
            dag.get_task(nom).trigger_rule in REGLES_STRICTES and fails_a_leaf(nom) for nom in suite
        )

    return [f"a failure of {t} leaves the run green" for t in dag.task_ids if not fails_a_leaf(t)]


def check_imports(dag: DAG, fichier: Path) -> list[str]:
    arbre = ast.parse(fichier.read_text(encoding="utf-8"))
    noms: list[str] = []
    for noeud in arbre.body:
        for n in [noeud, *(ast.walk(noeud) if isinstance(noeud, ast.If | ast.Try) else ())]:
            if isinstance(n, ast.Import):
                noms += [alias.name for alias in n.names]
            elif isinstance(n, ast.ImportFrom):
                noms.append(n.module or "")
    return [f"imports {nom} at the top" for nom in noms if nom.partition(".")[0] in INTERDITS]


POLITIQUE: dict[str, Callable[[DAG, Path], list[str]]] = {
    nom.removeprefix("check_"): regle for nom, regle in sorted(globals().items()) if nom.startswith("check_")
}
