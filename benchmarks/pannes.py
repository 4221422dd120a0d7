"""Faults: a month's steps killed, the database killed, the share gone, full or spoilt, drawn by a seed; then one rerun.

Usage: ``python benchmarks/pannes.py [--tours 10] [--coups 3] [--caf 12] [--graine 1]``; interrupted, it tells the tours
that it has ended. After each tour one undisturbed rerun has to leave the share byte for byte, the ledger and the outbox
as a month without a fault leaves them, with whole chains. Prints each difference, then how many deaths there were and
how many differences; exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
from grappe_jetable import running_jetable
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, text

from aller_vers.lots.avis import queue_digest
from aller_vers.lots.depot import write_lot
from aller_vers.lots.relecture import judge_lots, profile_lots
from aller_vers.partage.partage import Partage
from aller_vers.poste.postgres import Grappe, dossier_effectif
from aller_vers.poste.synthetique import Parametres, fill_source
from aller_vers.requete.extraction import extract_demandeurs
from aller_vers.requete.nettoyage.passe import clean_demandeurs
from aller_vers.requete.publication import judge_requete, measure_mois, profile, publish_mois
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.francais import count
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.trace import verify_trace

MOIS, RUN = Mois(2025, 6), "pannes"
MAINTENANT = datetime(2025, 7, 1, 4, tzinfo=UTC)
REGLAGES = Reglages(cle_identite=SecretStr("p" * 32))
PATIENCE_S = 120
_TRACE = "SELECT code_caf, version, etat, count(*) FROM suivi.evenement GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
_AVIS = "SELECT cle FROM suivi.avis ORDER BY 1"
_PUBLIE = "SELECT demandeurs, transmissibles FROM core.publication"


@dataclass(frozen=True)
class Lieu:
    """A tour's own warehouse and share, and the source that all tours read."""

    source: str
    entrepot: str
    racine: Path
    caf: tuple[str, ...]

    def run(self) -> None:
        """Carry out the month, each step in a transaction of its own."""
        for etape in self._list_etapes():
            with open_transaction(self.entrepot, "av_entrepot") as entrepot:
                etape(entrepot)

    def _list_etapes(self) -> Iterator[Callable[[Connection], object]]:
        partage = Partage(self.racine.as_uri())
        yield self._extract
        yield lambda e: clean_demandeurs(e, str(MOIS))
        yield lambda e: profile(e, MOIS, RUN)
        yield lambda e: judge_requete(e, MOIS, RUN)
        yield lambda e: publish_mois(e, MOIS, RUN, depot=True)
        yield lambda e: measure_mois(e, MOIS)
        for code in self.caf:
            yield lambda e, code=code: write_lot(e, partage, REGLAGES, MOIS, code, MAINTENANT)  # type: ignore[misc]
        yield lambda e: profile_lots(e, partage, MOIS, RUN, lambda _: None)
        yield lambda e: judge_lots(e, MOIS, RUN)
        yield lambda e: queue_digest(e, MOIS)

    def _extract(self, entrepot: Connection) -> None:
        with open_transaction(self.source, "av_source") as source:
            extract_demandeurs(source, entrepot, MOIS, ("initiale", "renouvellement"), date(2025, 7, 1))

    def read(self) -> dict[str, Any]:
        """Return what the month has left: every file, every event, every notice, the count, what breaks a chain."""
        with open_transaction(self.entrepot, "av_entrepot") as entrepot:
            lus = {
                ordre: [tuple(ligne) for ligne in entrepot.execute(text(ordre))]
                for ordre in (_TRACE, _AVIS, _PUBLIE)
            }
            ruptures = verify_trace(entrepot)
        fichiers = {
            str(f.relative_to(self.racine)): f.read_bytes() for f in self.racine.rglob("*") if f.is_file()
        }
        return {**lus, "ruptures": ruptures, "fichiers": fichiers}


def work(lieu: Lieu, octets: int | None) -> None:
    """Be the worker: silent, with no file larger than so many bytes (a share that fills up)."""
    os.setsid()
    with open(os.devnull, "w") as rien:  # noqa: PTH123 - a descriptor
        os.dup2(rien.fileno(), 2)
    if octets is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))
    lieu.run()


