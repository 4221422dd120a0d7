"""What a run is about: its month, and whether it drops lots. Decided once, in its first task."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import quote

from airflow.sdk import get_current_context, task
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages

if TYPE_CHECKING:
    from airflow.sdk.bases.decorator import Task

_DEPOT = {"oui": True, "non": False}
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Execution:
    """A run: its month, its Airflow identity, whether it drops lots, whether it only counts and judges."""

    mois: Mois
    run_id: str
    depot: bool
    a_blanc: bool


def etape(fonction: Callable[P, R]) -> Callable[P, R]:
    """Mark a step: what a person has to mend fails at once, what may pass is tried again by Airflow.

    What was not foreseen is told by its type and place: the text of a library's error may quote a person's value.
    Its transactions follow one another on connections that it keeps: half of a small lot's time was in opening its own.
    """

    @wraps(fonction)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        from aller_vers.socle.entrepot import keep_connexions

        try:
            with keep_connexions():
                return fonction(*args, **kwargs)
        except ErreurAllerVers as erreur:
            if erreur.passagere:
                raise
            raise AirflowFailException(str(erreur)) from None
        except AirflowException:
            raise
        except Exception as erreur:  # noqa: BLE001 - none of them may reach a log with its text
            raise _without_values(erreur) from None

    return run


def do_each(codes: Sequence[str], action: Callable[[str], R]) -> list[R]:
    """Do an act for each Caf; one that fails stops none of the others.

    Raises:
        ErreurAllerVers: what went wrong, each with the Caf that it happened to; tried again if any of it may pass.
            A Caf that is alone fails with its own error.
    """
    faits: list[R] = []
    echecs: dict[str, ErreurAllerVers] = {}
    for code in codes:
        try:
            faits.append(action(code))
        except ErreurAllerVers as erreur:
            echecs[code] = erreur
        except AirflowException:
            raise
        except Exception as erreur:  # noqa: BLE001 - none of them may reach a log with its text
            echecs[code] = _without_values(erreur)
    if not echecs:
        return faits
    if len(codes) == 1:
        raise echecs[codes[0]]
    par_constat: dict[str, list[str]] = {}
    for code, echec in echecs.items():
        par_constat.setdefault(echec.constat, []).append(code)
    raise ErreurAllerVers(
        f"{len(echecs)} Caf sur {len(codes)} en échec. "
        + " ".join(f"{', '.join(caf)} : {constat}" for constat, caf in par_constat.items()),
        " ".join(dict.fromkeys(echec.remede for echec in echecs.values())),
        passagere=any(echec.passagere for echec in echecs.values()),
    )


def tache(**options: Any) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Declare a task from a step; its result is one XCom, never one a key.

    Args:
        options: as of Airflow's ``task``.
    """

    def declare(fonction: Callable[P, R]) -> Task[P, R]:
        return task(multiple_outputs=False, **options)(etape(fonction))

    return declare


def _without_values(erreur: Exception) -> ErreurAllerVers:
    lieu = traceback.extract_tb(erreur.__traceback__)[-1]
    return ErreurAllerVers(
        f"Erreur imprévue : {type(erreur).__name__}, {Path(lieu.filename).name} ligne {lieu.lineno}.",
        "relancer la tâche ; si l'erreur revient, la signaler avec ce texte.",
        passagere=True,
    )


def read_execution() -> Execution:
    """Return what the current run is about: the partition key first, then the parameter ``mois``.

    Raises:
        ErreurAllerVers: no month was given, it is not a month, or it has not ended.
    """
    contexte = get_current_context()
    run = contexte["dag_run"]
    parametres = contexte.get("params") or {}
    mois = resolve_mois(run.partition_key, parametres.get("mois"))
    mois.require_ended(datetime.now(PARIS).date())
    return Execution(
        mois,
        run.run_id,
        depot=decide_depot(mois, run.run_type, _DEPOT.get(str(parametres.get("depot")))),
        a_blanc=bool(parametres.get("a_blanc")),
    )


def read_run_id() -> str:
    """Return Airflow's name of the current run."""
    return str(get_current_context()["dag_run"].run_id)


def build_lien(dag: str, run_id: str) -> str:
    """Return the page of a run in Airflow."""
    base = conf.get("api", "base_url", fallback="").rstrip("/")
    return f"{base}/dags/{dag}/runs/{quote(run_id, safe='')}"


def link_execution() -> str:
    """Return the page of the current run in Airflow."""
    run = get_current_context()["dag_run"]
    return build_lien(run.dag_id, run.run_id)


def resolve_mois(cle: str | None, parametre: Any) -> Mois:
    """Return the month of a run from its partition key, else from its parameter.

    Raises:
        ErreurAllerVers: there is neither, or they differ.
    """
    if not cle and not parametre:
        raise ErreurAllerVers(
            "Cette exécution n'a pas de mois.",
            "la relancer avec une clé de partition ou le paramètre mois, par exemple 2025-06.",
        )
    if cle and parametre and cle != parametre:
        raise ErreurAllerVers(
            f"Cette exécution a deux mois : la clé de partition {cle} et le paramètre {str(parametre)[:20]}.",
            "n'en donner qu'un.",
        )
    return Mois.parse(str(cle or parametre))


def decide_depot(mois: Mois, run_type: str, demande: bool | None) -> bool:
    """Tell whether a run drops lots: as asked; else every month since the first, but never in a backfill."""
    if demande is not None:
        return demande
    # Compared, never searched: as text, a task's run type is « DagRunType.BACKFILL ».
    return run_type != "backfill" and mois >= load_reglages().premier_mois_depot
