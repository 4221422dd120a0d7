"""What a step of the house did, as datasets: the provider asks for it when the step has ended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage
from openlineage.client.event_v2 import Dataset, InputDataset, OutputDataset
from openlineage.client.facet_v2 import (
    DatasetFacet,
    InputDatasetFacet,
    OutputDatasetFacet,
    RunFacet,
    data_quality_assertions_dataset,
    dataset_version_dataset,
    lifecycle_state_change_dataset,
    output_statistics_output_dataset,
)

from aller_vers.qualite.verdicts import ENSEMBLE
from aller_vers.socle.referentiel import NATION
from aller_vers.socle.sql import run_sql
from aller_vers_airflow.connexions import open_base
from aller_vers_airflow.contexte import resolve_mois
from aller_vers_airflow.lignage import ESPACE
from aller_vers_airflow.lignage.etapes import DETRUITS, ETAPES, LOT, Etape

Lignage = OperatorLineage[Dataset, RunFacet]
_SEVERITE = {"critical": "error", "warning": "warn", "info": "info"}
_RANG = ("error", "warn", "info")
_DECISION = {"retenu": "error", "avertissement": "warn", "conforme": "info"}


@dataclass(frozen=True)
class Verdict:
    """A rule that is not met, or what a gate decided of a Caf (of the nation: None)."""

    mois: str
    code_caf: str | None
    regle: str
    severite: str
    verdict: str


class ExtracteurEtape(BaseExtractor):
    """Tells of a step, at its end, its datasets, counts and verdicts; nothing of one that ``ETAPES`` does not name."""

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        """Return the operator of ``@task``."""
        return ["_PythonDecoratedOperator"]

    def _execute_extraction(self) -> Lignage:
        return Lignage()

    def extract_on_complete(self, task_instance: Any) -> Lignage:
        """Return what the step read and wrote; of one that failed, what it read and its gate's verdicts."""
        etape = ETAPES.get(f"{task_instance.dag_id}.{task_instance.task_id}")
        if etape is None:
            return Lignage()
        rang = task_instance.map_index if task_instance.map_index >= 0 else None
        rendu = task_instance.xcom_pull(task_ids=task_instance.task_id, map_indexes=rang)
        mois, run_id = _find_mois(task_instance), task_instance.run_id
        verdicts: list[Verdict] = []
        lots: list[tuple[str, str]] = []
        with open_base("av_entrepot") as entrepot:
            if etape.porte:
                lus = run_sql(
                    entrepot, "qualite/select_verdicts.sql", gate=etape.porte, run_id=run_id, mois=mois
                )
                verdicts = [Verdict(v.mois, v.code_caf, v.regle, v.severite, v.verdict) for v in lus]
            if etape.lots:
                lots = [(lot.mois, lot.code_caf) for lot in run_sql(entrepot, etape.lots, run_id=run_id)]
        return Lignage(
            inputs=build_inputs(etape, mois, verdicts, lots),
            outputs=build_detruits(lots) if etape.detruit else build_outputs(etape, mois, rendu),
        )


def build_inputs(
    etape: Etape, mois: str | None, verdicts: Sequence[Verdict], lots: Sequence[tuple[str, str]]
) -> list[Dataset]:
    """Return what a step read; the last of it has the verdicts of its gate, each lot its own."""
    lus: list[Dataset] = []
    for nom in etape.lit:
        juges = verdicts if nom == etape.lit[-1] else ()
        if nom != LOT:
            lus.append(InputDataset(ESPACE, _name(nom, mois), _assert(juges)))
            continue
        for du_lot in lots or sorted({(v.mois, v.code_caf) for v in juges if v.code_caf}):
            siens = [v for v in juges if (v.mois, v.code_caf) == du_lot]
            lus.append(InputDataset(ESPACE, _name(nom, *du_lot), _assert(siens)))
    return lus


