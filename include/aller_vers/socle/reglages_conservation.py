"""How long anything is kept: data, traces, received files, backups."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, model_validator

# What the law alone fixes (R.114-9-7 CRPA), in months: data that were exchanged, at most; their trace.
MOIS_PLAFOND = 12
MOIS_TRACE = 36


class ReglagesConservation(BaseModel):
    """Delays after which something is destroyed; the law's ceiling holds over all of them."""

    mois_avant_purge: int = Field(3, ge=1, le=MOIS_PLAFOND)
    """Months after its first drop when a lot is destroyed at the latest, tables and share; the ceiling is the law's
    (R.114-9-7 CRPA)."""
    mois_apres_traitement: int = Field(1, ge=1, le=MOIS_PLAFOND)
    """Months after every Cpam has treated a lot when it is destroyed; also for an extract that nothing followed."""
    mois_certificat: int = Field(1, ge=1, le=MOIS_PLAFOND)
    """Months after its treatment when a Cpam has destroyed a lot, and certified it (IT 2025-098 §2.2)."""
    mois_opposition: int = Field(24, ge=12, le=24)
    """Months that the record of an objection is kept (R.114-9-7 CRPA)."""
    mois_lectures: int = Field(6, ge=6, le=12)
    """Months that the page's readings are kept (CNIL, deliberation 2021-122 on logs: 6 to 12)."""
    jours_fichiers_refuses: int = Field(30, ge=1, le=365)
    """Days that a refused file stays on the share."""
    jours_fichiers_traites: int = Field(90, ge=1, le=365)
    """Days that a file which was taken stays in retours/traites/."""
    dossier_quarantaine: str = Field("quarantaine", pattern=r"^[a-z][a-z0-9_-]{2,40}$")
    """Folder of the share, closed to the Caf, of received files that may hold somebody's data."""
    heures_quarantaine: int = Field(24, ge=1, le=168)
    """Hours that such a file waits for a person's decision."""
    dossier_sauvegardes: Path | None = None
    """Folder of the warehouse's backups, if the purge has to empty it."""
    jours_sauvegardes: int = Field(30, ge=1, le=365)
    """Days that a backup stays in that folder."""
    jours_archives_postgres: int = Field(7, ge=0, le=365)
    """Days that PostgreSQL's logs (WAL), their archives and its replicas may hold what is destroyed."""
    jours_traces_airflow: int = Field(90, ge=1, le=365)
    """Days that Airflow keeps its runs, XComs and task logs."""

    @model_validator(mode="after")
    def _obeys_the_ceiling(self) -> Self:
        # A backup made on the last day still holds the persons.
        if (
            self.dossier_sauvegardes
            and self.mois_avant_purge * 31 + self.jours_sauvegardes > MOIS_PLAFOND * 31
        ):
            raise ValueError(
                f"mois_avant_purge et jours_sauvegardes gardent ensemble les données plus de {MOIS_PLAFOND} mois "
                "(R.114-9-7 CRPA) : réduire l'un des deux."
            )
        return self
