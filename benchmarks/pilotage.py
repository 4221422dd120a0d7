"""The page's speed: 36 months, 101 Caf, every indicator of the dictionary; each screen asked 50 times.

Prints the processor time of a screen (its server and its databases: what the clock would say if the machine did
nothing else), the median of the clock, their ratio to a page without a figure asked for in between, and the weight of a
first visit; fails over 150 ms of processor or 300 KB.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

RACINE = Path(__file__).parents[1]
sys.path[:0] = [*(str(RACINE / "tests" / d) for d in ("pilotage", "exploitation")), str(RACINE / "plugins")]

from historique import DERNIER, fill  # noqa: E402
from serveur_page import running_entrepot, running_page  # noqa: E402

FOIS = int(os.environ.get("AV_FOIS", "50"))
LIMITE_MS, LIMITE_OCTETS = 150, 300_000
REFERENCE = "/pilotage/accessibilite"
# A ratio of people: its screen draws the map, the distribution and the funnel.
AVEC_CARTE = "taux_courriel_valide"


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="aller-vers-bench-") as dossier:
        Path(dossier).chmod(0o755)
        with (
            running_entrepot(Path(dossier), fill) as entrepot,
            running_page(entrepot.grappe, entrepot) as page,
        ):
            return measure(page)


def measure(page: object) -> int:
    """Ask each screen; return 1 when one is too slow or too heavy."""
    ecrans = (
        REFERENCE, "/pilotage/", "/pilotage/mois", "/pilotage/caf", "/pilotage/caf/831",
        f"/pilotage/caf/831?contre={DERNIER.shift(-6)}", "/pilotage/qualite", "/pilotage/indicateurs",
        f"/pilotage/indicateurs/{AVEC_CARTE}", "/pilotage/decisions", "/pilotage/transmissions",
        "/pilotage/transmissions/grille", "/pilotage/envois", "/pilotage/trace", "/pilotage/sante",
        "/pilotage/registre",
    )  # fmt: skip
    fautes = 0
    with (
        page.open("lectrice") as client,  # type: ignore[attr-defined]
        psycopg.connect(page.dsn, autocommit=True) as base,  # type: ignore[attr-defined]
    ):
        statiques = sum(
            len(client.get(f"/pilotage/statique/{nom}").content)
            for nom in ("pilotage.css", "pilotage.js", "icone.svg")
        )
        for ecran in ecrans:
            horloge: dict[str, list[float]] = {REFERENCE: [], ecran: []}
            processeur = 0.0
            for _ in range(FOIS):
                for adresse in (REFERENCE, ecran):  # in turn: what else the machine does weighs on both
                    avant, debut = count_processeur(base), time.perf_counter()
                    reponse = client.get(adresse)
                    horloge[adresse].append((time.perf_counter() - debut) * 1000)
                    assert reponse.status_code == 200, (adresse, reponse.status_code)
                processeur += count_processeur(base) - avant
            travail, mediane = processeur * 1000 / FOIS, statistics.median(horloge[ecran])
            poids = reponse.num_bytes_downloaded + statiques
            trop = travail > LIMITE_MS or poids > LIMITE_OCTETS
            fautes += trop
            print(
                f"{ecran:45} processeur {travail:6.1f} ms  horloge, médiane {mediane:6.1f} ms  "
                f"{mediane / statistics.median(horloge[REFERENCE]):4.1f} fois la référence  "
                f"{poids / 1000:6.1f} Ko{'  TROP' if trop else ''}"
            )
    return 1 if fautes else 0


def count_processeur(base: psycopg.Connection) -> float:
    """Return the seconds of processor spent so far by the server, which we started, and by its databases."""
    ici = psutil.Process()
    processus = {p.pid: p for p in ici.children(recursive=True)}
    for (pid,) in base.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()"):
        processus.setdefault(pid, psutil.Process(pid))
    return sum(t.user + t.system for t in (p.cpu_times() for p in processus.values()))


if __name__ == "__main__":
    sys.exit(main())
