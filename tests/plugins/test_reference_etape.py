"""The task of ``reference``: in the name of who asked for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException
from sqlalchemy import Connection, text

from aller_vers.socle.dossiers_reference import find_installe
from aller_vers_airflow.etapes import reference


@pytest.mark.parametrize(
    ("personne", "gardee"), [("marie.durand", "marie.durand"), (None, "ligne de commande")]
)
def test_the_run_s_own_person_is_kept_and_a_bad_file_fails_at_once(
    personne: str | None, gardee: str, entrepot: Connection, dsn_role: Callable[[str], str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.setenv("AV_DEPOT_REFERENCE", str(tmp_path))
    contexte = {
        "dag_run": SimpleNamespace(triggering_user_name=personne), "params": {"motif": "groupe relu en juin"}
    }  # fmt: skip
    monkeypatch.setattr(reference, "get_current_context", lambda: contexte)
    texte = (find_installe() / "groupe.csv").read_text(encoding="utf-8")
    (tmp_path / "groupe.csv").write_text(texte.replace("2023", "20x3"), encoding="utf-8")
    with pytest.raises(AirflowFailException, match="ligne 2, colonne date_debut"):
        reference.apply_reference.function()
    (tmp_path / "groupe.csv").write_text(texte.replace("2023-05-25", "2023-05-26"), encoding="utf-8")
    assert reference.apply_reference.function()["changes"] == ["groupe.csv"]
    assert entrepot.execute(text("SELECT DISTINCT acteur FROM suivi.prise_reference")).scalars().all() == [
        gardee
    ]
