"""What a received file may cost before anything in it is believed: the settings, and the limits that they make."""

from __future__ import annotations

from dataclasses import dataclass, fields

from pydantic import BaseModel, Field


class ReglagesReception(BaseModel):
    """Limits of the files that a Caf, a Cpam or the national team drops."""

    reception_fraicheur_secondes: int = Field(60, ge=0, le=3_600)
    """Seconds that a received file has to rest: it may still be copied."""
    reception_octets_max: int = Field(2_000_000, ge=1_000, le=50_000_000)
    """Bytes of a received file, at most."""
    reception_octets_decompresses_max: int = Field(10_000_000, ge=10_000, le=100_000_000)
    """Bytes of a received workbook once opened."""
    reception_entrees_max: int = Field(200, ge=10, le=2_000)
    """Parts of a received workbook, at most."""
    reception_balises_max: int = Field(400_000, ge=1_000, le=4_000_000)
    """XML tags of a received workbook, at most."""
    reception_lignes_max: int = Field(5_000, ge=10, le=100_000)
    """Rows of a received table, at most."""
    reception_colonnes_max: int = Field(60, ge=15, le=1_000)
    """Columns of a received table, at most."""
    reception_caracteres_max: int = Field(500, ge=50, le=30_000)
    """Characters of a cell of a received table, at most."""
    reception_cellules_max: int = Field(100_000, ge=1_000, le=2_000_000)
    """Cells of a received workbook, all its sheets together."""
    reception_secondes_max: int = Field(10, ge=1, le=120)
    """Seconds that reading one received file may last."""


@dataclass(frozen=True)
class Limites:
    """What a received file may cost before anything in it is believed: bytes, counts, seconds."""

    octets: int
    octets_decompresses: int
    entrees: int
    balises: int
    lignes: int
    colonnes: int
    caracteres: int
    cellules: int
    secondes: int

    @classmethod
    def of(cls, reglages: ReglagesReception) -> Limites:
        """Return the limits that the settings give."""
        return cls(**{champ.name: getattr(reglages, f"reception_{champ.name}_max") for champ in fields(cls)})
