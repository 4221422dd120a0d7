"""What a person reads while a month runs: a task, as soon as one has begun."""

from __future__ import annotations

import pytest

from aller_vers.poste.mois_complet import Avancement, read_avancement

FAIT, COURT, PRET, A_VENIR = "success", "running", "scheduled", None


@pytest.mark.parametrize(
    ("etats", "dit"),
    [
        ({"lire": [A_VENIR], "ecrire": [A_VENIR]}, ("", 0, 0)),
        ({"lire": [PRET], "ecrire": [A_VENIR]}, ("lire", 0, 1)),
        ({"lire": [FAIT], "ecrire": [A_VENIR]}, ("lire", 1, 1)),
        ({"lire": [FAIT], "ecrire": [FAIT, COURT, PRET, PRET], "dire": [A_VENIR]}, ("ecrire", 1, 4)),
        ({"lire": [COURT], "ecrire": [PRET, PRET, PRET]}, ("lire", 0, 1)),
        ({"lire": [FAIT], "ecrire": [FAIT, FAIT], "dire": [A_VENIR]}, ("ecrire", 2, 2)),
    ],
)
def test_the_task_that_runs_is_said_else_the_next_else_the_last(
    etats: dict[str, list[str | None]], dit: tuple[str, int, int]
) -> None:
    instances = [
        {
            "task_id": tache,
            "state": etat,
            "end_date": f"2025-07-01T06:00:{rang:02d}Z" if etat == FAIT else None,
        }
        for rang, (tache, etat) in enumerate((t, e) for t, siens in etats.items() for e in siens)
    ]
    assert read_avancement("depots_caf", instances) == Avancement("depots_caf", *dit)
