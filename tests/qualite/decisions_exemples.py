"""A published month in which a lot is held, and what is read of the decisions on it."""

from __future__ import annotations

from lots_exemples import Depot


class Retenu(Depot):
    """A published month in which the Var is held."""

    def hold(self, run_id: str = "r1", **regles: int | None) -> None:
        """Judge the Var again, in this run: held by these rules and counts (None: not evaluated)."""
        self.run("UPDATE core.publication SET run_id = :r", r=run_id)
        siennes = ((g, "non_evalue" if n is None else "retenu", n) for g, n in regles.items())
        self.judge("831", "retenu", *siennes, run_id=run_id)

    def decisions(self) -> list[tuple[object, ...]]:
        """Return (version, state, user, reason, decision, run) of what people decided, oldest first."""
        lignes = self.run(
            "SELECT version, etat, acteur, motif, preuve ->> 'decision', preuve ->> 'execution'"
            " FROM suivi.evenement WHERE preuve ->> 'decision' IS NOT NULL ORDER BY id"
        )
        return [tuple(ligne) for ligne in lignes]
