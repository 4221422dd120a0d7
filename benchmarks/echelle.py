"""What a month costs by applicant and by Caf: the same steps at several sizes, in one run, without Airflow.

Usage: ``python benchmarks/echelle.py [--facteurs 1 10 100]`` (times the national volume). Prints, by size, the
seconds of processor of each step (its processes and PostgreSQL together) and those of the clock, the peak of memory of
a process, what the warehouse and the share take; then what one more applicant costs. Lots are written and read back by
as many processes as the machine has cores, ten Caf at a time.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import psycopg
from grappe_jetable import count_processeur, find_maitre
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, text

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.porte import publish_marts
from aller_vers.lots.a_deposer import choose_caf
from aller_vers.lots.depot import write_lot
from aller_vers.lots.relecture import judge_lots, profile_lots
from aller_vers.partage.partage import Partage
from aller_vers.poste.postgres import Grappe, remove, running_grappe
from aller_vers.poste.synthetique import Parametres, fill_source
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import judge_requete, measure_mois, profile, publish_mois
from aller_vers.socle.entrepot import keep_connexions, open_transaction
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import Reglages

MOIS = Mois(2025, 6)
AJPA, AJPP = 1350, 450
MAINTENANT = datetime(2025, 7, 1, 4, tzinfo=UTC)
RUN = "banc"
PERSONNES = "demandeurs transmissibles"
Mesures = dict[str, float]
HORLOGE = " (s d'horloge)"
PAR_TACHE = 10


def write(adresse: str, partage: str, cle: str, codes: Sequence[str]) -> int:
    """Write the lots of these Caf; return this process's peak of memory in kB."""
    reglages = Reglages(cle_identite=SecretStr(cle))
    with keep_connexions():
        for code_caf in codes:
            with open_transaction(adresse, "av_entrepot") as entrepot:
                write_lot(entrepot, Partage(partage), reglages, MOIS, code_caf, MAINTENANT)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def read(adresse: str, partage: str, codes: Sequence[str]) -> int:
    """Read the lots of these Caf back; return as ``write`` does."""
    with open_transaction(adresse, "av_entrepot") as entrepot:
        profile_lots(entrepot, Partage(partage), MOIS, RUN, codes=codes)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


