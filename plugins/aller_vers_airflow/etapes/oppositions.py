"""The task of ``oppositions``: the people who object are destroyed everywhere."""

from __future__ import annotations

from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.connexions import find_secret_lot, open_base, open_partage, read_horloge
from aller_vers_airflow.contexte import tache


@tache()
def apply_oppositions() -> dict[str, int]:
    """Destroy everywhere the people whose objection waits, and drop their lots again."""
    from aller_vers.destruction import oppositions

    bilan = oppositions.apply_oppositions(
        lambda: open_base("av_entrepot"), open_partage(), load_reglages(), read_horloge(), find_secret_lot
    )
    bilan.require_complete()
    return {"traitees": bilan.traitees, "lots": bilan.lots}