def build_outputs(etape: Etape, mois: str | None, rendu: Any) -> list[Dataset]:
    """Return what a step wrote, with its rows where it counts them; nothing of one that returned nothing."""
    if rendu is None:
        return []
    if LOT in etape.ecrit:
        return [
            _write(_name(LOT, mois, lot["code_caf"]), lot["lignes"], str(lot["version"]))
            for lot in rendu
            if lot["etat"] != "retenu"
        ]
    return [_write(_name(nom, mois), _count(rendu, cle)) for nom, cle in etape.ecrit.items()]


def build_detruits(detruits: Iterable[tuple[str, str]]) -> list[Dataset]:
    """Return what is gone of these lots and months (``NATION`` as their Caf): datasets that are dropped."""
    noms = [
        nom
        for mois, code_caf in detruits
        for nom in (
            [_name(d, mois) for d in DETRUITS] if code_caf == NATION else [_name(LOT, mois, code_caf)]
        )
    ]
    etat = lifecycle_state_change_dataset.LifecycleStateChangeDatasetFacet(
        lifecycle_state_change_dataset.LifecycleStateChange.DROP
    )
    return [OutputDataset(ESPACE, nom, facets={"lifecycleStateChange": etat}) for nom in noms]


def _find_mois(task_instance: Any) -> str | None:
    contexte = task_instance.get_template_context()
    parametre = (contexte.get("params") or {}).get("mois")
    cle = contexte["dag_run"].partition_key
    return str(resolve_mois(cle, parametre)) if cle or parametre else None


def _name(nom: str, mois: str | None, code_caf: str = "") -> str:
    """Return the name of a dataset: a partition is named as its table in the warehouse, a lot by its Caf and month."""
    ecrit = str(mois) if nom == LOT else str(mois).replace("-", "_")
    return nom.replace("{mois}", ecrit).replace("{caf}", code_caf)


def _count(rendu: Any, cle: str | None) -> int | None:
    if cle is None or not isinstance(rendu, Mapping):
        return None
    nombre = rendu.get(cle) if cle else sum(rendu.values())
    return nombre if isinstance(nombre, int) else None


def _write(nom: str, lignes: int | None, version: str | None = None) -> OutputDataset:
    comptes: dict[str, OutputDatasetFacet] = {}
    versions: dict[str, DatasetFacet] = {}
    if lignes is not None:
        comptes["outputStatistics"] = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(
            rowCount=lignes
        )
    if version:
        versions["version"] = dataset_version_dataset.DatasetVersionDatasetFacet(version)
    return OutputDataset(ESPACE, nom, facets=versions, outputFacets=comptes)


def _assert(verdicts: Sequence[Verdict]) -> dict[str, InputDatasetFacet]:
    """Return the facet of these verdicts: what was decided, and each rule that is not met, by how many Caf and months.

    The decision is that of the nation where there is one, else the worst of the Caf.
    """
    if not verdicts:
        return {}
    decides = [v for v in verdicts if v.regle == ENSEMBLE]
    comptent = [v for v in decides if v.code_caf is None] or decides
    dites = []
    if comptent:
        pire = min((_DECISION[v.verdict] for v in comptent), key=_RANG.index)
        retenus = sum(v.verdict == "retenu" for v in decides)
        dites.append(_tell(ENSEMBLE, all(v.verdict == "conforme" for v in comptent), pire, retenus))
    par_regle: dict[str, list[str]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.regle != ENSEMBLE:
            par_regle[verdict.regle].append(_SEVERITE[verdict.severite])
    for regle, gravites in sorted(par_regle.items()):
        dites.append(_tell(regle, False, min(gravites, key=_RANG.index), len(gravites)))
    facette = data_quality_assertions_dataset.DataQualityAssertionsDatasetFacet(assertions=dites)
    return {"dataQualityAssertions": facette}


def _tell(regle: str, reussie: bool, severite: str, nombre: int) -> data_quality_assertions_dataset.Assertion:
    return data_quality_assertions_dataset.Assertion(
        assertion=regle, success=reussie, severity=severite, expected="0", actual=str(nombre)
    )
