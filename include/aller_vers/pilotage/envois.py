"""The outbox: notices and reminders as they were written, whether they left; one that left is sent again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from aller_vers.pilotage.etats import EtatAffiche
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.referentiel import load_caf
from aller_vers.socle.sql import run_sql
from aller_vers.suivi.avis import EQUIPE

PARTI = EtatAffiche("traite", "Parti", "✓")
ATTENTE = EtatAffiche("depose", "En attente", "◔")
REFUSE = EtatAffiche("retard", "Refusé", "▲")


@dataclass(frozen=True)
class Envoi:
    """A notice or a reminder; ``derniere_erreur`` is a code; ``demande_par``: who had it sent again."""

    cle: str
    destinataire: str
    objet: str
    cree_le: datetime
    envoye_le: datetime | None
    tentatives: int
    derniere_erreur: str | None
    demande_par: str | None
    corps: str

    @property
    def etat(self) -> EtatAffiche:
        """Whether it left."""
        return PARTI if self.envoye_le else REFUSE if self.tentatives else ATTENTE

    @property
    def qui(self) -> str:
        """The Caf's label, or the team."""
        caf = load_caf().get(self.destinataire.removeprefix("caf:"))
        return (
            caf.libelle if caf else "Équipe nationale" if self.destinataire == EQUIPE else self.destinataire
        )


def load_envois(
    pilotage: Connection, code_caf: str | None = None, *, rappels: bool = False, nombre: int = 100
) -> tuple[Envoi, ...]:
    """Return the last notices, newest first: of a Caf or of everybody, reminders alone or all."""
    return tuple(
        Envoi(**a._mapping)
        for a in run_sql(
            pilotage, "pilotage/select_avis.sql",
            destinataire=f"caf:{code_caf}" if code_caf else None, rappels=rappels, nombre=nombre,
        )
    )  # fmt: skip


def resend(pilotage: Connection, cle: str, acteur: str) -> bool:
    """Put a notice that left into the outbox again, in the name of the person.

    Returns:
        False while a copy of it still waits.

    Raises:
        ErreurAllerVers: it never left, or there is none of this name.
    """
    try:
        with pilotage.begin_nested():
            return bool(run_sql(pilotage, "suivi/resend_avis.sql", cle=cle, acteur=acteur).scalar_one())
    except IntegrityError:
        raise ErreurAllerVers(
            "Cet avis n'est pas parti : il ne se renvoie pas.",
            "attendre son envoi ; s'il est refusé, la cause est dans la boîte d'envoi.",
        ) from None
