"""A real Airflow API server with its real user management (FAB), the page in it, on a warehouse to look at."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
from compose_lu import read_env_image
from jeu_pilotage import fill as fill_mois
from psycopg import sql
from serveurs import AUTORITES

from aller_vers.poste.postgres import Grappe, running_grappe
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.migrations import migrate
from aller_vers.socle.referentiel_entrepot import load_reference

PROJET = Path(__file__).parents[2]
# User: role. The roles are Airflow's own; « Personne » has no right at all.
COMPTES = {"lectrice": "Viewer", "decideuse": "User", "administratrice": "Admin", "inconnue": "Personne"}


@dataclass(frozen=True)
class Page:
    """A running server: its address, its users' tokens and passwords, its databases, its forms' key, its log."""

    adresse: str
    jetons: dict[str, str]
    secrets: dict[str, str]
    entrepot: Entrepot
    cle: str
    metadonnees: str
    journal: Path

    @property
    def dsn(self) -> str:
        """The warehouse's address, as its owner."""
        return self.entrepot.dsn

    def open(self, compte: str | None = None) -> httpx.Client:
        """Return a browser's session, as this user; None: nobody."""
        client = httpx.Client(base_url=self.adresse, timeout=30, trust_env=False, verify=AUTORITES)
        if compte:
            client.cookies.set("_token", self.jetons[compte])
        return client


@dataclass(frozen=True)
class Entrepot:
    """The warehouse's own server, a database of it, and the password of ``av_pilotage``."""

    grappe: Grappe
    base: str
    secret: str

    @property
    def dsn(self) -> str:
        """Its address, as its owner."""
        return self.grappe.dsn(self.base)


def fill_entrepot(dsn: str) -> None:
    """Fill a warehouse with the three months of the tests."""
    moteur = create_moteur(dsn)
    with moteur.begin() as entrepot:
        fill_mois(entrepot)
    moteur.dispose()


@contextmanager
def running_entrepot(
    dossier: Path, fill: Callable[[str], None] = fill_entrepot, base: str = "entrepot"
) -> Iterator[Entrepot]:
    """Start a server with a migrated and filled warehouse, and an empty one beside it, ``vide``."""
    with running_grappe(dossier, _find_free_port(), secrets.token_urlsafe(), rapide=True) as grappe:
        secret = secrets.token_urlsafe()
        _create_base(grappe, "vide")
        moteur = create_moteur(grappe.dsn("vide"))
        with moteur.begin() as vide:
            migrate(vide)
            load_reference(vide, exemples=True)
        moteur.dispose()
        with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
            connexion.execute(sql.SQL("ALTER ROLE av_pilotage LOGIN PASSWORD {}").format(sql.Literal(secret)))
        _create_base(grappe, base, "vide")
        fill(grappe.dsn(base))
        yield Entrepot(grappe, base, secret)


def _create_base(grappe: Grappe, nom: str, modele: str = "template1") -> None:
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(nom), sql.Identifier(modele))
        )
        if modele != "template1":
            # A copy has the template's tables and rights, but not the rights on the database itself.
            connexion.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO av_pilotage").format(sql.Identifier(nom))
            )


@contextmanager
def running_page(grappe: Grappe, entrepot: Entrepot) -> Iterator[Page]:
    """Start the server on a free port; end it, and drop nothing: the cluster goes with the tests."""
    with tempfile.TemporaryDirectory(prefix="aller-vers-pilotage-") as dossier:
        maison = Path(dossier)
        metadonnees = f"airflow_{secrets.token_hex(4)}"
        _create_base(grappe, metadonnees)
        port = _find_free_port()
        environnement = _build_environnement(
            maison,
            port,
            grappe.dsn(metadonnees),
            entrepot.grappe.dsn(entrepot.base, "av_pilotage", entrepot.secret),
        )
        comptes = {nom: (role, secrets.token_urlsafe()) for nom, role in COMPTES.items()}
        _run(
            environnement,
            [sys.executable, str(Path(__file__).with_name("comptes_fab.py"))],
            json.dumps(comptes),
        )
        with (maison / "serveur.log").open("wb") as journal:
            serveur = subprocess.Popen(
                [_airflow(), "api-server"], env=environnement, stdout=journal, stderr=subprocess.STDOUT
            )
        try:
            adresse = f"http://127.0.0.1:{port}"
            _wait(
                lambda: httpx.get(f"{adresse}/api/v2/version", trust_env=False, verify=AUTORITES).is_success,
                maison / "serveur.log",
            )
            jetons = {nom: _login(adresse, nom, secret) for nom, (_, secret) in comptes.items()}
            yield Page(
                adresse,
                jetons,
                {n: s for n, (_, s) in comptes.items()},
                entrepot,
                environnement["AIRFLOW__API__SECRET_KEY"],
                grappe.dsn(metadonnees),
                maison / "serveur.log",
            )
        finally:
            serveur.terminate()
            serveur.wait(60)


def _build_environnement(maison: Path, port: int, metadonnees: str, pilotage: str) -> dict[str, str]:
    alchimie = metadonnees.replace("postgresql://", "postgresql+psycopg://")
    reglages = {
        "CORE__DAGS_FOLDER": str(PROJET / "dags"),
        "CORE__PLUGINS_FOLDER": str(PROJET / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__COMPRESS_SERIALIZED_DAGS": read_env_image()["AIRFLOW__CORE__COMPRESS_SERIALIZED_DAGS"],
        "CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "DATABASE__SQL_ALCHEMY_CONN": alchimie,
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": alchimie,
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
        "API__WORKERS": "1",
        "API__SECRET_KEY": secrets.token_hex(32),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    return {
        **{cle: v for cle, v in os.environ.items() if not cle.startswith(("AIRFLOW_", "AV_"))},
        **{f"AIRFLOW__{cle}": valeur for cle, valeur in reglages.items()},
        "AIRFLOW_HOME": str(maison),
        "AIRFLOW_CONN_AV_PILOTAGE": pilotage,
        "NO_PROXY": "127.0.0.1",
    }


def _run(environnement: dict[str, str], commande: list[str], entree: str = "") -> None:
    fini = subprocess.run(
        commande, env=environnement, input=entree, capture_output=True, text=True, check=False
    )
    assert fini.returncode == 0, fini.stderr[-2000:]


def _airflow() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _find_free_port() -> int:
    import socket

    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        return int(prise.getsockname()[1])


def _login(adresse: str, nom: str, secret: str) -> str:
    reponse = httpx.post(
        f"{adresse}/auth/token", json={"username": nom, "password": secret}, timeout=30, trust_env=False
    )
    assert reponse.is_success, reponse.text
    return str(reponse.json()["access_token"])


def _wait(condition: Callable[[], bool], journal: Path, secondes: float = 120) -> None:
    limite = time.monotonic() + secondes
    while time.monotonic() < limite:
        try:
            if condition():
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.3)
    raise AssertionError(journal.read_text(errors="replace")[-3000:])
