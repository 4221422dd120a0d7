"""What the past costs the steps of every day: the months that are still open, then three years behind them.

Usage: ``python benchmarks/quotidien.py [--mois 36] [--fois 10] [--plans]``. A day on which nothing new has come: each
step has run before. Prints, by step, the milliseconds of processor of this process and of PostgreSQL, and their ratio
(wanted: at most 1.2). ``--plans`` prints the statements of what grew more, with their plan.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import psutil
import psycopg
from grappe_jetable import running_jetable
from historique import DERNIER, fill
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from aller_vers.destruction.preuve import prove_destructions
from aller_vers.destruction.purge import purge_personnes
from aller_vers.partage.partage import Partage
from aller_vers.pilotage.a_faire import load_a_faire
from aller_vers.poste.postgres import Grappe
from aller_vers.retours.jugement import judge_retours, profile_retours
from aller_vers.retours.modeles import list_attendus
from aller_vers.retours.publication import publish_retours
from aller_vers.retours.relances import remind
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.migrations import migrate
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.referentiel_entrepot import load_reference
from aller_vers.socle.reglages import Reglages
from aller_vers.suivi.envoi import load_attente, send_avis
from aller_vers.suivi.trace import purge_trace, verify_trace

OUVERTS, LIMITE, INSENSIBLE_MS = 4, 1.2, 10.0
JOUR = date(2026, 10, 20)
MAINTENANT = datetime(2026, 10, 20, 7, tzinfo=UTC)
AVIS = """
INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps, envoye_le, envoi_avec)
SELECT m.mois || '/' || c.code_caf || '/' || n, 'caf:' || c.code_caf, 'courriel', 'Objet', 'Corps', now(),
    m.mois || '/' || c.code_caf || '/' || n
FROM (SELECT DISTINCT mois FROM suivi.evenement) AS m, marts.caf AS c, generate_series(1, 5) AS n
"""
Etape = Callable[[Connection], object]


def list_etapes(partage: Partage, reglages: Reglages) -> dict[str, Etape]:
    """Return the steps of every day, each with a connection to itself."""

    runs = count(1)  # each day has its own

    def purge(entrepot: Connection) -> None:
        purge_personnes(lambda: share(entrepot), partage, reglages, MAINTENANT, f"purge-{next(runs)}")

    def retours(entrepot: Connection) -> None:
        run_id = f"retours-{next(runs)}"
        list_attendus(entrepot, DERNIER.shift(-6))
        profile_retours(entrepot, run_id)
        judge_retours(entrepot, run_id)
        publish_retours(entrepot, run_id, reglages)

    def envoi(entrepot: Connection) -> None:
        load_attente(entrepot)
        send_avis(lambda: share(entrepot), {}, {}, MAINTENANT, ())

    return {
        "suivi_transmissions": lambda e: remind(e, JOUR, reglages),
        "retours_cpam": retours,
        "purge : ce qui est dû": purge,
        "purge : rien n'est revenu": lambda e: prove_destructions(e, partage),
        "purge : la trace": lambda e: (verify_trace(e), purge_trace(e, reglages, MAINTENANT)),
        "envoi_avis": envoi,
        "À faire": lambda e: load_a_faire(e, JOUR, reglages),
    }


@contextmanager
def share(connexion: Connection) -> Iterator[Connection]:
    """Give the one connection that is measured, as a transaction of its own."""
    with connexion.begin_nested():
        yield connexion


def main() -> None:
    """Measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--mois", type=int, default=36)
    analyseur.add_argument("--fois", type=int, default=10)
    analyseur.add_argument("--plans", action="store_true")
    choix = analyseur.parse_args()
    reglages = Reglages(cle_identite=SecretStr("banc"))
    with running_jetable() as grappe, tempfile.TemporaryDirectory() as dossier:
        partage = Partage(Path(dossier).as_uri())
        for code_caf in load_caf():
            partage.write(f"{code_caf}/LISEZMOI.txt", b"")
        etapes = list_etapes(partage, reglages)
        court, long = (
            measure(grappe, nb, etapes, choix.fois, plans=choix.plans) for nb in (OUVERTS, choix.mois)
        )
        for nom in etapes:
            avant, apres = court[nom].total, long[nom].total
            trop = apres > LIMITE * avant + INSENSIBLE_MS
            print(
                f"{nom:28} {OUVERTS} mois {avant:7.1f} ms   {choix.mois} mois {apres:7.1f} ms   "
                f"{apres / avant:4.2f}{'  TROP' if trop else ''}"
            )
            if choix.plans and trop:
                long[nom].tell(court[nom])


