"""The seal dated by an authority: a real one, made here by openssl; what is silent or lies delays nothing, and is told."""

from __future__ import annotations

import importlib.util
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from lots_exemples import make_reglages
from serveur_smtp import Ouvrir
from sqlalchemy import Connection, text

from aller_vers.rapports.dossier_de_preuve import build_archive, load_preuve
from aller_vers.socle.mois import Mois
from aller_vers.suivi.evenements import record_evenement
from aller_vers.suivi.horodatage import build_demande, timestamp_sceaux
from aller_vers.suivi.trace import load_sceaux, seal

MAINTENANT = datetime.now(UTC)
RIEN = {"horodates": 0, "non_horodates": 1}
CONFIGURATION = """
[tsa]
default_tsa = tsa1
[tsa1]
dir = .
serial = $dir/serial
signer_cert = $dir/tsa.pem
certs = $dir/ca.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
[ext_ca]
basicConstraints = critical,CA:TRUE
keyUsage = keyCertSign
[ext_tsa]
extendedKeyUsage = critical,timeStamping
"""


@dataclass
class Autorite:
    """An authority on loopback; ``mode``: what it does instead of dating what it is asked."""

    dossier: Path
    adresse: str = ""
    mode: str = "juste"
    demandes: list[bytes] = field(default_factory=list)

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.dossier, check=True, capture_output=True)

    def prepare(self) -> None:
        (self.dossier / "tsa.cnf").write_text(CONFIGURATION)
        (self.dossier / "serial").write_text("01\n")
        for nom, sujet in (("ca", "/CN=Autorite d'essai"), ("tsa", "/CN=Horodatage d'essai")):
            self.openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{nom}.key", "-subj", sujet, "-out", f"{nom}.csr")  # fmt: skip
        signe = ["-extfile", "tsa.cnf", "-days", "2"]
        self.openssl("x509", "-req", "-in", "ca.csr", "-signkey", "ca.key", "-extensions", "ext_ca", *signe, "-out", "ca.pem")  # fmt: skip
        self.openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                     "-extensions", "ext_tsa", *signe, "-out", "tsa.pem")  # fmt: skip

    def answer(self, demande: bytes) -> bytes:
        self.demandes.append(demande)
        if self.mode == "rejoue":
            demande = self.demandes[0]
        (self.dossier / "q.tsq").write_bytes(demande)
        self.openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "q.tsq", "-out", "r.tsr")
        return (self.dossier / "r.tsr").read_bytes() if self.mode != "bavarde" else b"<html>bonjour</html>"


@pytest.fixture
def autorite(tmp_path: Path) -> Iterator[Autorite]:
    faite = Autorite(tmp_path)
    faite.prepare()

    class Reponse(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            octets = faite.answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(503 if faite.mode == "pleine" else 200)
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Reponse) as serveur:
        threading.Thread(target=serveur.serve_forever, daemon=True).start()
        faite.adresse = f"http://127.0.0.1:{serveur.server_port}/"
        yield faite
        serveur.shutdown()


@pytest.fixture
def scelle(entrepot: Connection) -> Connection:
    """Give a warehouse with a seal."""
    record_evenement(entrepot, mois="2025-06", code_caf="831", version=1, etat="prepare", acteur="essai")
    seal(entrepot, MAINTENANT)
    entrepot.exec_driver_sql("DELETE FROM suivi.avis")
    entrepot.commit()
    return entrepot


def read_objets(entrepot: Connection) -> list[str]:
    entrepot.rollback()
    return list(entrepot.execute(text("SELECT objet FROM suivi.avis ORDER BY cree_le")).scalars())


def test_the_seal_is_dated_once_and_its_token_is_in_the_evidence(
    scelle: Connection, ouvrir: Ouvrir, autorite: Autorite, tmp_path: Path
) -> None:
    for _ in range(2):
        assert timestamp_sceaux(ouvrir, autorite.adresse, MAINTENANT) == {"horodates": 1, "non_horodates": 0}
    assert len(autorite.demandes) == 1
    assert read_objets(scelle) == []
    octets, _ = build_archive(load_preuve(scelle, Mois(2025, 6), "831"), make_reglages(), MAINTENANT)
    outil = load_outil()
    constats = outil.verify(octets, autorite=str(tmp_path / "ca.pem"))
    assert constats.alterations == []
    assert any(n.startswith("Horodatage du sceau : ") for n in constats.notes)
    assert "Signature de l'horodatage : vérifiée." in constats.notes


def test_a_token_of_something_else_or_of_somebody_else_is_named(
    scelle: Connection, ouvrir: Ouvrir, autorite: Autorite, tmp_path: Path
) -> None:
    timestamp_sceaux(ouvrir, autorite.adresse, MAINTENANT)
    outil, preuve = load_outil(), load_preuve(scelle, Mois(2025, 6), "831")
    assert preuve.jeton
    octets, _ = build_archive(preuve, make_reglages(), MAINTENANT)
    autre = tmp_path / "autre"
    autre.mkdir()
    Autorite(autre).prepare()
    [signature] = outil.verify(octets, autorite=str(autre / "ca.pem")).alterations
    assert "n'est pas de cette autorité" in signature
    heure = preuve.jeton.index(f"{MAINTENANT:%Y%m%d}".encode())
    vieilli = preuve.jeton[:heure] + b"2020" + preuve.jeton[heure + 4 :]
    autres = {
        "horodatage altéré": vieilli,
        "horodatage étranger": preuve.jeton.replace(
            sha256(*load_sceaux(scelle).values()).digest(), b"0" * 32
        ),
        "horodatage illisible": preuve.jeton[:-10],
    }
    for constat, jeton in autres.items():
        falsifie = build_archive(replace(preuve, jeton=jeton), make_reglages(), MAINTENANT)[0]
        assert any(a.startswith(constat) for a in outil.verify(falsifie).alterations), constat


@pytest.mark.parametrize("mode", ["rejoue", "bavarde", "pleine", "absente"])
def test_an_authority_that_is_silent_or_lies_delays_nothing_and_is_told(
    scelle: Connection, ouvrir: Ouvrir, autorite: Autorite, mode: str
) -> None:
    if mode == "rejoue":
        autorite.answer(build_demande(sha256(b"autre").digest(), 7))
    autorite.mode = mode
    adresse = "http://127.0.0.1:9/" if mode == "absente" else autorite.adresse
    for heures in (0, 1):
        assert timestamp_sceaux(ouvrir, adresse, MAINTENANT + timedelta(hours=heures * 0.001)) == RIEN
    assert read_objets(scelle) == ["Proches aidants : le sceau n'est pas horodaté"]
    autorite.mode = "juste"
    assert timestamp_sceaux(ouvrir, autorite.adresse, MAINTENANT + timedelta(minutes=1))["horodates"] == 1
    assert read_objets(scelle)[1:] == ["Proches aidants : le sceau est de nouveau horodaté"]


def test_nothing_is_asked_of_nobody(scelle: Connection, ouvrir: Ouvrir) -> None:
    assert make_reglages().autorite_horodatage == ""
    assert timestamp_sceaux(ouvrir, "", MAINTENANT) == {"horodates": 0, "non_horodates": 0}
    assert read_objets(scelle) == []


def load_outil() -> Any:
    fichier = Path(__file__).parents[2] / "outils" / "verifier_preuve.py"
    spec = importlib.util.spec_from_file_location("verifier", fichier)
    assert spec
    assert spec.loader
    outil = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(outil)
    return outil
