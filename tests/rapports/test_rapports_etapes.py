"""The steps of the DAG rapports, on a real warehouse and a share on disk."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from rapports_exemples import JUIN
from serveurs import mark_racine
from sqlalchemy import Connection, text
from test_edition import entrepot_juin  # noqa: F401 - a fixture

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.marts import compute_indicateurs
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.contexte import Execution
from aller_vers_airflow.etapes import rapports


@pytest.fixture(autouse=True)
def poste(
    monkeypatch: pytest.MonkeyPatch, entrepot_juin: Connection, dsn_role: Callable[[str], str], tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """Give the connections of a laptop, a published June, and a run about it."""
    entrepot_juin.commit()
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.setenv("AV_CLE_IDENTITE", "une clef pour les essais, de plus de 32 octets")
    load_reglages.cache_clear()
    mark_racine(tmp_path)
    partage = {"conn_type": "generic", "extra": {"url": tmp_path.as_uri()}}
    monkeypatch.setenv("AIRFLOW_CONN_AV_PARTAGE", json.dumps(partage))
    monkeypatch.setattr(
        rapports, "read_execution", lambda: Execution(JUIN, "essai", depot=False, a_blanc=False)
    )


def test_the_steps_publish_once_then_write_what_readers_find(
    entrepot_juin: Connection, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    bilan = rapports.publish_diffusion.function()
    assert bilan["cellules"] == 3 * 18
    encore = rapports.publish_diffusion.function()
    assert (encore["nouvelles"], encore["corrigees"], encore["retirees"]) == (0, 0, 0)
    ecrit = rapports.write_rapports.function()
    assert (ecrit["nation"], ecrit["caf"]) == (1, 101)
    assert 0 < ecrit["cellules"] <= bilan["cellules"]
    assert (tmp_path / "national" / "diffusion" / "2025-06" / "datapackage.json").is_file()
    assert (tmp_path / "831" / "rapports" / "2025-06" / "rapports.json").is_file()
    empreinte = entrepot_juin.scalar(
        text("SELECT empreinte FROM marts.empreinte WHERE mois = '2025-06' AND code = 'demandeurs'")
    )
    dictionnaire = (tmp_path / "national" / "diffusion" / "2025-06" / "dictionnaire.csv").read_text("utf-8")
    dites = {ligne["code"]: ligne["empreinte"] for ligne in csv.DictReader(io.StringIO(dictionnaire))}
    assert empreinte
    assert dites["demandeurs"] == empreinte


def test_a_month_whose_returns_may_still_come_is_not_published(
    monkeypatch: pytest.MonkeyPatch, entrepot_juin: Connection  # noqa: F811
) -> None:  # fmt: skip
    class Hier(rapports.datetime):
        @classmethod
        def now(cls, tz: object = None) -> rapports.datetime:  # type: ignore[override]
            return cls(2025, 7, 15)

    entrepot_juin.execute(text("DELETE FROM diffusion.indicateur"))
    entrepot_juin.commit()
    monkeypatch.setattr(rapports, "datetime", Hier)
    assert rapports.publish_diffusion.function()["cellules"] == 0


def test_a_month_that_nothing_moves_any_more_is_published_and_written_by_the_run_of_another(
    entrepot_juin: Connection, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    """May was computed when it was too recent, and nothing of May has come since."""
    mai = JUIN.shift(-1)
    entrepot_juin.execute(
        text(
            "INSERT INTO marts.mesure (mois, code_caf, mesure, modalite, valeur)"
            " SELECT '2025-05', code_caf, mesure, modalite, valeur FROM marts.mesure WHERE mois = '2025-06'"
        )
    )
    rapports.publish_diffusion.function()
    assert rapports.write_rapports.function()["autres_mois"] == 0
    demandeurs = [i for i in load_dictionnaire() if i.mesures == {"demandeurs"}]
    compute_indicateurs(entrepot_juin, [mai], demandeurs, 5)
    entrepot_juin.commit()
    assert rapports.publish_diffusion.function()["mois"] == [str(mai)]
    # Should this writing fail, the next one finds May again: its data set is not on the share.
    assert rapports.write_rapports.function()["autres_mois"] == 1
    assert (tmp_path / "national" / "diffusion" / "2025-05" / "datapackage.json").is_file()
    assert (tmp_path / "national" / "rapports" / "2025-05" / "rapports.json").is_file()
    assert rapports.write_rapports.function()["autres_mois"] == 0
