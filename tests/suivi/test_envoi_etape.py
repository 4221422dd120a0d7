"""The step of envoi_avis: the connection av_smtp as a person writes it, and what the step says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from serveur_smtp import ServeurSmtp
from serveurs import find_free_port
from sqlalchemy import Connection, text

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.avis import queue_avis
from aller_vers.suivi.messagerie import Serveur
from aller_vers_airflow.connexions import find_serveur
from aller_vers_airflow.etapes import envoi_avis


@pytest.fixture(autouse=True)
def poste(monkeypatch: pytest.MonkeyPatch, entrepot: Connection, dsn_role: Callable[[str], str]) -> None:
    """Make this process a laptop: a warehouse, one notice, addresses, and no calendar."""
    monkeypatch.setenv("AIRFLOW_CONN_AV_ENTREPOT", dsn_role("av_etl"))
    monkeypatch.delenv("AIRFLOW_CONN_AV_SMTP", raising=False)
    configure(monkeypatch, planification="false")
    queue_avis(entrepot, cle="depots/1", destinataire="equipe_nationale", objet="Objet", corps="Corps")
    queue_avis(entrepot, cle="depot/1", destinataire="caf:831", objet="Objet", corps="Corps")
    entrepot.commit()


def configure(monkeypatch: pytest.MonkeyPatch, planification: str) -> None:
    monkeypatch.setenv("AV_PLANIFICATION", planification)
    monkeypatch.setenv("AV_ADRESSES_EQUIPE_NATIONALE", '["equipe@cnaf.example.org"]')
    monkeypatch.setenv("AV_ADRESSES_CAF", '{"831": ["referent@caf831.example.org"]}')
    load_reglages.cache_clear()


def connect(monkeypatch: pytest.MonkeyPatch, port: int | None, extra: dict[str, Any], **reste: Any) -> None:
    connexion = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra} | reste
    monkeypatch.setenv("AIRFLOW_CONN_AV_SMTP", json.dumps(connexion))


EN_CLAIR = {"from": "aller-vers@cnaf.example.org", "starttls": False}


def count_envoyes(entrepot: Connection) -> int:
    return int(entrepot.scalar(text("SELECT count(*) FROM suivi.avis WHERE envoye_le IS NOT NULL")) or 0)


def test_without_a_mail_server_a_laptop_keeps_its_notices_and_says_so(entrepot: Connection) -> None:
    with pytest.raises(AirflowSkipException) as saut:
        envoi_avis.send_avis.function()
    assert str(saut.value) == (
        "La connexion Airflow av_smtp n'existe pas : 2 avis restent dans la boîte d'envoi. Remède : la créer "
        "(hôte, port, utilisateur, mot de passe, et from en extra) pour qu'ils partent."
    )
    assert count_envoyes(entrepot) == 0


def test_where_the_calendar_runs_a_missing_mail_server_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(monkeypatch, planification="true")
    with pytest.raises(AirflowFailException, match="2 avis restent"):
        envoi_avis.send_avis.function()


def test_the_step_sends_what_waits(
    monkeypatch: pytest.MonkeyPatch, entrepot: Connection, smtp: ServeurSmtp
) -> None:
    connect(monkeypatch, smtp.port, EN_CLAIR)
    assert envoi_avis.send_avis.function() == {"messages": 2, "avis": 2, "sans_voie": 0}
    assert {r.message["To"] for r in smtp.recus} == {"equipe@cnaf.example.org", "referent@caf831.example.org"}
    assert count_envoyes(entrepot) == 2
    assert envoi_avis.send_avis.function() == {"messages": 0, "avis": 0, "sans_voie": 0}


def test_the_step_fails_in_one_sentence_when_the_server_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    connect(monkeypatch, find_free_port(), EN_CLAIR)
    with pytest.raises(AirflowFailException, match=r"2 avis attendent .* ne répond pas") as echec:
        envoi_avis.send_avis.function()
    assert "\n" not in str(echec.value)


def test_the_connection_is_read_as_airflow_s_form_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    de = {"from": "a@cnaf.example.org"}
    connect(monkeypatch, None, de, login="relais", password="s3cret")
    assert find_serveur() == Serveur("127.0.0.1", 587, "a@cnaf.example.org", "starttls", "relais", "s3cret")
    connect(monkeypatch, None, {**de, "ssl": True})
    assert find_serveur() == Serveur("127.0.0.1", 465, "a@cnaf.example.org", "ssl")
    connect(monkeypatch, 2525, {**de, "starttls": False})
    assert find_serveur() == Serveur("127.0.0.1", 2525, "a@cnaf.example.org", "aucun")
    connect(monkeypatch, 2525, {**de, "ssl": "false", "starttls": "false"})  # as an address writes it
    assert find_serveur() == Serveur("127.0.0.1", 2525, "a@cnaf.example.org", "aucun")


@pytest.mark.parametrize(
    ("extra", "reste", "constat"),
    [
        ({}, {}, "ne dit pas de quelle adresse"),
        ({"from": "pas une adresse"}, {}, "ne dit pas de quelle adresse"),
        ({"from": "a@cnaf.example.org"}, {"host": None}, "n'a pas d'hôte"),
        (EN_CLAIR, {"login": "relais", "password": "s3cret"}, "en clair"),
    ],
)
def test_a_connection_that_cannot_do_is_refused_and_its_password_not_repeated(
    monkeypatch: pytest.MonkeyPatch, extra: dict[str, Any], reste: dict[str, Any], constat: str
) -> None:
    connect(monkeypatch, 25, extra, **reste)
    with pytest.raises(ErreurAllerVers, match=constat) as refus:
        find_serveur()
    assert "s3cret" not in str(refus.value)


@pytest.mark.parametrize(
    ("nom", "valeur", "faute"),
    [
        ("ADRESSES_EQUIPE_NATIONALE", '["marie"]', "adresses_equipe_nationale.0 : "),
        ("ADRESSES_CAF", '{"831": ["marie@"]}', "adresses_caf.831.0 : "),
        ("ADRESSES_CAF", '{"83": ["a@caf83.example.org"]}', "adresses_caf.83.[key] : "),
        ("ADRESSES_CAF", '{"831": "a@caf831.example.org"}', "adresses_caf.831 : "),
        ("HEURES_ALERTE_RETARD", "0", "heures_alerte_retard : "),
    ],
)
def test_wrong_addresses_are_refused_when_the_settings_are_read_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, nom: str, valeur: str, faute: str
) -> None:
    monkeypatch.setenv(f"AV_{nom}", valeur)
    load_reglages.cache_clear()
    with pytest.raises(ErreurAllerVers) as refus:
        load_reglages()
    assert faute in refus.value.constat
    assert "marie" not in str(refus.value)


def test_the_code_of_a_caf_that_yaml_read_as_a_number_is_explained() -> None:
    from pydantic import ValidationError

    from aller_vers.socle.reglages import Reglages

    with pytest.raises(ValidationError, match='écrire le code entre guillemets, par exemple "061"'):
        Reglages(adresses_caf={49: ("a@caf061.example.org",)})  # type: ignore[dict-item]
