"""A month against its floor: Airflow's start and an empty chain of the same shape, one after the other.

Usage: ``python benchmarks/plancher.py [--fois 5]``. Prints seconds, their ratio, and the peak of summed PSS.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
from rich.console import Console

from aller_vers.commandes import mois_sur_le_poste as commandes
from aller_vers.poste import postgres
from aller_vers.poste.installation import Poste, load_poste
from aller_vers.socle.mois import Mois

MOIS = Mois(2025, 6)
VIDES = Path(__file__).parent / "dags_vides"


class Memoire(threading.Thread):
    """Samples the summed PSS of this process, its descendants and the databases' servers."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.maximum_mo = 0.0
        self._fini = threading.Event()

    def run(self) -> None:
        while not self._fini.wait(2):
            self.maximum_mo = max(self.maximum_mo, _sum_pss() / 1e6)

    def stop(self) -> float:
        self._fini.set()
        self.join()
        return self.maximum_mo


def _sum_pss() -> int:
    total = 0
    for processus in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if processus.pid == os.getpid() or _is_ours(processus):
                total += processus.memory_full_info().pss
    return total


def _is_ours(processus: psutil.Process) -> bool:
    texte = " ".join(processus.cmdline())
    return "airflow" in texte or "postgres" in texte


def measure(vide: bool) -> tuple[float, float]:
    """Run a month from empty folders; return seconds and peak of summed PSS (MB)."""
    racine = Path(tempfile.mkdtemp(prefix="aller-vers-banc-"))
    racine.chmod(0o755)
    os.environ.update(AV_DONNEES=str(racine / "donnees"), AV_AIRFLOW_HOME=str(racine / "airflow"))
    poste: Poste = load_poste()
    if vide:
        poste = replace(poste, dags=VIDES)
    memoire = Memoire()
    memoire.start()
    debut = time.monotonic()
    try:
        console = Console(quiet=True)
        commandes.start_poste(console, poste, garder=False)
        commandes.run_mois_poste(console, poste, MOIS, {})
    finally:
        commandes.stop_poste(poste)
        duree = time.monotonic() - debut
        postgres.remove(poste.donnees)
        shutil.rmtree(racine, ignore_errors=True)
    return duree, memoire.stop()


def main() -> None:
    """Measure pair by pair, and print the ratios: their median and how far they spread."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--fois", type=int, default=5)
    rapports, pic = list[float](), 0.0
    for _ in range(analyseur.parse_args().fois):
        (plancher, _), (mois, pss) = measure(vide=True), measure(vide=False)
        rapports.append(mois / plancher)
        pic = max(pic, pss)
        print(f"plancher {plancher:6.1f} s, mois {mois:6.1f} s, rapport {rapports[-1]:.2f}", flush=True)
    print(
        f"rapport médian {statistics.median(rapports):.2f}, de {min(rapports):.2f} à {max(rapports):.2f} (au plus 1,3)"
        f" ; pic du PSS cumulé {pic:.0f} Mo (au plus 3000)"
    )


if __name__ == "__main__":
    main()
