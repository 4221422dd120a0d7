"""Refusals of a received file: sentences that the agent who sent it can act on, and never a value of it."""

from __future__ import annotations

from aller_vers.socle.erreurs import ErreurAllerVers


class FichierRefuseError(ErreurAllerVers):
    """A received file that is not taken; ``motif`` is what its sender reads."""

    @property
    def motif(self) -> str:
        """What was found, and what to do, in French."""
        return f"{self.constat}\nÀ faire : {self.remede}"


class DonneePersonnelleError(FichierRefuseError):
    """A received file that seems to hold somebody's data: it is destroyed, never put aside."""