class Banc:
    """A source of so many times the national volume, an empty warehouse and an empty share."""

    def __init__(
        self, grappe: Grappe, racine: Path, nom: str, facteur: int, ouvriers: ProcessPoolExecutor
    ) -> None:
        bases = (f"source_{nom}", f"entrepot_{nom}")
        self.maitre, self.ouvriers, self.octets = find_maitre(grappe), ouvriers, 0
        self.source, self.entrepot = map(grappe.dsn, bases)
        with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
            for base in bases:
                connexion.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(base)))
        fill_source(
            self.source,
            Parametres(
                mois_debut=MOIS, nb_mois=1, variation_mensuelle=0, avec_parcours=False,
                demandes_ajpa_par_mois=AJPA * facteur, demandes_ajpp_par_mois=AJPP * facteur,
            ),
        )  # fmt: skip
        with open_transaction(self.entrepot, "av_entrepot") as connexion:
            migrate(connexion)
            load_reference(connexion, exemples=True)
        self.dossier = racine / nom
        self.dossier.mkdir()

    def run(self) -> Mesures:
        """Carry out the month; return seconds by step, then sizes."""
        mesures: Mesures = {}

        def clock(nom: str, faire: Callable[[Connection], object]) -> None:
            debut, heure = count_processeur(self.maitre), time.monotonic()
            with open_transaction(self.entrepot, "av_entrepot") as entrepot:
                faire(entrepot)
            mesures[nom] = count_processeur(self.maitre) - debut
            mesures[nom + HORLOGE] = time.monotonic() - heure

        clock("extraire", self._extract)
        clock("nettoyer", lambda e: clean_demandeurs(e, str(MOIS)))
        clock("compter les règles", lambda e: profile(e, MOIS, RUN))
        clock("juger", lambda e: judge_requete(e, MOIS, RUN))
        clock("publier", lambda e: publish_mois(e, MOIS, RUN, depot=True))
        clock("mesurer", lambda e: measure_mois(e, MOIS))
        ici = (self.entrepot, self.dossier.as_uri())
        clock("écrire 101 lots", lambda e: self._share(e, partial(write, *ici, secrets.token_hex(16))))
        clock("relire 101 lots", lambda e: self._share(e, partial(read, *ici)))
        clock("juger 101 lots", lambda e: judge_lots(e, MOIS, RUN))
        clock("indicateurs", lambda e: publish_marts(e, [MOIS], RUN, load_dictionnaire(), 5))
        for suite in ("", HORLOGE):
            mesures["le mois" + suite] = sum(
                v for nom, v in mesures.items() if nom.endswith(HORLOGE) == bool(suite)
            )
        return mesures | self._weigh()

    def _extract(self, entrepot: Connection) -> None:
        with open_transaction(self.source, "av_source") as source:
            extract_demandeurs(source, entrepot, MOIS, ("initiale", "renouvellement"), date(2025, 7, 1))

    def _share(self, entrepot: Connection, faire: Callable[[Sequence[str]], int]) -> None:
        """Share the lots among the workers."""
        codes = choose_caf(entrepot, MOIS)
        groupes = [codes[rang : rang + PAR_TACHE] for rang in range(0, len(codes), PAR_TACHE)]
        self.octets = max(self.octets, *self.ouvriers.map(faire, groupes))

    def _weigh(self) -> Mesures:
        with open_transaction(self.entrepot, "av_entrepot") as entrepot:
            personnes = entrepot.execute(text("SELECT count(*) FROM core.demandeur")).scalar_one()
            octets = entrepot.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
        lots = sum(f.stat().st_size for f in self.dossier.rglob("*") if f.is_file())
        return {
            PERSONNES: personnes,
            "entrepôt (Mo)": octets / 1e6,
            "partage (Mo)": lots / 1e6,
            # Sizes go up: the highest so far is this one's.
            "mémoire d'un processus (Mo)": max(
                self.octets, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            )
            / 1e3,
        }


def main() -> None:
    """Measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--facteurs", type=int, nargs="+", default=[1, 10, 100])
    analyseur.add_argument(
        "--a-froid", action="store_true", help="without a first month that nobody measures"
    )
    choix = analyseur.parse_args()
    facteurs = sorted(choix.facteurs)
    racine = Path(tempfile.mkdtemp(prefix="aller-vers-banc-"))
    racine.chmod(0o755)
    grappes, partages = racine / "grappe", racine / "partages"
    for dossier in (grappes, partages):
        dossier.mkdir()
        dossier.chmod(0o755)
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = prise.getsockname()[1]
    try:
        with (
            running_grappe(grappes, port, secrets.token_urlsafe()) as grappe,
            ProcessPoolExecutor(os.cpu_count(), multiprocessing.get_context("spawn")) as ouvriers,
        ):
            if not choix.a_froid:
                Banc(grappe, partages, "essai", 1, ouvriers).run()  # imports and caches
            tout: list[Mesures] = []
            for facteur in facteurs:
                tout.append(Banc(grappe, partages, str(facteur), facteur, ouvriers).run())
                print(
                    f"× {facteur} : " + ", ".join(f"{nom} {v:.2f}" for nom, v in tout[-1].items()), flush=True
                )
    finally:
        remove(grappes)
        shutil.rmtree(racine, ignore_errors=True)
    petit, grand = tout[0], tout[-1]
    if personnes := grand[PERSONNES] - petit[PERSONNES]:
        print("un demandeur de plus, en microsecondes :")
        for nom in petit:
            if "(" not in nom and nom != PERSONNES:
                print(f"{nom:24}{1e6 * (grand[nom] - petit[nom]) / personnes:8.1f}")


if __name__ == "__main__":
    main()
