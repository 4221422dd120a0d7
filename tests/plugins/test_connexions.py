"""Airflow's connections, as the domain is given them."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from serveurs import IDENTITE

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers_airflow.connexions import open_partage


def give(monkeypatch: pytest.MonkeyPatch, nom: str, **champs: object) -> None:
    champs = {"conn_type": "generic", **champs}
    monkeypatch.setenv(f"AIRFLOW_CONN_{nom.upper()}", json.dumps(champs))


def test_the_share_and_what_its_server_asks_for_come_from_the_connection_and_its_mark_from_the_warehouse(
    monkeypatch: pytest.MonkeyPatch, dsn_role: Callable[[str], str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    extra = {"url": "sftp://partage.example.org/lots", "known_hosts": "partage.example.org ssh-ed25519 AAAA"}
    give(monkeypatch, "av_partage", login="aller-vers", password="secret", extra=extra)
    partage = open_partage()
    assert partage.adresse == "sftp://partage.example.org/lots"
    assert partage.options == {
        "username": "aller-vers",
        "password": "secret",
        "known_hosts": "partage.example.org ssh-ed25519 AAAA",
    }
    assert partage.identite == IDENTITE
    assert "secret" not in repr(partage)


def test_a_connection_without_an_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "av_partage", extra={})
    with pytest.raises(ErreurAllerVers, match="ne dit pas où est le partage"):
        open_partage()
