"""Tasks of ``suivi_transmissions``: the acknowledgements that came, the reminders that are due."""

from __future__ import annotations

import logging
from typing import Any

from aller_vers.socle.calendrier import PARIS
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import open_base, read_horloge
from aller_vers_airflow.contexte import tache
from aller_vers_airflow.etapes.fichiers_recus import collect_files

_journal = logging.getLogger(__name__)


@tache()
def read_accuses() -> dict[str, Any]:
    """Take the acknowledgements of every Caf; every other file that can be handled is."""
    from aller_vers.retours.accuse import take_accuse

    maintenant = read_horloge()
    jour = maintenant.astimezone(PARIS).date()
    return collect_files(
        sorted(load_caf()),
        ("accuse",),
        lambda e, caf, _, tableau: take_accuse(e, caf, tableau, jour),
        maintenant,
    )


@tache()
def remind_caf() -> dict[str, int]:
    """Put the reminders that are due into the outbox, and offer what awaits to the portal, if there is one.

    Who was transmitted is remembered as well, where the setting says so.
    """
    from aller_vers.destruction.memoire import remember_transmis
    from aller_vers.retours import relances
    from aller_vers.retours.portail import PortailSimule, send_lots

    reglages, jour = load_reglages(), read_horloge().astimezone(PARIS).date()
    with open_base("av_entrepot") as entrepot:
        comptes = relances.remind(entrepot, jour, reglages)
        remember_transmis(entrepot, reglages, jour)
        if reglages.portail == "simule":
            portail = PortailSimule([])
            comptes["envoyes"] = send_lots(entrepot, portail, relances.list_en_attente(entrepot))
            _journal.info("Portail simulé : %d envois notés, aucun n'est parti.", len(portail.demandes))
    return comptes
