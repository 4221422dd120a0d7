"""One real Airflow for every test here: a reduced network, its own folders and ports, months apart."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from mois_reel_outils import forget_reference, write_reduced_reference
from rich.console import Console
from serveurs import find_free_port

from aller_vers.commandes import mois_sur_le_poste as commandes
from aller_vers.poste import demonstration, postgres
from aller_vers.poste.installation import ENTREPOT, METADONNEES, SOURCE, Poste, load_poste

CANARIS = (
    ("canari.zibeline@courriel.example.org", "01 99 00 71 23"),
    ("CANARI.Loutre@courriel.example.net ", "+33199007124"),
    ("canari.putois@@courriel.example.com", "0199 00 71 25 / 0199007126"),
)
MOIS_DES_CANARIS = ("2025-06", "2025-07", "2025-08", "2025-10")


class Reel:
    """A running installation, and what a person does with it."""

    def __init__(self, poste: Poste) -> None:
        self.poste = poste
        self._lectures: dict[str, psycopg.Connection[Any]] = {}

    def run(
        self, *arguments: str, entree: str = "", **environnement: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of the project as a person would."""
        return subprocess.run(
            [sys.executable, "-m", "aller_vers", *arguments],
            env={**os.environ, "COLUMNS": "200", **environnement},
            input=entree,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    @contextmanager
    def base(self, nom: str) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.poste.grappe.dsn(nom), autocommit=True) as connexion:
            yield connexion

    def fetch(self, requete: str, *valeurs: object, base: str = ENTREPOT) -> list[tuple[Any, ...]]:
        """Read, on a connection kept for those who wait and read again and again."""
        if base not in self._lectures:
            self._lectures[base] = psycopg.connect(self.poste.grappe.dsn(base), autocommit=True)
        return self._lectures[base].execute(requete, valeurs or None).fetchall()  # type: ignore[arg-type]

    def fetch_metadonnees(self, requete: str, *valeurs: object) -> list[tuple[Any, ...]]:
        return self.fetch(requete, *valeurs, base=METADONNEES)

    def alter_source(self, *ordres: str) -> None:
        with self.base(SOURCE) as connexion:
            for ordre in ordres:
                connexion.execute(ordre)  # type: ignore[arg-type]

    def lots(self, mois: str) -> dict[str, bytes]:
        return {
            str(f.relative_to(self.poste.partage)): f.read_bytes()
            for f in self.poste.partage.glob(f"*/{mois}/v*/*")
        }


class Maison:
    """The one Airflow of these tests: open from the first of them that asks for it until the last of the folder."""

    def __init__(self) -> None:
        self.ouverte: ExitStack | None = None
        self.reglages: dict[str, str] = {}
        self.reel: Reel | None = None

    @contextmanager
    def live_in(self) -> Iterator[None]:
        """Give this process the settings and the reduced network of the installation, and take them back."""
        with pytest.MonkeyPatch.context() as environnement:
            for nom, valeur in self.reglages.items():
                environnement.setenv(nom, valeur)
            forget_reference()
            yield
        forget_reference()

    def open(self) -> Reel:
        """Run Airflow as a demonstration on a reduced network, in folders and on ports of its own."""
        if self.reel is not None:
            return self.reel
        racine = Path(tempfile.mkdtemp(prefix="aller-vers-mois-"))
        racine.chmod(0o755)
        write_reduced_reference(racine / "reference")
        self.reglages = {
            "AV_DONNEES": str(racine / "donnees"),
            "AV_AIRFLOW_HOME": str(racine / "airflow"),
            "AV_REFERENCE": str(racine / "reference"),
            "AV_PORT": str(find_free_port()),
            "AV_PORT_POSTGRES": str(find_free_port()),
            "AV_PORT_COURRIER": str(find_free_port()),
            "AV_POSTGRES_RAPIDE": "1",
        }
        (racine / "donnees").mkdir()
        demonstration.mark(racine / "donnees", prete=True)
        with ExitStack() as pile, self.live_in():
            poste = load_poste()
            pile.callback(shutil.rmtree, racine, ignore_errors=True)
            pile.callback(postgres.remove, poste.donnees)
            pile.callback(commandes.stop_poste, poste)
            commandes.start_poste(Console(stderr=True), poste, garder=True)
            self.reel = Reel(poste)
            _add_canaris(self.reel.alter_source)
            self.ouverte = pile.pop_all()
        return self.reel

    def close(self) -> None:
        """Stop it: what runs after these tests finds neither an Airflow nor a reduced network."""
        if self.ouverte is not None:
            with self.live_in():
                self.ouverte.close()
        self.ouverte = self.reel = None


MAISON = Maison()


@pytest.fixture(scope="module")
def reel() -> Iterator[Reel]:
    """Give the one Airflow of these tests, as ``make demo`` opens it, and live in it for the length of a file."""
    airflow = MAISON.open()
    with MAISON.live_in():
        yield airflow


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    """Stop Airflow after the last test of this folder, whatever runs next in the same process."""
    try:
        return (yield)
    finally:
        if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
            MAISON.close()


def _add_canaris(alter: Callable[..., None]) -> None:
    """Add to every month of the tests three recognisable people of the Var; one of them cannot be reached."""
    ordres = []
    for rang, (courriel, telephone) in enumerate(CANARIS):
        numero = 8_000_000_000_000_000 + rang
        ordres += [
            f"INSERT INTO dossier (id_dossier, code_caf, code_postal) VALUES ({numero + 100}, '831', '83000')",
            "INSERT INTO personne (id_personne, id_dossier, courriel, telephone, opposition_contact) "
            f"VALUES ({numero}, {numero + 100}, '{courriel}', '{telephone}', false)",
        ]
        ordres += [
            "INSERT INTO demande (id_demande, id_personne, code_caf, code_caf_gestionnaire, prestation, nature, "
            f"date_depot, etat) VALUES ({numero + 1000 * (m + 1)}, {numero}, '831', '831', 'AJPA', 'initiale', "
            f"'{mois}-15', 'deposee')"
            for m, mois in enumerate(MOIS_DES_CANARIS)
        ]
    alter(*ordres)
