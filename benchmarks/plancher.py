"""Two months against their floor: Airflow's start and an empty chain of the same shape, one after the other.

The first begins from nothing, the second where the first has ended; each is a start, a month and a stop, as with
``make run``. Usage: ``python benchmarks/plancher.py [--fois 5]``. Prints seconds and their ratios; then the peak of
summed PSS of one run more, since looking at it takes a processor's time.
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

MOIS = (Mois(2025, 6), Mois(2025, 7))
_NOMS = ("premier mois", "second mois")
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


def measure(vide: bool) -> list[float]:
    """Run two months from empty folders; return the seconds of each."""
    racine = Path(tempfile.mkdtemp(prefix="aller-vers-banc-"))
    racine.chmod(0o755)
    os.environ.update(AV_DONNEES=str(racine / "donnees"), AV_AIRFLOW_HOME=str(racine / "airflow"))
    poste: Poste = load_poste()
    if vide:
        poste = replace(poste, dags=VIDES)
    try:
        return [_run(poste, mois) for mois in MOIS]
    finally:
        postgres.remove(poste.donnees)
        shutil.rmtree(racine, ignore_errors=True)


def _run(poste: Poste, mois: Mois) -> float:
    debut = time.monotonic()
    try:
        console = Console(quiet=True)
        commandes.start_poste(console, poste, garder=False)
        commandes.run_mois_poste(console, poste, mois, {})
    finally:
        commandes.stop_poste(poste)
    return time.monotonic() - debut


def main() -> None:
    """Measure pair by pair, and print the ratios: their median and how far they spread."""
    analyseur = argparse.ArgumentParser(description=__doc__)
    analyseur.add_argument("--fois", type=int, default=5)
    rapports: tuple[list[float], ...] = tuple([] for _ in MOIS)
    for _ in range(analyseur.parse_args().fois):
        planchers, durees = measure(vide=True), measure(vide=False)
        for nom, siens, plancher, duree in zip(_NOMS, rapports, planchers, durees, strict=True):
            siens.append(duree / plancher)
            print(
                f"{nom} : plancher {plancher:5.1f} s, mois {duree:5.1f} s, rapport {siens[-1]:.2f}",
                flush=True,
            )
    for nom, siens in zip(_NOMS, rapports, strict=True):
        etendue = f"de {min(siens):.2f} à {max(siens):.2f}"
        print(f"{nom} : rapport médian {statistics.median(siens):.2f}, {etendue} (au plus 1,3)")
    memoire = Memoire()
    memoire.start()
    measure(vide=False)
    print(f"pic du PSS cumulé {memoire.stop():.0f} Mo (au plus 3000)")


if __name__ == "__main__":
    main()
