"""What this laptop is made of: folders, ports and secrets, all inside the project and ignored by git."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aller_vers.poste import demonstration
from aller_vers.poste.postgres import Grappe
from aller_vers.socle.erreurs import ErreurAllerVers

PROJET = Path(__file__).parents[3]
# Told to every process that is started, so that it can be found again.
MARQUE = "AV_POSTE"
ENTREPOT, SOURCE, METADONNEES = "aller_vers", "si_allocataires", "airflow"
ROLES_ENTREPOT = {
    "av_entrepot": "av_etl",
    "av_qualite": "av_qualite",
    "av_pilotage": "av_pilotage",
    "av_diffusion": "av_diffusion",
}
ROLE_SOURCE, ROLE_METADONNEES = "av_lecture", "av_airflow"
_SECRETS = (
    "postgres",
    *ROLES_ENTREPOT.values(),
    ROLE_SOURCE,
    ROLE_METADONNEES,
    "jwt",
    "api",
    "admin",
    "identite",
)


@dataclass(frozen=True)
class Poste:
    """A laptop's installation; ``secrets`` are made once, kept in a file that its owner alone can read."""

    donnees: Path
    airflow_home: Path
    port_airflow: int
    port_postgres: int
    secrets: Mapping[str, str] = field(repr=False)
    port_courrier: int = 8025
    dags: Path = PROJET / "dags"

    @property
    def partage(self) -> Path:
        """Folder of the share."""
        return self.donnees / "partage"

    @property
    def journaux(self) -> Path:
        """Folder of the logs of what was started."""
        return self.donnees / "journaux"

    @property
    def adresse(self) -> str:
        """Address of Airflow, on loopback."""
        return f"http://127.0.0.1:{self.port_airflow}"

    @property
    def est_demonstration(self) -> bool:
        """Whether ``make demo`` made it: its accounts and its mailbox exist there alone."""
        return demonstration.is_demonstration(self.donnees)

    @property
    def grappe(self) -> Grappe:
        """The laptop's PostgreSQL."""
        impose = os.environ.get("AV_POSTGRES_BIN")
        return Grappe(
            self.donnees,
            self.port_postgres,
            self.secrets["postgres"],
            rapide=os.environ.get("AV_POSTGRES_RAPIDE") == "1",
            binaires=Path(impose) if impose else None,
        )

    def build_dsn(self, base: str, role: str) -> str:
        """Return the address of a database for a role, password included."""
        return self.grappe.dsn(base, role, self.secrets[role])

    def build_environnement(self) -> dict[str, str]:
        """Return the environment of every Airflow process: paths, connections, secrets, and loopback only."""
        metadonnees = self.build_dsn(METADONNEES, ROLE_METADONNEES).replace(
            "postgresql://", "postgresql+psycopg://"
        )
        reglages = {
            "CORE__DAGS_FOLDER": str(self.dags),
            "CORE__PLUGINS_FOLDER": str(PROJET / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            # Uncompressed, the graph of assets asks PostgreSQL for a JSON path as text: psycopg 3 gives an error.
            "CORE__COMPRESS_SERIALIZED_DAGS": "True",
            "CORE__EXECUTOR": "LocalExecutor",
            "CORE__PARALLELISM": str(_count_parallel()),
            "CORE__EXECUTION_API_SERVER_URL": f"{self.adresse}/execution/",
            "CORE__FERNET_KEY": base64.urlsafe_b64encode(self.secrets["fernet"].encode()[:32]).decode(),
            "CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin",
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.donnees / "motdepasse-airflow.json"),
            "DATABASE__SQL_ALCHEMY_CONN": metadonnees,
            "DATABASE__SQL_ALCHEMY_CONN_ASYNC": metadonnees,
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.port_airflow),
            "API__BASE_URL": self.adresse,
            "API__WORKERS": "1",
            "API__SECRET_KEY": self.secrets["api"],
            "API_AUTH__JWT_SECRET": self.secrets["jwt"],
            "LOGGING__BASE_LOG_FOLDER": str(self.airflow_home / "logs"),
            "SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "TRIGGERER__ENABLE_HEALTH_CHECK": "False",
            # A month is a chain of short tasks: each waits for the scheduler's next look, a second apart by default.
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            # A DAG's file that changes is read at once; the others need not be every thirty seconds, the default.
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
            # With the default of 5 s, one short task in four keeps its slot that long for nothing.
            "WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        connexions = {nom: self.build_dsn(ENTREPOT, role) for nom, role in ROLES_ENTREPOT.items()}
        connexions["av_metadonnees"] = self.build_dsn(METADONNEES, ROLE_METADONNEES)
        connexions["av_source"] = self.build_dsn(SOURCE, ROLE_SOURCE)
        partage = {"conn_type": "file", "extra": {"url": self.partage.as_uri()}}
        return {
            **{cle: valeur for cle, valeur in os.environ.items() if _is_inherited(cle)},
            # Airflow's processes talk to one another on loopback, never through a proxy.
            **dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost"),
            MARQUE: str(self.airflow_home),
            "AIRFLOW_HOME": str(self.airflow_home),
            "PYTHONPATH": str(PROJET / "config"),
            **{f"AIRFLOW__{cle}": valeur for cle, valeur in reglages.items()},
            **{f"AIRFLOW_CONN_{nom.upper()}": adresse for nom, adresse in connexions.items()},
            "AIRFLOW_CONN_AV_PARTAGE": json.dumps(partage),
            "AV_CLE_IDENTITE": self.secrets["identite"],
            "AV_PLANIFICATION": "false",
            **(demonstration.build_environnement(self.port_courrier) if self.est_demonstration else {}),
            # Four tasks: on few cores, each takes longer to begin than ten lots to write.
            "AV_CAF_PAR_TACHE": os.environ.get("AV_CAF_PAR_TACHE", "26"),
        }

    def require_port(self) -> None:
        """Make sure that Airflow's port is free, and that of the mailbox of a demonstration.

        Raises:
            ErreurAllerVers: something else listens there.
        """
        ports = {"AV_PORT": (self.port_airflow, "celui d'Airflow")}
        if self.est_demonstration:
            ports["AV_PORT_COURRIER"] = (self.port_courrier, "celui de la boîte aux lettres")
        for variable, (port, de_qui) in ports.items():
            with socket.socket() as prise:
                prise.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    prise.bind(("127.0.0.1", port))
                except OSError:
                    raise ErreurAllerVers(
                        f"Le port {port}, {de_qui}, est déjà occupé.",
                        "arrêter le programme qui l'occupe, ou en choisir un autre : donner "
                        f"{variable}={port + 1} devant la commande.",
                    ) from None


