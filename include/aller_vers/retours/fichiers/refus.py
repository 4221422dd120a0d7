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
    from xlsxwriter.utility import xl_rowcol_to_cell  # slow to import, and most files are taken

    return str(xl_rowcol_to_cell(numero - 1, rang - 1))


class DonneePersonnelleError(FichierRefuseError):
    """A received file that holds somebody's data: it is destroyed, never put aside."""


class DonneeDouteuseError(FichierRefuseError):
    """A received file that may hold somebody's data: a person decides, and it is closed to the Caf meanwhile."""
