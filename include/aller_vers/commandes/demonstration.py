"""The demonstration: a past lived on this laptop, Airflow left open, what to open first told first."""

from __future__ import annotations

import time

import httpx
from rich.console import Console

from aller_vers.commandes.annee_sur_le_poste import live_annee, require_arrete
from aller_vers.commandes.mois_sur_le_poste import exclusive, print_acces, start_poste, stopping
from aller_vers.poste import airflow, demonstration
from aller_vers.poste.annee.scenario import load_scenario
from aller_vers.poste.installation import Poste, load_poste
from aller_vers.poste.mois_complet import DAGS, run_dag, unpause
from aller_vers.socle.erreurs import ErreurAllerVers

# What a visitor starts, besides the DAGs of the month.
DAGS_DE_LA_VISITE = ("suivi_transmissions", "retours_cpam", "oppositions", "purge", "envoi_avis")


def show(console: Console, mois: int) -> None:
    """Make the demonstration, or open again the one that is made; leave it up.

    Raises:
        ErreurAllerVers: this laptop has another past, or an interrupted demonstration.
    """
    debut = time.monotonic()
    poste = load_poste()
    with exclusive(poste):
        if demonstration.is_prete(poste.donnees):
            _open(console, poste)
        else:
            require_arrete(poste)
            _make(console, poste, mois)
            console.print(f"\nPrêt en {time.monotonic() - debut:.0f} s.")
    print_acces(console, poste)


def _open(console: Console, poste: Poste) -> None:
    if not airflow.is_up(poste):
        with stopping(console, poste, always=False):
            start_poste(console, poste, garder=True)


def _make(console: Console, poste: Poste, mois: int) -> None:
    if not demonstration.is_demonstration(poste.donnees) and (poste.donnees / "postgres").exists():
        raise ErreurAllerVers(
            "Ce poste a déjà un passé : une démonstration part de rien.",
            "faire d'abord make clean, qui l'efface.",
        )
    demonstration.mark(poste.donnees, prete=False)
    poste = load_poste()  # with the accounts of the demonstration
    console.print(f"La page sera à {poste.adresse}/pilotage/ ; d'abord, {mois} mois à vivre.")
    with stopping(console, poste, always=False):
        live_annee(console, poste, load_scenario().last(mois), garder=True)
        with airflow.open_api(poste) as api:
            _wake(poste, api)
    demonstration.mark(poste.donnees, prete=True)


def _wake(poste: Poste, api: httpx.Client) -> None:
    """Let advance what a visitor starts, then send what the past has left in the outbox."""
    unpause(api, (*DAGS, *DAGS_DE_LA_VISITE))
    run_dag(poste, api, "envoi_avis")
