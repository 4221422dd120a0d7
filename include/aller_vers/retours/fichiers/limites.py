"""What a received file may cost before anything in it is believed."""

from __future__ import annotations

from dataclasses import dataclass

from aller_vers.socle.reglages import Reglages


@dataclass(frozen=True)
class Limites:
    """Sizes in bytes, characters or counts; beyond one of them a file is refused unread."""

    octets: int
    octets_decompresses: int
    entrees: int
    balises: int
    lignes: int
    colonnes: int
    caracteres: int

    @classmethod
    def of(cls, reglages: Reglages) -> Limites:
        """Return the limits that the settings give."""
        return cls(
            octets=reglages.reception_octets_max,
            octets_decompresses=reglages.reception_octets_decompresses_max,
            entrees=reglages.reception_entrees_max,
            balises=reglages.reception_balises_max,
            lignes=reglages.reception_lignes_max,
            colonnes=reglages.reception_colonnes_max,
            caracteres=reglages.reception_caracteres_max,
        )