def find_donnees() -> Path:
    """Return the folder of this laptop's data, that may not be there yet."""
    return Path(os.environ.get("AV_DONNEES", PROJET / ".donnees")).resolve()


def load_poste() -> Poste:
    """Return this laptop's installation; folders and secrets are made the first time."""
    donnees = find_donnees()
    airflow_home = Path(os.environ.get("AV_AIRFLOW_HOME", PROJET / ".airflow")).resolve()
    donnees.mkdir(parents=True, exist_ok=True)
    poste = Poste(
        donnees=donnees,
        airflow_home=airflow_home,
        port_airflow=_read_port("AV_PORT", 8080),
        port_postgres=_read_port("AV_PORT_POSTGRES", 54329),
        port_courrier=_read_port("AV_PORT_COURRIER", 8025),
        secrets=_load_secrets(donnees / "secrets.json"),
    )
    for dossier in (poste.journaux, donnees / "reference"):
        dossier.mkdir(exist_ok=True)
    for dossier in (poste.partage, airflow_home):  # lots and logs are for their owner alone
        dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
    mots = {"admin": poste.secrets["admin"]}
    if poste.est_demonstration:
        mots |= {acces.nom: demonstration.MOT_DE_PASSE for acces in demonstration.ACCES}
    _write_private(donnees / "motdepasse-airflow.json", json.dumps(mots))
    return poste


def _load_secrets(fichier: Path) -> dict[str, str]:
    connus: dict[str, str] = json.loads(fichier.read_text()) if fichier.exists() else {}
    manquants = {nom: secrets.token_hex(32) for nom in (*_SECRETS, "fernet") if nom not in connus}
    if manquants:
        connus |= manquants
        _write_private(fichier, json.dumps(connus, indent=2))
    return connus


def _write_private(fichier: Path, texte: str) -> None:
    temporaire = fichier.with_name(f".{fichier.name}.{os.getpid()}")
    with os.fdopen(os.open(temporaire, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as flux:
        flux.write(texte)
    temporaire.replace(fichier)


def _read_port(nom: str, defaut: int) -> int:
    texte = os.environ.get(nom, str(defaut))
    if not texte.isdecimal() or not 1024 <= int(texte) <= 65535:
        raise ErreurAllerVers(f"{nom}={texte} n'est pas un port.", "donner un nombre entre 1024 et 65535.")
    return int(texte)


def _is_inherited(cle: str) -> bool:
    return cle != "PYTHONDONTWRITEBYTECODE" and not cle.startswith("AIRFLOW_")


def _count_parallel() -> int:
    return max(4, min(16, 4 * (os.cpu_count() or 2)))
