"""The laptop's commands: ``run``, ``ui``, ``stop``, ``clean``."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from types import FrameType
from typing import Any

from rich.console import Console

from aller_vers.commandes.bilan_du_mois import compare, print_bilan, take_instantane
from aller_vers.poste import airflow, demonstration, postgres
from aller_vers.poste.bases import (
    choose_parametres,
    prepare_entrepot,
    prepare_metadonnees,
    prepare_source,
)
from aller_vers.poste.installation import ENTREPOT, PROJET, Poste, load_poste
from aller_vers.poste.mois_complet import DAGS, Avancement, run_mois, unpause
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.entrepot import open_transaction
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql

CAF_DE_LA_VISITE = "974"
_SIGNAUX = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(console: Console, texte: str | None, *, a_blanc: bool) -> None:
    """Make one month happen, from nothing to its summary, and leave running only what was running before.

    Raises:
        ErreurAllerVers: with what failed, and where its log is.
    """
    aujourd_hui = datetime.now(PARIS).date()
    mois = Mois.parse(texte).require_ended(aujourd_hui) if texte else Mois.last_complete(aujourd_hui)
    poste = load_poste()
    with exclusive(poste):
        deja = airflow.is_up(poste)
        with nullcontext() if deja else stopping(console, poste, always=True):
            start_poste(console, poste, garder=False)
            run_mois_poste(console, poste, mois, {"a_blanc": True} if a_blanc else {})


def ui(console: Console) -> None:
    """Start everything and leave it up, its address printed."""
    poste = load_poste()
    with exclusive(poste):
        if not airflow.is_up(poste):
            with stopping(console, poste, always=False):
                start_poste(console, poste, garder=True)
    print_acces(console, poste)


def print_acces(console: Console, poste: Poste) -> None:
    """Print where to look, the page first, and who logs in; of a demonstration, its accounts and its mail."""

    console.print(f"Page : {poste.adresse}/pilotage/")
    console.print(f"Airflow : {poste.adresse}")
    if poste.est_demonstration:
        console.print(f"Comptes de démonstration, mot de passe « {demonstration.MOT_DE_PASSE} » :")
        for acces in demonstration.ACCES:
            console.print(f"  {acces.nom:<10} {acces.qui}")
        courrier = demonstration.find_courrier(poste.donnees)
        console.print(
            f"Courrier, {count(len(list(courrier.glob('*.eml'))), 'message')} à ouvrir : {courrier}/"
        )
        console.print(
            f"Personne inventée, qui peut s'opposer : {_find_personne(poste)} (Caf {CAF_DE_LA_VISITE})"
        )
        console.print("La visite, en sept étapes : README.md, « Seven steps »")
    else:
        console.print(f"Utilisateur : admin ; mot de passe : {poste.secrets['admin']}")
    console.print("Pour tout arrêter : make stop")


def _find_personne(poste: Poste) -> str:
    """Return the identifier of somebody of the last lots, whom the generator has made."""
    dernier = Mois.last_complete(datetime.now(PARIS).date())
    with open_transaction(poste.build_dsn(ENTREPOT, "av_etl"), "av_entrepot") as entrepot:
        trouvee = run_sql(
            entrepot, "exploitation/select_personne.sql", mois=str(dernier), code_caf=CAF_DE_LA_VISITE
        ).scalar()
    return str(trouvee or "aucune")


def stop(console: Console) -> None:
    """End whatever this installation runs, a command at work included."""
    poste = load_poste()
    with exclusive(poste, end_holder=True):
        stop_poste(poste)
    console.print("Tout est arrêté.")


def clean(console: Console) -> None:
    """End whatever runs, then remove the data and Airflow's folder: lots, databases and secrets included."""
    poste = load_poste()
    with exclusive(poste, end_holder=True):
        stop_poste(poste)
        postgres.remove(poste.donnees)
        for dossier in (poste.donnees, poste.airflow_home):
            shutil.rmtree(dossier, ignore_errors=True)
    console.print("Données, lots, secrets et dossier d'Airflow sont effacés.")


def make_chrono(console: Console) -> Callable[[str], None]:
    """Return what prints a line after the seconds that have passed since now."""
    debut = time.monotonic()
    return lambda texte: console.print(f"[{time.monotonic() - debut:4.0f} s] {texte}")


