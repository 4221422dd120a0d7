"""Refusals of a received file: sentences that the agent who sent it can act on, and never a value of it."""

from __future__ import annotations

from aller_vers.socle.erreurs import ErreurAllerVers


class FichierRefuseError(ErreurAllerVers):
    """A received file that is not taken; ``motif`` is what its sender reads."""

    @property
    def motif(self) -> str:
        """What was found, and what to do, in French."""
        return f"{self.constat}\nÀ faire : {self.remede}"


def name_cellule(numero: int, rang: int) -> str:
    """Return a cell as a spreadsheet names it, from its row and its column, both from 1: « B7 »."""
    lettres = ""
    while rang:
        rang, reste = divmod(rang - 1, 26)
        lettres = chr(ord("A") + reste) + lettres
    return f"{lettres}{numero}"


class DonneePersonnelleError(FichierRefuseError):
    """A received file that holds somebody's data: it is destroyed, never put aside."""


class DonneeDouteuseError(FichierRefuseError):
    """A received file that may hold somebody's data: a person decides, and it is closed to the Caf meanwhile."""
