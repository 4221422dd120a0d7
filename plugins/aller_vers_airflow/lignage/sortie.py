"""How an event leaves: what is known to be harmless is kept, the rest is left; no step waits for who receives it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from attrs import define
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent
from openlineage.client.facet_v2 import RunFacet, parent_run
from openlineage.client.serde import Serde
from openlineage.client.transport.transport import Config, Transport

from aller_vers_airflow.lignage import ESPACE

# A process of its own, ended by its own time-out: who is silent, far or gone costs a step a start of Python.
_ENVOI = (
    "import sys, urllib.request as r; "
    "q = r.Request(sys.argv[1], sys.stdin.buffer.read(), {'Content-Type': 'application/json'}); "
    "r.urlopen(q, timeout=10).close()"
)
_JOB = ("jobType", "ownership")
_DATASET = ("version", "lifecycleStateChange")
_LU, _ECRIT = ("dataQualityAssertions",), ("outputStatistics",)


@define
class ConfigSortie(Config):
    """Where events go: an address, or a file."""

    destination: str

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> ConfigSortie:
        """Read what ``configure`` wrote."""
        return cls(params["destination"])


class Sortie(Transport):
    """Writes an event at the end of a file, one a line, or sends it to an address; an HTTP failure is told nowhere."""

    kind = "aller_vers"
    config_class = ConfigSortie

    def __init__(self, config: ConfigSortie) -> None:
        self.destination = config.destination

    def emit(self, event: Any) -> None:
        """Let an event of a run go; no other kind is known.

        Raises:
            OSError: the file cannot be written; the provider logs it, and the step goes on.
        """
        if not isinstance(event, RunEvent):
            return
        texte = Serde.to_json(keep_known(event)).encode()
        if self.destination.startswith(("http://", "https://")):
            _send(self.destination, texte)
        else:
            _append(self.destination, texte + b"\n")


def keep_known(event: RunEvent) -> RunEvent:
    """Return the event without what this project did not write: paths, confs, errors, texts, others' datasets."""
    dag = event.job.name.partition(".")[0]
    facettes: dict[str, RunFacet] = {}
    parent: Any = (event.run.facets or {}).get("parent")
    # A run's conf may name another parent: free text.
    if parent is not None and (parent.job.namespace, parent.job.name) == (ESPACE, dag):
        qui, quoi = parent_run.Run(parent.run.runId), parent_run.Job(ESPACE, dag)
        facettes["parent"] = parent_run.ParentRunFacet(qui, quoi)
    return RunEvent(
        eventTime=event.eventTime,
        eventType=event.eventType,
        producer=event.producer,
        run=Run(event.run.runId, facettes),
        job=Job(event.job.namespace, event.job.name, _keep(event.job.facets, _JOB)),
        inputs=[
            InputDataset(d.namespace, d.name, _keep(d.inputFacets, _LU), facets=_keep(d.facets, _DATASET))
            for d in event.inputs or [] if d.namespace == ESPACE
        ],
        outputs=[
            OutputDataset(d.namespace, d.name, _keep(d.outputFacets, _ECRIT), facets=_keep(d.facets, _DATASET))
            for d in event.outputs or [] if d.namespace == ESPACE
        ],
    )  # fmt: skip


def _keep(facettes: dict[str, Any] | None, noms: tuple[str, ...]) -> dict[str, Any]:
    return {nom: facette for nom, facette in (facettes or {}).items() if nom in noms}


def _append(fichier: str, ligne: bytes) -> None:
    # One write at the end: lines of two tasks do not mix.
    descripteur = os.open(fichier, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(descripteur, ligne)
    finally:
        os.close(descripteur)


def _send(adresse: str, texte: bytes) -> None:
    envoi = subprocess.Popen(  # noqa: S603 - a fixed command
        [sys.executable, "-I", "-S", "-c", _ENVOI, adresse],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    assert envoi.stdin is not None
    envoi.stdin.write(texte)
    envoi.stdin.close()
    envoi.returncode = 0  # nobody waits for it
