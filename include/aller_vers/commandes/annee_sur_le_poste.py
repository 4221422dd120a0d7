"""The year on this laptop: an empty warehouse and share, every day in its turn, then the last month by Airflow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime
from pathlib import Path

import psycopg
from pydantic import SecretStr
from rich.console import Console
from sqlalchemy import Connection

from aller_vers.commandes.calculs_de_l_annee import Calculs
from aller_vers.commandes.mois_sur_le_poste import (
    exclusive,
    make_chrono,
    run_mois_poste,
    start_poste,
    stopping,
)
from aller_vers.exploitation.annee.consequences import Ecart
from aller_vers.exploitation.annee.etapes import Journee
from aller_vers.exploitation.annee.jours import Annee, BilanAnnee
from aller_vers.indicateurs import load_dictionnaire
from aller_vers.partage.marque import recognise
from aller_vers.partage.partage import Partage
from aller_vers.poste import airflow
from aller_vers.poste.annee.scenario import Scenario, load_scenario
from aller_vers.poste.bases import choose_parametres, prepare_entrepot, prepare_metadonnees, prepare_source
from aller_vers.poste.installation import ENTREPOT, ROLE_SOURCE, ROLES_ENTREPOT, SOURCE, Poste, load_poste
from aller_vers.qualite.porte import preload
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.entrepot import create_moteur, open_transaction, read_jour, translate_errors
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import count
from aller_vers.socle.mois import Mois
from aller_vers.socle.reglages import load_reglages


def live(console: Console, fichier: Path, mois: int | None = None) -> None:
    """Live the year of this scenario on this laptop, its last month by Airflow; leave nothing running.

    Args:
        console: where what happens is told.
        fichier: the scenario.
        mois: how many months, instead of the scenario's own number.

    Raises:
        ErreurAllerVers: the laptop has a past already, or a consequence did not come.
    """
    scenario, poste = load_scenario(fichier).last(mois), load_poste()
    with exclusive(poste):
        require_arrete(poste)
        with stopping(console, poste, always=True):
            live_annee(console, poste, scenario, garder=False)


def live_annee(console: Console, poste: Poste, scenario: Scenario, *, garder: bool) -> None:
    """Live every day, start Airflow, let it pass the last month; ``garder``: it stays up.

    Raises:
        ErreurAllerVers: the laptop has a past already, or a consequence did not come.
    """
    aujourd_hui = datetime.now(PARIS).date()
    dernier = Mois.last_complete(aujourd_hui)
    bilan = live_jours(console, poste, scenario, dernier, aujourd_hui)
    require_tenues(bilan.ecarts)
    start_poste(console, poste, garder=garder)
    run_mois_poste(console, poste, dernier, {})
    require_tenues(check_dernier(poste, scenario, dernier))


def require_arrete(poste: Poste) -> None:
    """Make sure that Airflow does not run: a year is not lived under it.

    Raises:
        ErreurAllerVers: it does.
    """
    if airflow.find_processus(poste):
        raise ErreurAllerVers("Airflow est démarré sur ce poste.", "faire d'abord make stop.")


def live_jours(console: Console, poste: Poste, scenario: Scenario, dernier: Mois, fin: date) -> BilanAnnee:
    """Live every day up to the eve of ``fin``; ``dernier`` is the scenario's last month, left to Airflow."""
    say = make_chrono(console)
    with ThreadPoolExecutor() as a_cote:
        imports = a_cote.submit(preload)  # the second process is born with what a judgement needs
        poste.grappe.start()
        prepare_source(poste, choose_parametres(dernier, fin))
        prepare_entrepot(poste)
        require_sans_passe(poste)
        imports.result()
    say("entrepôt et source prêts")
    calculs, vecu = Calculs(), Vecu(poste)  # in this order: no process takes another's connections
    annee = _build_annee(scenario, dernier, vecu, say)
    with ThreadPoolExecutor() as a_cote:
        # Airflow's own database is made while the days are lived: it takes as long as one of their months.
        migration = a_cote.submit(_prepare_airflow, poste)
        try:
            bilan = annee.live(fin, calculs)
        finally:
            calculs.close()
            vecu.close()
        migration.result()
    annee.leave_dernier(vecu.build_journee(datetime.now(PARIS)))
    say(
        f"{count(bilan.jours, 'jour vécu')} ; conséquences du scénario : {bilan.tenues} sur "
        f"{bilan.tenues + len(bilan.ecarts)} sont venues"
    )
    return bilan


def _prepare_airflow(poste: Poste) -> None:
    prepare_metadonnees(poste)
    airflow.migrate_metadonnees(poste)


