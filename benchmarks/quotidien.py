"""What the past costs the steps of every day: the months that they look at, then three years behind them.

Usage: ``python benchmarks/quotidien.py [--mois 36] [--fois 10] [--plans]``. A day on which nothing new has come: each
step has run before. Prints, by step, the milliseconds of processor of this process and of PostgreSQL, and their ratio
(wanted: at most 1.2), the two taken turn by turn. ``--plans`` prints the statements of what grew more, with their plan.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import psycopg
from grappe_jetable import running_jetable
from historique import DERNIER, fill
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy import Connection, event, text

from aller_vers.destruction.preuve import prove_destructions
from aller_vers.destruction.purge import purge_personnes
from aller_vers.lots.manifeste import NOM
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
from aller_vers.suivi.trace import purge_trace, verify_jour

# Lots of four months are still under way; a step looks at six, whatever is behind them.
OUVERTS, REGARDES, LIMITE = 4, 6, 1.2
JOUR = date(2026, 10, 20)
MAINTENANT = datetime(2026, 10, 20, 7, tzinfo=UTC)
AVIS = """
INSERT INTO suivi.avis (cle, destinataire, canal, objet, corps, envoye_le, envoi_avec)
SELECT m.mois || '/' || c.code_caf || '/' || n, 'caf:' || c.code_caf, 'courriel', 'Objet', 'Corps', now(),
    m.mois || '/' || c.code_caf || '/' || n
FROM (SELECT DISTINCT mois FROM suivi.evenement) AS m, marts.caf AS c, generate_series(1, 5) AS n
"""
# What is still open has moved since the last seal.
SCEAUX = """
INSERT INTO suivi.sceau (mois, code_caf, scelle_pour, dernier_id, nombre, hash)
SELECT c.mois, c.code_caf, :pour, c.dernier_id, c.nombre, c.hash FROM suivi.chaine AS c
WHERE c.mois < :ouverts
"""
Etape = Callable[[Connection], object]


def list_etapes(partage: Partage, reglages: Reglages) -> dict[str, Etape]:
    """Return the steps of every day, each with a connection to itself."""

    runs = count(1)  # each day has its own

    def purge(entrepot: Connection) -> None:
        purge_personnes(lambda: share(entrepot), partage, reglages, MAINTENANT, f"purge-{next(runs)}")
        prove_destructions(entrepot, partage)
        verify_jour(entrepot, MAINTENANT)
        purge_trace(entrepot, reglages, MAINTENANT)

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
        "purge": purge,
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
            for recul in range(OUVERTS):  # what is older was destroyed
                partage.write(f"{code_caf}/{DERNIER.shift(-recul)}/v1/{NOM}", b"")
        etapes = list_etapes(partage, reglages)
        with (
            open_histoire(grappe, REGARDES, etapes) as court,
            open_histoire(grappe, choix.mois, etapes) as long,
        ):
            for nom, etape in etapes.items():
                avant, apres = compare(court, long, etape, choix.fois, plans=choix.plans)
                trop = apres.mediane > LIMITE * avant.mediane
                print(
                    f"{nom:28} {REGARDES} mois {avant.mediane:7.1f} ms   {choix.mois} mois {apres.mediane:7.1f} ms   "
                    f"{apres.mediane / avant.mediane:4.2f}{'  TROP' if trop else ''}",
                    flush=True,
                )
                if choix.plans and trop:
                    apres.tell(avant)


class Mesure:
    """The processor's milliseconds of a step, turn by turn and by statement, with the plan of each."""

    def __init__(self) -> None:
        self.tours: list[float] = []
        self.par_requete: dict[str, float] = defaultdict(float)
        self.plans: dict[str, str] = {}

    @property
    def mediane(self) -> float:
        """Half of the turns took less."""
        return statistics.median(self.tours)

    def tell(self, avant: Mesure) -> None:
        """Print the statements that grew, the worst first, with their plan."""
        crues = {r: ms - avant.par_requete.get(r, 0.0) for r, ms in self.par_requete.items()}
        for requete, ms in sorted(crues.items(), key=lambda c: -c[1])[:3]:
            if ms > 1:
                print(f"--- {ms:.1f} ms de plus\n{requete[:400]}\n{self.plans.get(requete, '')}")


@contextmanager
def open_histoire(grappe: Grappe, nb_mois: int, etapes: dict[str, Etape]) -> Iterator[Connection]:
    """Give a warehouse of so many months, of which the day before is done."""
    base = f"entrepot_{nb_mois}"
    with create_moteur(grappe.dsn()).execution_options(isolation_level="AUTOCOMMIT").connect() as connexion:
        connexion.exec_driver_sql(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(base)).as_string())
    moteur = create_moteur(grappe.dsn(base))
    with moteur.begin() as connexion:
        migrate(connexion)
        load_reference(connexion, exemples=True)
    fill(grappe.dsn(base), nb_mois)
    with moteur.connect() as connexion:
        connexion.execute(text(AVIS))
        connexion.execute(text(SCEAUX), {"pour": str(DERNIER), "ouverts": str(DERNIER.shift(1 - OUVERTS))})
        connexion.commit()
        for etape in etapes.values():
            etape(connexion)
            connexion.commit()
    with moteur.execution_options(isolation_level="AUTOCOMMIT").connect() as connexion:
        connexion.execute(text("VACUUM ANALYZE"))
    with moteur.connect() as connexion:
        yield connexion
    moteur.dispose()


def compare(court: Connection, long: Connection, etape: Etape, fois: int, *, plans: bool) -> list[Mesure]:
    """Measure one step here and there, turn by turn after one that does not count; what it writes is undone."""
    mesures = [Mesure(), Mesure()]
    for tour in range(fois + 1):
        for connexion, mesure in zip((court, long), mesures, strict=True):
            run(connexion, etape, mesure, plans=plans)
            if not tour:
                mesure.tours.clear()
                mesure.par_requete.clear()
    for mesure in mesures:
        mesure.par_requete = {r: ms / fois for r, ms in mesure.par_requete.items()}
    return mesures


def run(connexion: Connection, etape: Etape, mesure: Mesure, *, plans: bool) -> None:
    """Add one turn to what is measured."""
    # The clock of another process's processor, to the nanosecond: psutil's counts hundredths of a second.
    serveur = (~int(connexion.scalar(text("SELECT pg_backend_pid()")) or 0) << 3) | 2
    debuts: list[float] = []

    def spent() -> float:
        return 1000 * (time.process_time() + time.clock_gettime(serveur))

    def start(*_: object) -> None:
        debuts.append(spent())

    def stop(_c: Connection, curseur: psycopg.Cursor, requete: str, valeurs: object, *_: object) -> None:
        mesure.par_requete[requete] += spent() - debuts.pop()
        if plans and requete not in mesure.plans and requete.lstrip().startswith(("SELECT", "WITH")):
            with curseur.connection.cursor() as autre:
                lignes = autre.execute(
                    f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {requete}", valeurs
                ).fetchall()
            mesure.plans[requete] = "\n".join(str(li[0]) for li in lignes)

    event.listen(connexion, "before_cursor_execute", start)
    event.listen(connexion, "after_cursor_execute", stop)
    avant = spent()
    etape(connexion)
    mesure.tours.append(spent() - avant)
    event.remove(connexion, "before_cursor_execute", start)
    event.remove(connexion, "after_cursor_execute", stop)
    connexion.rollback()


if __name__ == "__main__":
    main()
