"""The gate of the request against one hand-written GROUP BY of the same rules, in the same run.

Usage: ``python benchmarks/portes.py [--lignes 1000000] [--fois 3]``. Prints seconds and their ratio at a million
rows and 101 Caf (at most 2.5), then the gate at the national volume (at most 3 s; import included, at most 10 s).
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from grappe_jetable import running_jetable
from sqlalchemy import Connection, text

from aller_vers.requete.publication import judge_requete, profile
from aller_vers.socle.entrepot import create_moteur
from aller_vers.socle.migrations import migrate
from aller_vers.socle.mois import Mois
from aller_vers.socle.partitions import replace_partition
from aller_vers.socle.referentiel_entrepot import load_reference

MOIS = Mois(2025, 6)
NATIONAL = 1_800
DOSSIER = Path(__file__).parent
IMPORT = (
    "import time; d = time.perf_counter(); import great_expectations, pandas; print(time.perf_counter() - d)"
)


def fill(entrepot: Connection, mois: Mois, lignes: int) -> None:
    """Fill a month of staging with synthetic people spread over the 101 Caf."""
    replace_partition(entrepot, "staging.demandeur", str(mois))
    remplissage = (DOSSIER / "portes_remplissage.sql").read_text(encoding="utf-8")
    entrepot.execute(text(remplissage), {"mois": str(mois), "debut": mois.debut, "lignes": lignes})
    entrepot.execute(text(f"ANALYZE staging.demandeur_{str(mois).replace('-', '_')}"))


def clock(fait: Callable[[], object], fois: int) -> float:
    """Return the median seconds of some runs, after one that warms the caches."""
    fait()
    durees = []
    for _ in range(fois):
        debut = time.perf_counter()
        fait()
        durees.append(time.perf_counter() - debut)
    return statistics.median(durees)


def measure(entrepot: Connection, lignes: int, fois: int) -> tuple[float, float]:
    """Return the seconds of the hand-written statement and of the whole gate, import excluded."""
    for mois in (MOIS.shift(-1), MOIS):
        fill(entrepot, mois, lignes)
    a_la_main = text((DOSSIER / "portes_a_la_main.sql").read_text(encoding="utf-8"))
    valeurs = {"mois": str(MOIS), "mois_precedent": str(MOIS.shift(-1))}
    entrepot.execute(text("SET LOCAL work_mem TO '256MB'"))
    plancher = clock(lambda: entrepot.execute(a_la_main, valeurs).all(), fois)

    def gate() -> None:
        profile(entrepot, MOIS, "banc")
        judge_requete(entrepot, MOIS, "banc")

    return plancher, clock(gate, fois)


def main() -> None:
    """Measure and print."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--lignes", type=int, default=1_000_000)
    analyseur.add_argument("--fois", type=int, default=3)
    choix = analyseur.parse_args()
    with running_jetable() as grappe:
        moteur = create_moteur(grappe.dsn())
        with moteur.begin() as entrepot:
            migrate(entrepot)
            load_reference(entrepot, exemples=True)
            plancher, porte = measure(entrepot, choix.lignes, choix.fois)
            _, nationale = measure(entrepot, NATIONAL, choix.fois)
        moteur.dispose()
    importe = float(subprocess.check_output([sys.executable, "-c", IMPORT]))  # noqa: S603 - our own line
    print(
        f"{choix.lignes} lignes : à la main {plancher:.2f} s, porte {porte:.2f} s, "
        f"rapport {porte / plancher:.2f} (au plus 2,5)"
    )
    print(
        f"volume national ({NATIONAL}) : porte {nationale:.2f} s (au plus 3), "
        f"import compris {nationale + importe:.2f} s (au plus 10)"
    )


if __name__ == "__main__":
    main()
