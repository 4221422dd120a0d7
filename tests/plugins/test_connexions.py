"""Airflow's connections, as the domain is given them."""

from __future__ import annotations

import json

import pytest

from aller_vers.partage.connexion import build_options
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers_airflow.connexions import open_partage


def give(monkeypatch: pytest.MonkeyPatch, nom: str, **champs: object) -> None:
    champs = {"conn_type": "generic", **champs}
    monkeypatch.setenv(f"AIRFLOW_CONN_{nom.upper()}", json.dumps(champs))


def test_the_share_and_what_its_server_asks_for_come_from_the_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    extra = {"url": "sftp://partage.example.org/lots", "known_hosts": "partage.example.org ssh-ed25519 AAAA"}
    give(monkeypatch, "av_partage", login="aller-vers", password="secret", extra=extra)
    partage = open_partage()
    assert partage.adresse == "sftp://partage.example.org/lots"
    assert partage.options == {
        "username": "aller-vers",
        "password": "secret",
        "known_hosts": "partage.example.org ssh-ed25519 AAAA",
    }
    assert "secret" not in repr(partage)


def test_a_connection_without_an_address_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, "av_partage", extra={})
    with pytest.raises(ErreurAllerVers, match="ne dit pas où est le partage"):
        open_partage()


@pytest.mark.parametrize(
    ("adresse", "options"),
    [
        ("file:///partage", {}),
        ("/partage", {}),
        ("smb://hote/lots", {"username": "u", "password": "p", "encrypt": False}),
        (
            "s3://lots",
            {
                "key": "u",
                "secret": "p",
                "endpoint_url": "https://s3.example.org",
                "client_kwargs": {"region_name": "fr"},
            },
        ),
    ],
)
def test_each_kind_of_share_gets_its_own_options_and_no_other(
    adresse: str, options: dict[str, object]
) -> None:
    extra = {
        "url": adresse,
        "encrypt": False,
        "endpoint_url": "https://s3.example.org",
        "region_name": "fr",
        "inconnu": 1,
    }
    assert build_options(adresse, "u", "p", extra) == options
