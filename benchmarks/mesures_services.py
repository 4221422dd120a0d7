"""A month's measures at the source with 60 months of history, against the same month with 6; then the 60 at once.

Usage: ``python benchmarks/mesures_services.py [--contacts 5000000] [--fois 5] [--plans]``. The months are alike: the
ratio says whether history is read for nothing (wanted: at most 1.2). Then the history, of the national volume of
applications at the default size, is taken up as ``reprendre-historique`` does (wanted: under a minute). Seconds of
processor, of this process and of PostgreSQL's: medians, runs interleaved. ``--plans`` prints what each measure reads.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

from grappe_jetable import count_processeur, find_maitre, running_jetable
from rich.console import Console
from sqlalchemy import Connection, Engine, text

from aller_vers.indicateurs import load_dictionnaire
from aller_vers.indicateurs.historique import resume_historique
from aller_vers.mesures.a_la_source import build_parametres, copy_mesures, load_mesures
from aller_vers.poste.postgres import Grappe
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import Reglages
from aller_vers.socle.sql import load_sql, read_sql

MOIS = Mois(2025, 6)
DERNIER = MOIS.shift(4)
HISTOIRES = (6, 60)
Bases = tuple[Engine, Engine]  # the source and the warehouse

# Ids follow time, as in a register. Every person of a month has its separation, contacts and application.
REMPLISSAGE = """
INSERT INTO personne SELECT n, n, NULL, NULL, false, 'F', 1970 FROM generate_series(1::bigint, :personnes) AS n;
INSERT INTO dossier SELECT n, :caf[(1 + n % 101)::integer], NULL, NULL FROM generate_series(1::bigint, :personnes) AS n;
INSERT INTO separation
SELECT n, n, :caf[(1 + n % 101)::integer], DATE :debut + (n * :jours / :personnes)::integer, n % 3
FROM generate_series(1::bigint, :personnes) AS n;
INSERT INTO contact
SELECT n, 1 + (n - 1) * :personnes / :contacts, :caf[(1 + n % 101)::integer], 'entrant', 'telephone', 'motif' || n % 5,
    DATE :debut + (n * :jours / :contacts)::integer + (n % 100)::integer
FROM generate_series(1::bigint, :contacts) AS n;
INSERT INTO demande
SELECT n, n, :caf[(1 + n % 101)::integer], '831', CASE n % 3 WHEN 0 THEN 'AJPP' ELSE 'AJPA' END, 'initiale', d,
    'accordee', d + (n % 90)::integer, 'parent'
FROM generate_series(1::bigint, :personnes, 10) AS n
CROSS JOIN LATERAL (SELECT DATE :debut + (n * :jours / :personnes)::integer AS d) AS j;
INSERT INTO droit
SELECT n, n, :caf[(1 + n % 101)::integer], CASE n % 10 WHEN 1 THEN n END, n,
    CASE n % 10 WHEN 1 THEN 'AJPA' ELSE 'RSA' END, DATE :debut + (n * :jours / :personnes)::integer, 100, true
