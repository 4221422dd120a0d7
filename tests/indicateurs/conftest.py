"""The examples of the request and of the indicators serve the marts too."""

import sys
from pathlib import Path

for dossier in ("requete", "indicateurs"):
    sys.path.insert(0, str(Path(__file__).parents[1] / dossier))

from airflow_isole import isolate_airflow  # noqa: E402

isolate_airflow()

import pytest  # noqa: E402
from reseaux import RESEAU  # noqa: E402
from sqlalchemy import Connection, text  # noqa: E402


@pytest.fixture
def reseau(entrepot: Connection) -> Connection:
    """Give a warehouse of four Caf and four Cpam, as ``av_etl``."""
    entrepot.execute(text("DELETE FROM marts.caf"))
    entrepot.execute(text("DELETE FROM marts.cpam"))
    entrepot.execute(
        text("INSERT INTO marts.caf VALUES (:code, 'Caf', 'Caf', :region)"),
        [{"code": code, "region": region} for code, region in RESEAU.caf.items()],
    )
    entrepot.execute(
        text(
            "INSERT INTO marts.cpam (code_cpam, nom, type, code_region) VALUES (:code, 'Cpam', 'CPAM', :region)"
        ),
        [{"code": code, "region": region} for code, region in RESEAU.cpam.items()],
    )
    for (_, code), vie in RESEAU.vies.items():
        entrepot.execute(
            text("UPDATE marts.caf SET valable_au = :au, successeur = :successeur WHERE code_caf = :code"),
            {"code": code, "au": vie.valable_au, "successeur": vie.successeur},
        )
    entrepot.execute(text("DELETE FROM marts.groupe"))
    entrepot.execute(
        text("INSERT INTO marts.groupe VALUES (:code, 'Groupe', :caf, :cpam, :depuis)"),
        [
            {"code": code, "caf": caf, "cpam": cpam, "depuis": depuis and str(depuis)}
            for code, membres in RESEAU.groupes.items() for caf, cpam, depuis in membres
        ],
    )  # fmt: skip
    entrepot.execute(text("SET ROLE av_etl"))
    return entrepot


@pytest.fixture
def etl(entrepot: Connection) -> Connection:
    """Give the warehouse as ``av_etl``, nothing committed."""
    entrepot.execute(text("SET ROLE av_etl"))
    return entrepot
