"""Steps of ``suivi_transmissions`` and ``retours_cpam``: what the Caf put into their folders, what is late."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.retours.fichiers.boite import Bilan, Boite, Take, collect
from aller_vers.retours.fichiers.formes import Nom
from aller_vers.retours.fichiers.limites import Limites
from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.actifs import RETOURS_CPAM
from aller_vers_airflow.connexions import open_base, open_partage
from aller_vers_airflow.contexte import etape, link_execution

_journal = logging.getLogger(__name__)
_MOIS_DE_MODELES = 6


@etape
def read_accuses() -> dict[str, Any]:
    """Take the acknowledgements of every Caf; every other file that can be handled is."""
    from aller_vers.retours.accuse import take_accuse

    maintenant = datetime.now(UTC)
    jour = maintenant.astimezone(PARIS).date()
    return collect_files(
        sorted(load_caf()),
        ("accuse",),
        lambda e, caf, _, tableau: take_accuse(e, caf, tableau, jour),
        maintenant,
    )


@etape
def remind() -> dict[str, int]:
    """Put the reminders that are due into the outbox, and offer what awaits to the portal, if there is one."""
    from aller_vers.retours import relances
    from aller_vers.retours.portail import PortailSimule, send_lots
    from aller_vers.retours.transmission import list_en_attente

    reglages, jour = load_reglages(), datetime.now(PARIS).date()
    with open_base("av_entrepot") as entrepot:
        comptes = relances.remind(entrepot, jour, reglages)
        if reglages.portail == "simule":
            portail = PortailSimule([])
            comptes["envoyes"] = send_lots(entrepot, portail, list_en_attente(entrepot))
            _journal.info("Portail simulé : %d envois notés, aucun n'est parti.", len(portail.demandes))
    return comptes


@etape
def read_retours() -> dict[str, Any]:
    """Take the returns of every Caf; every other file that can be handled is."""
    from aller_vers.retours.recus import take_retours

    maintenant = datetime.now(UTC)
    return collect_files(
        sorted(load_caf()),
        ("mensuel", "semestriel", "profil", "mesure"),
        lambda e, caf, forme, tableau: take_retours(e, caf, forme, tableau, maintenant),
        maintenant,
    )


@etape
def check(bilan: Any) -> None:
    """Fail, once everything else is done, if a file of some Caf could be neither taken nor refused."""
    Bilan(bloques=tuple(bilan["bloques"])).require_all()


@etape
def judge() -> dict[str, int]:
    """Count the rules over what is to be judged, then let Great Expectations judge the counts."""
    from aller_vers.retours.bulletin import announce_retours
    from aller_vers.retours.jugement import judge_retours, profile_retours, save_decisions

    run_id = _run_id()
    with open_base("av_entrepot") as entrepot:
        profile_retours(entrepot, run_id)
    with open_base("av_qualite") as qualite:
        retours = judge_retours(qualite, run_id)
    with open_base("av_entrepot") as entrepot:
        save_decisions(entrepot, run_id, retours.decisions)
        announce_retours(entrepot, retours, link_execution(), datetime.now(UTC))
    return dict(Counter(str(decision) for decision in retours.decisions.values()))


@etape
def publish() -> dict[str, int]:
    """Give each return its verdict, tell the ledger, measure the months that changed."""
    from aller_vers.retours.publication import publish_retours

    with open_base("av_entrepot") as entrepot:
        publication = publish_retours(entrepot, _run_id())
    return {
        "juges": publication.juges,
        "inscrits": publication.inscrits,
        "avis": publication.avis,
        "mois": len(publication.mois),
    }


@etape
def write_modeles() -> dict[str, int]:
    """Bring the templates of every Caf to what is still awaited."""
    from aller_vers.retours.modeles import list_attendus, write_modeles
    from aller_vers.socle.mois import Mois

    jour = datetime.now(PARIS).date()
    with open_base("av_entrepot") as entrepot:
        attendus = list_attendus(entrepot, Mois.of(jour).shift(-_MOIS_DE_MODELES))
    return {"modeles": write_modeles(open_partage(), attendus, jour)}


@etape
def announce() -> list[str]:
    """Tell the DAGs that follow which months changed; nothing is told when none did."""
    from aller_vers.retours.publication import list_mois

    with open_base("av_entrepot") as entrepot:
        mois = list_mois(entrepot, _run_id())
    if not mois:
        raise AirflowSkipException("Aucun mois n'a changé : rien à annoncer.")
    evenement = get_current_context()["outlet_events"][RETOURS_CPAM]
    for cle in mois:
        evenement.add_partitions(cle)
    return list(mois)


def collect_files(
    dossiers: Sequence[str], formes: tuple[Nom, ...], take: Take, maintenant: datetime
) -> dict[str, Any]:
    """Receive the files of these folders of the share, each whole or not at all; return what became of them."""
    reglages = load_reglages()
    boite = Boite(
        open_entrepot=lambda: open_base("av_entrepot"),
        partage=open_partage(),
        limites=Limites.of(reglages),
        maintenant=maintenant,
        repos=timedelta(seconds=reglages.reception_fraicheur_secondes),
        formes=formes,
        take=take,
    )
    return asdict(collect(boite, dossiers, _journal.warning))


def _run_id() -> str:
    return str(get_current_context()["dag_run"].run_id)
