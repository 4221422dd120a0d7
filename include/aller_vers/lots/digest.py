"""The digest of a month's lots, for the national team: one notice, not a hundred."""

from __future__ import annotations

from sqlalchemy import Connection

from aller_vers.lots.a_deposer import drops_lots
from aller_vers.socle.mois import Mois
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import queue_avis


def queue_digest(entrepot: Connection, mois: Mois) -> dict[str, int]:
    """Put the month's digest into the outbox; the same figures again add no second notice.

    Returns:
        ``deposes``, ``vides``, ``retenus`` (lots) and ``personnes``.
    """
    bilan = run_sql(entrepot, "lots/select_bilan.sql", mois=str(mois)).one()
    comptes = {
        "deposes": bilan.deposes, "vides": bilan.vides, "retenus": bilan.retenus, "personnes": bilan.personnes
    }  # fmt: skip
    if drops_lots(entrepot, mois):
        retenues = (
            f" Lots retenus, à décider : {', '.join(bilan.caf_retenues)}." if bilan.caf_retenues else ""
        )
        queue_avis(
            entrepot,
            cle="/".join(
                ["depots", str(mois), "-".join(str(n) for n in comptes.values())]
                + [libelle.partition(" ")[0] for libelle in bilan.caf_retenues]
            ),
            destinataire="equipe_nationale",
            objet=f"Proches aidants : lots de {mois.libelle}",
            corps=f"{bilan.deposes} lots déposés et relus, dont {bilan.vides} vides, pour {bilan.personnes} "
            f"personnes ; {bilan.retenus} lots retenus.{retenues}",
        )
    return comptes
