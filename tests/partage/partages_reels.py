"""The real servers that a share may stand on, for every room that needs a share."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import quote

import pytest
from serveurs import SERVEURS, Serveur, find_free_port, give

from aller_vers.partage.partage import Partage


@pytest.fixture
def start_serveur() -> Iterator[Callable[[str], Serveur]]:
    """Give what starts a server of this protocol for one test, that may end or freeze it."""
    with ExitStack() as pile:
        yield lambda protocole: _start(pile, protocole)


@pytest.fixture(scope="session")
def serveur_commun() -> Iterator[Callable[[str], Serveur]]:
    """Give the session's server of this protocol, started when the first test asks for it."""
    demarres: dict[str, Serveur] = {}
    with ExitStack() as pile:

        def find(protocole: str) -> Serveur:
            if protocole not in demarres:
                demarres[protocole] = _start(pile, protocole)
            return demarres[protocole]

        yield find


@pytest.fixture(params=["file", *SERVEURS])
def support(
    request: pytest.FixtureRequest, serveur_commun: Callable[[str], Serveur], tmp_path: Path
) -> Serveur:
    """Give an empty share, on each kind in turn, in a folder whose name has a space and an accent."""
    if request.param == "file":
        racine = tmp_path / "Mes données"
        racine.mkdir()
        return Serveur(racine.as_uri(), {}, racine)
    serveur = serveur_commun(request.param)
    nom = f"Mes données {secrets.token_hex(6)}"
    adresse = f"{serveur.adresse}/{quote(nom)}"
    if serveur.racine is None:
        return Serveur(adresse, serveur.options, None)
    (serveur.racine / nom).mkdir()
    give(serveur.racine / nom)
    return Serveur(adresse, serveur.options, serveur.racine / nom)


@pytest.fixture
def partage(support: Serveur) -> Partage:
    """Give that share."""
    return Partage(support.adresse, support.options)


def _start(pile: ExitStack, protocole: str) -> Serveur:
    # Not below pytest's own folders: they are closed to the servers' account.
    dossier = Path(tempfile.mkdtemp(prefix=f"aller-vers-{protocole}-"))
    pile.callback(shutil.rmtree, dossier)
    dossier.chmod(0o755)
    serveur: Serveur = pile.enter_context(SERVEURS[protocole](dossier, find_free_port()))
    return serveur
