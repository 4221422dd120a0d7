"""The same month twice beside itself: each step that is run a second time while the first has not ended ends well."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from lots_exemples import make_reglages
from mesures_exemples import JUIN, Source
from sqlalchemy import Connection, Engine, text

from aller_vers.diffusion.publication import load_arrondi, publish_diffusion
from aller_vers.indicateurs.dictionnaire import load_dictionnaire
from aller_vers.indicateurs.modele import load_reseau
from aller_vers.indicateurs.porte import publish_marts
from aller_vers.lots.relecture import judge_lots, profile_lots
from aller_vers.mesures.a_la_source import copy_mesures
from aller_vers.mesures.stockage import store_mesures
from aller_vers.partage.partage import Partage
from aller_vers.requete import publication
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.retours.jugement import profile_retours
from aller_vers.retours.publication import publish_retours, store_retours
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.referentiel_entrepot import load_reference

DICTIONNAIRE = tuple(load_dictionnaire())


@dataclass
class Ici:
    """What a step works on; ``entrepot`` is in a transaction of its own."""

    source: Connection
    entrepot: Connection
    qualite: Connection
    partage: Partage


# In the order of the month: each finds what the former ones have left.
ETAPES: dict[str, Callable[[Ici], object]] = {
    "référence": lambda i: load_reference(i.entrepot, exemples=True),
    "extraire": lambda i: extract_demandeurs(i.source, i.entrepot, JUIN, ("initiale",), date(2025, 7, 1)),
    "nettoyer": lambda i: clean_demandeurs(i.entrepot, str(JUIN)),
    "compter": lambda i: publication.profile(i.entrepot, JUIN, "r1"),
    "juger": lambda i: publication.judge_requete(i.qualite, JUIN, "r1"),
    "publier": lambda i: publication.publish_mois(i.entrepot, JUIN, "r1", depot=True),
    "mesurer": lambda i: store_mesures(i.entrepot, "requete", JUIN),
    "relire": lambda i: profile_lots(i.entrepot, i.partage, JUIN, "r1"),
    "juger les lots": lambda i: judge_lots(i.qualite, JUIN, "r1"),
    "services": lambda i: copy_mesures(
        i.source, i.entrepot, JUIN, make_reglages(), tuple(load_caf()), suivi=False
    ),
    "compter les retours": lambda i: profile_retours(i.entrepot, "r1"),
    "publier les retours": lambda i: publish_retours(i.entrepot, "r1", make_reglages()),
    "mesurer les retours": lambda i: store_retours(
        i.entrepot, JUIN, {"jours_retour": 45, "mois_certificat": 4}
    ),
    "indicateurs": lambda i: publish_marts(i.entrepot, [JUIN], "r1", DICTIONNAIRE, 20),
    "diffuser": lambda i: publish_diffusion(
        i.entrepot, DICTIONNAIRE, load_reseau(), load_arrondi(make_reglages()), JUIN
    ),
}


@pytest.fixture
def moteur_etl(dsn_role: Callable[[str], str]) -> Engine:
    return create_moteur(dsn_role("av_etl"))


@pytest.fixture
def moteur_qualite(dsn_role: Callable[[str], str]) -> Engine:
    return create_moteur(dsn_role("av_qualite"))


def test_each_step_run_again_before_the_first_has_ended_ends_well(
    source: Source, moteur_source: Engine, moteur_etl: Engine, moteur_qualite: Engine, tmp_path: Path
) -> None:
    for _ in range(3):
        source.demande(source.personne())
    source.connexion.commit()
    rates: dict[str, str] = {}
    for nom, etape in ETAPES.items():
        run_beside(nom, etape, (moteur_source, moteur_etl, moteur_qualite), Partage(str(tmp_path)), rates)
    assert rates == {}
    with moteur_etl.connect() as entrepot:
        doubles = entrepot.execute(
            text("SELECT mesure FROM marts.mesure GROUP BY mois, mesure, code_caf, code_cpam, modalite, classe"
                 " HAVING count(*) > 1")
        ).all()  # fmt: skip
        assert doubles == []
        assert entrepot.scalar(text("SELECT sum(demandeurs) FROM core.publication")) == 3
        publiees = entrepot.scalar(text("SELECT count(*) FROM diffusion.indicateur"))
        assert publiees


def test_what_the_source_said_last_is_what_stands(
    source: Source, moteur_source: Engine, moteur_etl: Engine
) -> None:
    """The second to count waits for the first, and asks the source only then."""

    def count() -> int:
        with moteur_source.connect() as lu, moteur_etl.begin() as entrepot:
            copy_mesures(lu, entrepot, JUIN, make_reglages(), tuple(load_caf()), suivi=False)
            return int(entrepot.scalar(text("SELECT sum(valeur) FROM marts.mesure")) or 0)

    source.demande(source.personne())
    source.connexion.commit()
    with moteur_source.connect() as lu, moteur_etl.begin() as entrepot:
        copy_mesures(lu, entrepot, JUIN, make_reglages(), tuple(load_caf()), suivi=False)
        comptes = list[int]()
        second = threading.Thread(target=lambda: comptes.append(count()))
        second.start()
        time.sleep(0.5)  # it reaches what it waits for
        source.demande(source.personne())
        source.connexion.commit()
    second.join(60)
    assert comptes == [count()]


def run_beside(
    nom: str, etape: Callable[[Ici], object], moteurs: tuple[Engine, Engine, Engine], partage: Partage,
    rates: dict[str, str],
) -> None:  # fmt: skip
    """Run a step, and before its transaction ends the same one in another."""

    a_la_source, etl, de_la_qualite = moteurs

    def second() -> None:
        try:
            with a_la_source.connect() as source, etl.begin() as entrepot, de_la_qualite.begin() as qualite:
                etape(Ici(source, entrepot, qualite, partage))
        except Exception as erreur:  # noqa: BLE001 - whatever it is, the test tells it
            rates[nom] = f"{type(erreur).__name__} {str(erreur)[:200]}"

    fil = threading.Thread(target=second)
    with a_la_source.connect() as source, etl.begin() as entrepot, de_la_qualite.begin() as qualite:
        etape(Ici(source, entrepot, qualite, partage))
        fil.start()
        time.sleep(0.5)  # it reaches what it waits for, or what it should have waited for
    fil.join(60)
    assert not fil.is_alive(), nom