def check_dernier(poste: Poste, scenario: Scenario, dernier: Mois) -> list[Ecart]:
    """Return what the last month did not bring as the scenario tells, once it has passed."""
    vecu = Vecu(poste)
    annee = _build_annee(scenario, dernier, vecu, lambda _: None)
    try:
        return annee.check_dernier(vecu.build_journee(datetime.now(PARIS)))
    finally:
        vecu.close()


def _build_annee(scenario: Scenario, dernier: Mois, vecu: Vecu, say: Callable[[str], None]) -> Annee:
    return Annee(scenario, dernier.shift(1 - scenario.mois_vecus), dernier.shift(-1), vecu.open_jour, say)


def require_tenues(ecarts: Sequence[Ecart]) -> None:
    """Make sure that every consequence came.

    Raises:
        ErreurAllerVers: some did not; the first ones are named.
    """
    if ecarts:
        raise ErreurAllerVers(
            f"{count(len(ecarts), 'conséquence attendue', feminin=True)} sans suite : "
            f"{' ; '.join(map(str, ecarts[:5]))}.",
            "corriger le projet, ou ce que le scénario attend.",
        )


def require_sans_passe(poste: Poste) -> None:
    """Make sure that this laptop has lived no month yet.

    Raises:
        ErreurAllerVers: it has; a year is not lived over another past.
    """
    with psycopg.connect(poste.grappe.dsn(ENTREPOT)) as connexion:
        if connexion.execute("SELECT FROM core.publication LIMIT 1").fetchone() is not None:
            raise ErreurAllerVers(
                "Ce poste a déjà un passé : une année ne se vit pas par-dessus.",
                "faire d'abord make clean, qui l'efface.",
            )


class Vecu:
    """The laptop as the days of the year see it: the clocks of its bases, and its share."""

    def __init__(self, poste: Poste) -> None:
        self.poste = poste
        # A year that is interrupted is lived again from its beginning: nothing has to wait for the disk, and a share
        # of this laptop is recognised once, not at each of its hundred thousand acts.
        self.partage = Partage(poste.partage.as_uri(), {"sans_attendre": True})
        with open_transaction(poste.build_dsn(ENTREPOT, "av_etl"), "av_entrepot") as entrepot:
            recognise(entrepot, self.partage).check()
        self._moteurs = {
            nom: create_moteur(
                f"{poste.build_dsn(ENTREPOT, role)}?options=-c%20synchronous_commit%3Doff", garde=True
            )
            for nom, role in ROLES_ENTREPOT.items()
        }
        self._maitre = psycopg.connect(poste.grappe.dsn(ENTREPOT), autocommit=True)  # who sets its clock
        self.reglages = load_reglages().model_copy(
            update={"cle_identite": SecretStr(poste.secrets["identite"])}
        )
        self.dictionnaire = tuple(load_dictionnaire())

    def open_jour(self, instant: datetime) -> Journee:
        """Set the warehouse's clock and the source's to this instant, and return the day."""
        self._maitre.execute(
            "INSERT INTO suivi.horloge (decalage) VALUES (%(instant)s - now())"
            " ON CONFLICT (une) DO UPDATE SET decalage = excluded.decalage",
            {"instant": instant},
        )
        return self.build_journee(instant)

    def build_journee(self, instant: datetime) -> Journee:
        """Return the day of this instant; the warehouse's clock stays as it is."""
        jour = f"-c%20av.jour%3D{instant.astimezone(PARIS):%Y-%m-%d}"

        def open_base(nom: str) -> AbstractContextManager[Connection]:
            if nom == "av_source":
                return open_transaction(f"{self.poste.build_dsn(SOURCE, ROLE_SOURCE)}?options={jour}", nom)
            return self._open_entrepot(nom)

        return Journee(instant, open_base, self.partage, self.reglages, self.dictionnaire, self._alter_source)

    def close(self) -> None:
        """Give the warehouse the server's clock again, and leave nobody connected."""
        with self._maitre as maitre:
            maitre.execute("DELETE FROM suivi.horloge")
        for moteur in self._moteurs.values():
            moteur.dispose()

    @contextmanager
    def freeze(self) -> Iterator[Connection]:
        """Open a transaction that sees the warehouse as it is now, its clock included, whatever others do meanwhile."""
        with translate_errors("av_entrepot"), self._moteurs["av_entrepot"].connect() as connexion:
            fige = connexion.execution_options(isolation_level="REPEATABLE READ")
            with fige.begin():
                read_jour(fige)
                yield fige

    @contextmanager
    def _open_entrepot(self, nom: str) -> Iterator[Connection]:
        with translate_errors(nom), self._moteurs[nom].begin() as connexion:
            yield connexion

    def _alter_source(self, ordre: str, valeurs: Mapping[str, object]) -> None:
        with psycopg.connect(self.poste.grappe.dsn(SOURCE), autocommit=True) as connexion:
            connexion.execute(ordre, valeurs)
