"""The step of ``envoi_avis``: what waits in the outbox leaves, or says why it does not."""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk.exceptions import AirflowSkipException

from aller_vers.erreurs import ErreurAllerVers
from aller_vers.reglages import Reglages, load_reglages
from aller_vers_airflow.connexions import find_serveur, open_base
from aller_vers_airflow.contexte import etape


@etape
def send() -> dict[str, int]:
    """Send what waits in the outbox.

    Raises:
        AirflowSkipException: a laptop has no mail server; the notices stay.
        ErreurAllerVers: some notices could not leave; they stay, and the sentence says why.
    """
    from aller_vers.envoi import load_attente, send_avis
    from aller_vers.messagerie import Messagerie

    reglages, maintenant = load_reglages(), datetime.now(UTC)
    serveur = find_serveur()
    if serveur is None:
        with open_base("av_entrepot") as entrepot:
            reste = sum(attente.avis for attente in load_attente(entrepot))
        constat = f"La connexion Airflow av_smtp n'existe pas : {reste} avis restent dans la boîte d'envoi."
        remede = "la créer (hôte, port, utilisateur, mot de passe, et from en extra) pour qu'ils partent."
        if reglages.planification:
            raise ErreurAllerVers(constat, remede)
        raise AirflowSkipException(f"{constat} Remède : {remede}")
    with Messagerie(serveur, maintenant) as messagerie:
        bilan = send_avis(
            lambda: open_base("av_entrepot"), {"courriel": messagerie}, list_adresses(reglages), maintenant
        )
    bilan.require_sent()
    return {"messages": bilan.messages, "avis": bilan.avis}


def list_adresses(reglages: Reglages) -> dict[str, tuple[str, ...]]:
    """Return the addresses of each recipient of the outbox."""
    from aller_vers.envoi import EQUIPE

    return {
        EQUIPE: reglages.adresses_equipe_nationale,
        **{f"caf:{code}": adresses for code, adresses in reglages.adresses_caf.items()},
    }
