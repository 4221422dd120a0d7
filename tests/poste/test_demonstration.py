"""The demonstration's accounts and mailbox exist where its mark is, on loopback, and nowhere else."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import psutil
import pytest
from serveurs import find_free_port

from aller_vers.exploitation.verification import verify_environnement
from aller_vers.poste.demonstration import ACCES, MOT_DE_PASSE, find_courrier, mark
from aller_vers.poste.installation import Poste, load_poste
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers.suivi.messagerie import Message, Messagerie, Serveur

COMPTES = "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS"


@pytest.fixture
def dossier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AV_DONNEES", str(tmp_path))
    monkeypatch.setenv("AV_AIRFLOW_HOME", str(tmp_path / "airflow"))
    return tmp_path


def read_mots_de_passe(poste: Poste) -> dict[str, str]:
    lus: dict[str, str] = json.loads((poste.donnees / "motdepasse-airflow.json").read_text())
    return lus


def test_without_its_mark_no_account_has_the_short_password_and_nothing_is_sent(dossier: Path) -> None:
    poste = load_poste()
    environnement = poste.build_environnement()
    assert list(read_mots_de_passe(poste)) == ["admin"]
    assert len(poste.secrets["admin"]) >= 32
    assert environnement[COMPTES] == "admin:admin"
    assert "AIRFLOW_CONN_AV_SMTP" not in environnement


def test_with_its_mark_four_accounts_stand_on_loopback_beside_the_administrator(dossier: Path) -> None:
    mark(dossier, prete=False)
    poste = load_poste()
    environnement, mots = poste.build_environnement(), read_mots_de_passe(poste)
    assert {nom: mots[nom] for nom in mots if nom != "admin"} == dict.fromkeys(
        ("equipe", "ingenieur", "dpd", "lecture"), MOT_DE_PASSE
    )
    assert mots["admin"] == poste.secrets["admin"]
    assert set(environnement[COMPTES].split(",")) == {"admin:admin", *(f"{a.nom}:{a.role}" for a in ACCES)}
    assert environnement["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert json.loads(environnement["AIRFLOW_CONN_AV_SMTP"])["host"] == "127.0.0.1"


def test_the_team_and_every_caf_have_an_address_that_the_settings_read(
    dossier: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark(dossier, prete=False)
    for nom, valeur in load_poste().build_environnement().items():
        if nom.startswith("AV_ADRESSES"):
            monkeypatch.setenv(nom, valeur)
    load_reglages.cache_clear()
    try:
        reglages = load_reglages()
    finally:
        load_reglages.cache_clear()
    assert reglages.adresses_equipe_nationale == ("equipe.nationale@example.org",)
    assert reglages.adresses_caf == {code: (f"caf{code}@example.org",) for code in load_caf()}


def test_a_production_with_these_accounts_does_not_start(dossier: Path) -> None:
    mark(dossier, prete=True)
    constats = verify_environnement(load_poste().build_environnement())
    assert {c.sujet for c in constats if c.gravite == "danger"} >= {COMPTES}


def test_what_is_sent_becomes_a_file_and_the_mailbox_listens_on_loopback_alone(dossier: Path) -> None:
    port = find_free_port()
    boite = subprocess.Popen(
        [sys.executable, "-m", "aller_vers.poste.boite_aux_lettres", str(port), str(find_courrier(dossier))]
    )
    try:
        limite = time.monotonic() + 30
        while not (
            ecoutes := [c.laddr for c in psutil.Process(boite.pid).net_connections() if c.status == "LISTEN"]
        ):
            assert time.monotonic() < limite
            time.sleep(0.1)
        assert [(adresse.ip, adresse.port) for adresse in ecoutes] == [("127.0.0.1", port)]
        serveur = Serveur("127.0.0.1", port, "aller-vers@example.org", "aucun")
        with Messagerie(serveur, datetime(2025, 7, 1, tzinfo=UTC)) as messagerie:
            for n in range(2):
                messagerie.send(
                    Message(
                        f"cle{n}", ("caf974@example.org",), "Lot de juin ../2025 : déposé", "Bonjour.\n.\né"
                    )
                )
    finally:
        boite.terminate()
        boite.wait()
    fichiers = sorted(find_courrier(dossier).iterdir())
    assert [f.name[11:] for f in fichiers] == [
        f"000{n} caf974 Lot de juin .. 2025 déposé.eml" for n in (1, 2)
    ]
    message = message_from_bytes(fichiers[0].read_bytes(), policy=policy.default)
    assert message["To"] == "caf974@example.org"
    assert message.get_content().replace("\r\n", "\n") == "Bonjour.\n.\né\n"  # type: ignore[attr-defined]