FROM generate_series(1::bigint, :personnes) AS n;
INSERT INTO recalcul SELECT n, n, '831', DATE :debut + (n * :jours / :personnes)::integer, 'indu', 10
FROM generate_series(1::bigint, :personnes, 3) AS n;
INSERT INTO rendez_vous
SELECT n, n, '831', n, 'droits', DATE :debut + (n * :jours / :personnes)::integer + 1, true
FROM generate_series(1::bigint, :personnes, 2) AS n;
INSERT INTO accompagnement
SELECT n, n, '831', n, 'accompagnement', DATE :debut + (n * :jours / :personnes)::integer + 1
FROM generate_series(1::bigint, :personnes, 2) AS n;
ANALYZE
"""


def main() -> None:
    """Measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--contacts", type=int, default=5_000_000, help="contact events in 60 months")
    analyseur.add_argument("--fois", type=int, default=5)
    analyseur.add_argument("--plans", action="store_true", help="print what each measure reads")
    choix = analyseur.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    courte, longue = HISTOIRES
    with running_jetable() as grappe:
        maitre = find_maitre(grappe)

        def clock(moteurs: Bases, faire: Callable[[Connection, Connection], object]) -> float:
            source, entrepot = moteurs
            with source.begin() as lue, entrepot.begin() as ecrite:
                debut = count_processeur(maitre)
                faire(lue, ecrite)
                return count_processeur(maitre) - debut

        bases = {mois: create_bases(grappe, mois, choix.contacts * mois // longue) for mois in HISTOIRES}
        secondes: dict[int, list[float]] = defaultdict(list)
        for tour in range(choix.fois + 1):
            for mois, moteurs in bases.items():
                depense = clock(moteurs, measure_mois)
                if tour:  # the first one pays what is imported and planned once
                    secondes[mois].append(depense)
        mediane = {mois: statistics.median(serie) for mois, serie in secondes.items()}
        for mois, depense in mediane.items():
            console.print(f"{mois} mois d'histoire : {depense:.2f} s")
        console.print(f"Rapport : {mediane[longue] / mediane[courte]:.2f} (au plus 1,20)")
        depense = clock(bases[longue], resume_tout)
        console.print(f"{longue} mois repris à la source : {depense:.2f} s (au plus 60)")
        if choix.plans:
            with bases[longue][0].connect() as source:
                _print_plans(console, source)


def create_bases(grappe: Grappe, mois: int, contacts: int) -> Bases:
    """Give a source with that many months of history, and an empty warehouse."""
    with create_moteur(grappe.dsn()).connect() as serveur:
        serveur = serveur.execution_options(isolation_level="AUTOCOMMIT")
        for nom in (f"source_{mois}", f"entrepot_{mois}"):
            serveur.execute(text(f"CREATE DATABASE {nom}"))
    source, entrepot = (create_moteur(grappe.dsn(f"{b}_{mois}")) for b in ("source", "entrepot"))
    with entrepot.begin() as connexion:
        migrate(connexion)
        load_reference(connexion, exemples=True)
    with source.begin() as connexion:
        fill(connexion, mois, contacts, DERNIER)
    return source, entrepot


def measure_mois(source: Connection, entrepot: Connection) -> None:
    """Do one month, as ``mesures_services`` does."""
    copy_mesures(source, entrepot, MOIS, Reglages(), tuple(load_caf()), suivi=False)


def resume_tout(source: Connection, entrepot: Connection) -> None:
    """Take up the whole history, of which nothing was computed."""
    debut = DERNIER.shift(1 - max(HISTOIRES))
    resume_historique(source, entrepot, debut, DERNIER, Reglages(), load_dictionnaire(), tuple(load_caf()))


def fill(source: Connection, mois: int, contacts: int, dernier: Mois) -> None:
    """Make an empty base the source, with contacts spread over that many months, up to the last one."""
    debut = dernier.shift(1 - mois).debut
    valeurs = {
        ":personnes": str(contacts // 4),
        ":contacts": str(contacts),
        ":jours": str((dernier.fin - debut).days),
        ":debut": f"'{debut}'",
        ":caf": "(ARRAY[" + ", ".join(f"'{code}'" for code in load_caf()) + "])",
    }
    tables, marque, index = read_sql("socle/source/contrat.sql").partition("\nCREATE INDEX")
    remplissage = REMPLISSAGE
    for nom, valeur in valeurs.items():
        remplissage = remplissage.replace(nom, valeur)
    lots, _, analyse = remplissage.rpartition(";")
    for ordre in (tables, *lots.split(";"), marque + index, analyse):
        source.exec_driver_sql(ordre.replace("%", "%%"))


def _print_plans(console: Console, source: Connection) -> None:
    parametres = build_parametres(MOIS, Reglages())
    source.execute(load_sql("mesures/read_only.sql"))
    for mesure in load_mesures():
        corps = load_sql(f"mesures/a_la_source/{mesure.code}.sql").text
        corps = corps.replace("IN :natures", "IN ('initiale')")
        debut = time.perf_counter()
        plan = source.scalars(
            text(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {corps}"), parametres
        )
        lus = [ligne.strip(" ->") for ligne in plan if "Scan" in ligne]
        console.print(f"{mesure.code} ({time.perf_counter() - debut:.2f} s)", style="bold")
        for ligne in lus:
            console.print(f"  {ligne}", highlight=False)


if __name__ == "__main__":
    main()