class Mesure:
    """The processor's milliseconds of a step, in all and by statement, with the plan of each."""

    def __init__(self) -> None:
        self.total = 0.0
        self.par_requete: dict[str, float] = defaultdict(float)
        self.plans: dict[str, str] = {}

    def tell(self, avant: Mesure) -> None:
        """Print the statements that grew, the worst first, with their plan."""
        crues = {r: ms - avant.par_requete.get(r, 0.0) for r, ms in self.par_requete.items()}
        for requete, ms in sorted(crues.items(), key=lambda c: -c[1])[:3]:
            if ms > INSENSIBLE_MS / 2:
                print(f"--- {ms:.1f} ms de plus\n{requete[:400]}\n{self.plans.get(requete, '')}")


def measure(
    grappe: Grappe, nb_mois: int, etapes: dict[str, Etape], fois: int, *, plans: bool
) -> dict[str, Mesure]:
    """Return what each step costs on a warehouse of so many months: the median of so many times, after one."""
    base = f"entrepot_{nb_mois}"
    with create_moteur(grappe.dsn()).execution_options(isolation_level="AUTOCOMMIT").connect() as connexion:
        connexion.exec_driver_sql(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(base)).as_string())
    moteur = create_moteur(grappe.dsn(base))
    with moteur.begin() as connexion:
        migrate(connexion)
        load_reference(connexion, exemples=True)
    fill(grappe.dsn(base), nb_mois)
    mesures: dict[str, Mesure] = {}
    with moteur.connect() as connexion:
        connexion.execute(text(AVIS))
        connexion.commit()
        connexion.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
        connexion.commit()
    with moteur.connect() as connexion:
        for etape in etapes.values():  # the day before
            etape(connexion)
            connexion.commit()
        for nom, etape in etapes.items():
            mesures[nom] = clock(connexion, etape, fois, plans=plans)
    moteur.dispose()
    return mesures


def clock(connexion: Connection, etape: Etape, fois: int, *, plans: bool = False) -> Mesure:
    """Measure one step; what it writes is undone."""
    serveur = psutil.Process(connexion.scalar(text("SELECT pg_backend_pid()")))
    ici, mesure, totaux = psutil.Process(), Mesure(), []

    def spent() -> float:
        return 1000 * sum(t.user + t.system for t in (p.cpu_times() for p in (ici, serveur)))

    debuts: list[float] = []

    @event.listens_for(connexion, "before_cursor_execute")
    def start(*_: object) -> None:
        debuts.append(spent())

    @event.listens_for(connexion, "after_cursor_execute")
    def stop(_c: Connection, curseur: psycopg.Cursor, requete: str, valeurs: object, *_: object) -> None:
        mesure.par_requete[requete] += (spent() - debuts.pop()) / fois
        if plans and requete not in mesure.plans and requete.lstrip().startswith(("SELECT", "WITH")):
            with curseur.connection.cursor() as autre:
                lignes = autre.execute(
                    f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {requete}", valeurs
                ).fetchall()
            mesure.plans[requete] = "\n".join(str(li[0]) for li in lignes)

    for tour in range(fois + 1):
        avant = spent()
        etape(connexion)
        if tour:
            totaux.append(spent() - avant)
        else:
            mesure.par_requete.clear()
        connexion.rollback()
    event.remove(connexion, "before_cursor_execute", start)
    event.remove(connexion, "after_cursor_execute", stop)
    mesure.total = statistics.median(totaux)
    return mesure


if __name__ == "__main__":
    main()
