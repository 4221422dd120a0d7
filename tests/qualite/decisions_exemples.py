"""A published month in which a lot is held, and what is read of the decisions on it."""

from __future__ import annotations

from lots_exemples import Depot


class Retenu(Depot):
    """A published month in which the Var is held."""

    def hold(self, run_id: str = "r1", **regles: int | None) -> None:
        """Judge the Var again, in this run: held by these rules and counts (None: not evaluated)."""
        self.run("UPDATE core.publication SET run_id = :r", r=run_id)
        self.judge("831", "retenu", run_id=run_id)
        for regle, nombre in regles.items():
            self.run(
                "INSERT INTO dq.verdict (mois, gate, code_caf, regle, severite, verdict, nombre, run_id)"
                " VALUES ('2025-06', 'requete', '831', :g, 'critical', :v, :n, :r)",
                n=nombre, v="non_evalue" if nombre is None else "retenu", g=regle, r=run_id,
            )  # fmt: skip

    def decisions(self) -> list[tuple[object, ...]]:
        """Return (version, state, user, reason, decision, run) of what people decided, oldest first."""
        lignes = self.run(
            "SELECT version, etat, acteur, motif, preuve ->> 'decision', preuve ->> 'execution'"
            " FROM suivi.evenement WHERE preuve ->> 'decision' IS NOT NULL ORDER BY id"
        )
        return [tuple(ligne) for ligne in lignes]
