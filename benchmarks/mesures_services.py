"""A month's measures at the source with 60 months of history, against the same month with 6 months.

Usage: ``python benchmarks/mesures_services.py [--contacts 5000000] [--plans]``. The months are alike: the ratio says
whether history is read for nothing. ``--plans`` prints what each measure reads.
"""

from __future__ import annotations

import argparse
import time

from grappe_jetable import running_jetable
from rich.console import Console
from sqlalchemy import Connection, text

from aller_vers.mesures.a_la_source import build_parametres, copy_mesures, load_mesures
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
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--contacts", type=int, default=5_000_000, help="contact events in 60 months")
    analyseur.add_argument("--plans", action="store_true", help="print what each measure reads")
    choix = analyseur.parse_args()
    console = Console()
    with running_jetable() as grappe:
        secondes = {}
        for mois in HISTOIRES:
            with create_moteur(grappe.dsn()).connect() as serveur:
                serveur = serveur.execution_options(isolation_level="AUTOCOMMIT")
                for nom in (f"source_{mois}", f"entrepot_{mois}"):
                    serveur.execute(text(f"CREATE DATABASE {nom}"))
            moteur, entrepot = (create_moteur(grappe.dsn(f"{b}_{mois}")) for b in ("source", "entrepot"))
            with entrepot.begin() as connexion:
                migrate(connexion)
                load_reference(connexion, exemples=True)
            with moteur.begin() as source:
                fill(source, mois, choix.contacts * mois // 60, DERNIER)
            secondes[mois] = min(_measure(moteur, entrepot) for _ in range(3))
            console.print(f"{mois} mois d'histoire : {secondes[mois]:.2f} s")
            if choix.plans and mois == max(HISTOIRES):
                with moteur.connect() as source:
                    _print_plans(console, source)
        console.print(f"Rapport : {secondes[60] / secondes[6]:.2f}")


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


def _measure(moteur, entrepot) -> float:  # type: ignore[no-untyped-def]
    with moteur.begin() as source, entrepot.begin() as connexion:
        debut = time.perf_counter()
        copy_mesures(source, connexion, MOIS, Reglages(), tuple(load_caf()), suivi=False)
        return time.perf_counter() - debut


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