class Pannes:
    """The faults of a seed, and how many deaths they made."""

    def __init__(self, grappe: Grappe, graine: str, duree: float) -> None:
        self._grappe, self._hasard, self._duree = grappe, random.Random(graine), duree  # noqa: S311
        self.morts: Counter[str] = Counter()

    def strike(self, lieu: Lieu) -> None:
        """Begin the month and strike it once, anywhere."""
        panne = self._hasard.choice(("travail", "travail", "base", "partage parti", "plein", "abîmé"))
        attente = self._hasard.uniform(0, 0.7 * self._duree)  # whoever has ended is not struck
        octets = self._hasard.choice((0, 300, 4_000)) if panne == "plein" else None
        travail = multiprocessing.get_context("fork").Process(target=work, args=(lieu, octets))
        travail.start()
        travail.join(attente)
        if panne == "travail" and travail.is_alive():
            travail.kill()
        elif panne == "base":
            self._kill_base()
        elif panne == "partage parti":
            with _elsewhere(lieu.racine):
                travail.join(self._duree / 3)
        elif panne == "abîmé":
            self._spoil(lieu, travail)
        travail.join(PATIENCE_S)
        self.morts[panne] += travail.exitcode != 0

    def _kill_base(self) -> None:
        fichier = dossier_effectif(self._grappe.dossier) / "postmaster.pid"
        os.kill(int(fichier.read_text().split()[0]), signal.SIGKILL)
        self._grappe.start()

    def _spoil(self, lieu: Lieu, travail: Any) -> None:
        """Put a file in the place of a Caf's folder for a while."""
        vise = lieu.racine / self._hasard.choice(lieu.caf)
        with _elsewhere(vise) if vise.exists() else nullcontext():
            vise.write_text("")
            travail.join(self._duree / 3)
            vise.unlink()


@contextmanager
def _elsewhere(dossier: Path) -> Iterator[None]:
    ailleurs = dossier.with_name(f"{dossier.name}-ailleurs")
    dossier.rename(ailleurs)
    try:
        yield
    finally:
        shutil.rmtree(dossier, ignore_errors=True)
        ailleurs.rename(dossier)


def make_lieu(grappe: Grappe, racine: Path, nom: str, source: str, caf: tuple[str, ...]) -> Lieu:
    """Make a tour's warehouse and share."""
    base = f"entrepot_{nom}"
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(base), sql.Identifier("modele"))
        )
    dossier = racine / nom / "partage"
    dossier.mkdir(parents=True)
    return Lieu(source, grappe.dsn(base), dossier, caf)


def prepare(grappe: Grappe) -> str:
    """Make the source and the model of the warehouses; return the source's address."""
    with psycopg.connect(grappe.dsn(), autocommit=True) as connexion:
        connexion.execute("CREATE DATABASE source")
        connexion.execute("CREATE DATABASE modele")
    fill_source(
        grappe.dsn("source"),
        Parametres(
            mois_debut=MOIS,
            nb_mois=1,
            variation_mensuelle=0,
            avec_parcours=False,
            demandes_ajpa_par_mois=300,
            demandes_ajpp_par_mois=100,
        ),
    )
    with open_transaction(grappe.dsn("modele"), "av_entrepot") as connexion:
        migrate(connexion)
        load_reference(connexion, exemples=True)
    with psycopg.connect(
        grappe.dsn(), autocommit=True
    ) as connexion:  # a model is copied while nobody is in it
        connexion.execute("ALTER DATABASE modele WITH ALLOW_CONNECTIONS false")
        connexion.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = 'modele'"
        )
    return grappe.dsn("source")


def main() -> None:
    """Play the tours, and compare."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--tours", type=int, default=10)
    analyseur.add_argument("--coups", type=int, default=3, help="faults in a tour")
    analyseur.add_argument("--caf", type=int, default=12, help="lots written in a tour")
    analyseur.add_argument("--graine", default="1")
    choix = analyseur.parse_args()
    racine = Path(tempfile.mkdtemp(prefix="aller-vers-pannes-"))
    racine.chmod(0o755)
    for arret in (signal.SIGINT, signal.SIGTERM):  # a shell gives the first to nobody in the background
        signal.signal(arret, signal.default_int_handler)
    differences, faits, morts = 0, 0, Counter[str]()
    try:
        with suppress(KeyboardInterrupt), running_jetable() as grappe:
            source, caf = prepare(grappe), tuple(sorted(load_caf())[: choix.caf])
            make_lieu(grappe, racine, "essai", source, caf).run()  # imports and caches, timed by nobody
            temoin = make_lieu(grappe, racine, "temoin", source, caf)
            debut = time.monotonic()
            temoin.run()
            duree, attendu = time.monotonic() - debut, temoin.read()
            for tour in range(1, choix.tours + 1):
                lieu = make_lieu(grappe, racine, f"tour_{tour}", source, caf)
                pannes = Pannes(grappe, f"{choix.graine}/{tour}", duree)
                for _ in range(choix.coups):
                    pannes.strike(lieu)
                lieu.run()
                lu = lieu.read()
                for quoi in (q for q in attendu if lu[q] != attendu[q]):
                    differences += 1
                    print(f"tour {tour} : {quoi} diffère", flush=True)
                morts += pannes.morts
                faits = tour
                shutil.rmtree(lieu.racine)
    finally:
        shutil.rmtree(racine, ignore_errors=True)
    print(
        f"{count(faits, 'tour')}, {count(morts.total(), 'mort')} ({dict(morts)}), "
        f"{count(differences, 'différence', feminin=True)}"
    )
    if differences:
        sys.exit(1)


if __name__ == "__main__":
    main()