def start_poste(console: Console, poste: Poste, *, garder: bool) -> None:
    """Start PostgreSQL, bring the databases up to date, start Airflow; nothing to do if it is up.

    What a killed command left behind is ended first; ``garder``: leave Airflow up for the next commands.
    """
    say = make_chrono(console)
    if airflow.is_up(poste):
        say("Airflow est déjà démarré.")
        return
    airflow.stop(poste)
    poste.require_port()
    grappe = poste.grappe
    grappe.start()
    say("PostgreSQL démarré")
    aujourd_hui = datetime.now(PARIS).date()
    parametres = choose_parametres(Mois.last_complete(aujourd_hui), aujourd_hui)
    with ThreadPoolExecutor() as executants:
        prepare_metadonnees(poste)
        migration = executants.submit(airflow.migrate_metadonnees, poste)
        source = executants.submit(prepare_source, poste, parametres)
        appliquees = prepare_entrepot(poste)
        say(f"entrepôt prêt ({count(len(appliquees), 'migration appliquée', feminin=True)})")
        source.result()
        say("source synthétique remplie")
        migration.result()
    for interrompu in airflow.forget_unfinished(poste):
        say(f"exécution interrompue, close : {interrompu}")
    airflow.start(poste, garder=garder)
    say("Airflow démarre")
    airflow.wait_ready(poste, DAGS)
    with airflow.open_api(poste) as api:
        unpause(api)
    say("Airflow est prêt")


def run_mois_poste(console: Console, poste: Poste, mois: Mois, conf: dict[str, Any]) -> None:
    """Run a month on the laptop's Airflow, show its progress, then its summary."""
    debut, say = time.monotonic(), make_chrono(console)
    avant = take_instantane(poste.partage, mois)
    with airflow.open_api(poste) as api, console.status(f"{mois.libelle}…") as etat:
        dernier = ""

        def show(a: Avancement) -> None:
            nonlocal dernier
            texte = f"{a.dag} · {a.tache or 'démarre'}" + (
                f" · {a.faites} sur {a.total}" if a.total > 1 else ""
            )
            etat.update(f"{texte} · {time.monotonic() - debut:.0f} s")
            cle = f"{a.dag} · {a.tache} · {a.faites // 20}"
            if not console.is_terminal and cle != dernier:
                say(texte)
            dernier = cle

        deroulement = run_mois(poste, api, mois, conf, show)
    changements = compare(avant, take_instantane(poste.partage, mois))
    console.print()
    with open_transaction(poste.build_dsn(ENTREPOT, "av_pilotage"), "av_pilotage") as pilotage:
        print_bilan(
            console,
            pilotage,
            mois,
            poste,
            deroulement.secondes,
            changements,
            a_blanc=bool(conf.get("a_blanc")),
        )


def stop_poste(poste: Poste) -> None:
    """End Airflow, then PostgreSQL."""
    airflow.stop(poste)
    poste.grappe.stop()


@contextmanager
def exclusive(poste: Poste, *, end_holder: bool = False) -> Iterator[None]:
    """Hold this installation's lock; ``end_holder``: ask the command that holds it to end, and wait for it."""
    with (poste.donnees / "poste.verrou").open("a+") as verrou:
        try:
            fcntl.flock(verrou, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not end_holder:
                raise ErreurAllerVers(
                    f"Une autre commande travaille déjà dans {PROJET.name}.",
                    "attendre sa fin, ou faire make stop.",
                ) from None
            verrou.seek(0)
            with suppress(ValueError, ProcessLookupError):
                os.kill(int(verrou.read()), signal.SIGTERM)
            fcntl.flock(verrou, fcntl.LOCK_EX)
        verrou.truncate(0)
        verrou.write(str(os.getpid()))
        verrou.flush()
        yield


@contextmanager
def stopping(console: Console, poste: Poste, *, always: bool) -> Iterator[None]:
    """End everything when the body fails or is interrupted (``always``: in any case), whoever insists meanwhile."""

    def interrupt(numero: int, _: FrameType | None) -> None:
        raise KeyboardInterrupt(numero)

    anciens = {numero: signal.signal(numero, interrupt) for numero in _SIGNAUX}
    reussi = False
    try:
        yield
        reussi = True
    finally:
        for numero in _SIGNAUX:
            signal.signal(numero, signal.SIG_IGN)
        if always or not reussi:
            if not reussi:
                console.print("Arrêt en cours…")
            stop_poste(poste)
        for numero, ancien in anciens.items():
            signal.signal(numero, ancien)
