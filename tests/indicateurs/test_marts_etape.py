"""The step that computes the month's indicators, on Airflow's connections: what its gate holds reaches the digest."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import Connection, text

from aller_vers_airflow import contexte
from aller_vers_airflow.actifs import INDICATEURS
from aller_vers_airflow.etapes import marts_indicateurs

FAUX = (
    "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
    " VALUES ('2025-06', '999', 'demandeurs', 'tous', 3)"
)


@pytest.fixture
def etape(monkeypatch: pytest.MonkeyPatch, dsn_role: Callable[[str], str]) -> Callable[[], object]:
    """Make this process the task of a run on June 2025; give its step."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "http://airflow.example.org")
    run = SimpleNamespace(dag_id="marts_indicateurs", run_id="r1", partition_key="2025-06", run_type="manual")
    tache = {
        "dag_run": run,
        "outlet_events": {INDICATEURS: SimpleNamespace(add_partitions=lambda _: None)},
    }
    for module in (contexte, marts_indicateurs):
        monkeypatch.setattr(module, "get_current_context", lambda: tache)
    return marts_indicateurs.compute_indicateurs.function


def list_avis(entrepot: Connection) -> list[tuple[str, str, str]]:
    lignes = entrepot.execute(text("SELECT destinataire, objet, corps FROM suivi.avis ORDER BY cree_le"))
    return [tuple(ligne) for ligne in lignes]


def test_what_the_gate_of_the_marts_holds_is_told_and_so_is_its_end(
    entrepot: Connection, etape: Callable[[], object]
) -> None:
    etape()
    assert list_avis(entrepot) == []
    entrepot.execute(text(FAUX))
    entrepot.commit()
    with pytest.raises(AirflowFailException, match="ne se recoupent pas"):
        etape()
    [(destinataire, objet, corps)] = list_avis(entrepot)
    assert (destinataire, objet) == (
        "equipe_nationale",
        "Proches aidants : porte des indicateurs, juin 2025 : le mois est retenu",
    )
    assert "\n- retenu : Mesure d'une caisse inconnue (caisse_inconnue) : la nation (1)\n" in corps
    assert corps.endswith("Voir l'exécution : http://airflow.example.org/dags/marts_indicateurs/runs/r1")
    entrepot.execute(text("DELETE FROM marts.mesure WHERE code_caf = '999'"))
    entrepot.commit()
    etape()
    [_, (_, objet, corps)] = list_avis(entrepot)
    assert objet == "Proches aidants : porte des indicateurs, juin 2025 : tout est rétabli"
    assert corps.startswith("Rétabli :\n- retenu, depuis le ")
