"""The task of ``envoi_avis``: what waits in the outbox leaves, or says why it does not."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from datetime import UTC, datetime

from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.francais import conjugate
from aller_vers.socle.referentiel import load_cpam
from aller_vers.socle.reglages import Reglages, load_reglages
from aller_vers_airflow.connexions import find_salons, find_serveur, open_base
from aller_vers_airflow.contexte import tache

_journal = logging.getLogger(__name__)


@tache()
def send_avis() -> dict[str, int]:
    """Send what waits in the outbox, by mail and to the rooms of the national team.

    Raises:
        AirflowSkipException: a laptop has neither a mail server nor a room; the notices stay.
        ErreurAllerVers: a way out that is set up refused some notices; they stay, and the sentence says why.
    """
    from aller_vers.suivi.envoi import APPRISE, COURRIEL, Canal, load_attente, name_salon
    from aller_vers.suivi.envoi import send_avis as send
    from aller_vers.suivi.messagerie import Messagerie
    from aller_vers.suivi.salons import Salons

    reglages, maintenant = load_reglages(), datetime.now(UTC)
    serveur, salons = find_serveur(), find_salons()
    if serveur is None and not salons:
        with open_base("av_entrepot") as entrepot:
            attente = load_attente(entrepot)
        restent = conjugate(sum(a.avis for a in attente), "avis", "reste", "restent")
        if de_salon := sum(a.avis for a in attente if a.canal == APPRISE):
            raise ErreurAllerVers(
                f"Ni la connexion Airflow av_apprise ni av_smtp n'existe : {restent} dans la boîte d'envoi, "
                f"dont {de_salon} pour un salon.",
                "remettre av_apprise (salons en extra) pour ceux-là, créer av_smtp pour les autres.",
            )
        constat = f"La connexion Airflow av_smtp n'existe pas : {restent} dans la boîte d'envoi."
        remede = "la créer (hôte, port, utilisateur, mot de passe, et from en extra) pour qu'ils partent."
        if reglages.planification:
            raise ErreurAllerVers(constat, remede)
        raise AirflowSkipException(f"{constat} Remède : {remede}")
    adresses = list_adresses(reglages) | {name_salon(nom): (nom,) for nom in salons}
    with ExitStack() as sessions:
        canaux: dict[str, Canal] = {APPRISE: Salons(salons)}
        if serveur is not None:
            canaux[COURRIEL] = sessions.enter_context(Messagerie(serveur, maintenant))
        bilan = send(lambda: open_base("av_entrepot"), canaux, adresses, maintenant, tuple(salons))
    if bilan.sans_voie:
        _journal.warning(
            "%s dans la boîte d'envoi, faute de serveur de messagerie : créer la connexion Airflow "
            "av_smtp pour qu'ils partent. Les salons, eux, sont servis.",
            conjugate(bilan.sans_voie, "avis", "reste", "restent"),
        )
    bilan.require_sent()
    return {"messages": bilan.messages, "avis": bilan.avis, "sans_voie": bilan.sans_voie}


def list_adresses(reglages: Reglages) -> dict[str, tuple[str, ...]]:
    """Return the addresses of each recipient of the outbox."""
    from aller_vers.suivi.avis import EQUIPE

    return {
        EQUIPE: reglages.adresses_equipe_nationale,
        **{f"caf:{code}": adresses for code, adresses in reglages.adresses_caf.items()},
        # A Cpam without an address does not reach the share: the national team relays.
        **{
            f"cpam:{code}": reglages.adresses_cpam.get(code) or reglages.adresses_equipe_nationale
            for code in load_cpam()
        },
    }
