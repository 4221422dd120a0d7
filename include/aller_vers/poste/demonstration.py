"""The demonstration: four accounts whose password everybody may read, and a mailbox for all that leaves.

They exist where ``make demo`` has left its mark in the data folder, and nowhere else.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aller_vers.socle.referentiel import load_caf

MOT_DE_PASSE = "demo"
_MARQUE, _EN_COURS, _PRETE = "demonstration", "en cours", "prête"


@dataclass(frozen=True)
class Acces:
    """An account of the demonstration: its name, its role in Airflow's simple manager, who it stands for."""

    nom: str
    role: str
    qui: str


ACCES = (
    Acces("equipe", "user", "équipe nationale"),
    Acces("ingenieur", "op", "ingénieur de données"),
    Acces("dpd", "viewer", "délégué à la protection des données"),
    Acces("lecture", "viewer", "qui lit sans agir"),
)


def is_demonstration(donnees: Path) -> bool:
    """Tell whether this data folder is one of ``make demo``."""
    return (donnees / _MARQUE).is_file()


def is_prete(donnees: Path) -> bool:
    """Tell whether its year was lived to the end."""
    return is_demonstration(donnees) and (donnees / _MARQUE).read_text(encoding="utf-8") == _PRETE


def mark(donnees: Path, *, prete: bool) -> None:
    """Make of this data folder one of the demonstration; ``prete``: its year is lived."""
    (donnees / _MARQUE).write_text(_PRETE if prete else _EN_COURS, encoding="utf-8")


def find_courrier(donnees: Path) -> Path:
    """Return the folder where the mail of the demonstration is read, one ``.eml`` a message."""
    return donnees / "courrier"


def build_boite(donnees: Path, port: int) -> list[str]:
    """Return the command of the mailbox."""
    return [
        sys.executable,
        "-m",
        "aller_vers.poste.boite_aux_lettres",
        str(port),
        str(find_courrier(donnees)),
    ]


def build_environnement(port: int) -> Mapping[str, str]:
    """Return what Airflow's processes are told besides: the accounts, the mailbox, an address for everybody."""
    adresses = {code: [f"caf{code}@example.org"] for code in load_caf()}
    return {
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(
            ["admin:admin", *(f"{a.nom}:{a.role}" for a in ACCES)]
        ),
        "AIRFLOW_CONN_AV_SMTP": json.dumps(
            {
                "conn_type": "smtp", "host": "127.0.0.1", "port": port,
                "extra": {"from": "aller-vers@example.org", "starttls": False},
            }
        ),
        "AV_ADRESSES_EQUIPE_NATIONALE": json.dumps(["equipe.nationale@example.org"]),
        "AV_ADRESSES_CAF": json.dumps(adresses),
    }  # fmt: skip
