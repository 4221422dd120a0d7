"""The lineage of a month, told to an OpenLineage backend by Airflow's own provider; off unless a setting says where.

Comes in: what a step returned, the verdicts of its gate, what it destroyed. Goes out: tables, lots, counts, verdicts.
Never: a person, a path, an address, a reason that somebody wrote, the text of an error.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping

ESPACE = "aller-vers"


def configure(environnement: MutableMapping[str, str], destination: str) -> None:
    """Give Airflow's provider its settings; whatever it was told elsewhere, nothing leaves but by our own transport.

    Args:
        environnement: of this process, before Airflow reads its plugins.
        destination: an address (http, https) or a file; empty: nothing is told, and nothing of it is imported.
    """
    transport = {"type": f"{__name__}.sortie.Sortie", "destination": destination}
    reglages = {
        "DISABLED": str(not destination),
        "TRANSPORT": json.dumps(transport) if destination else "",
        "CONFIG_PATH": "",
        "CONFIG_CONN_ID": "",
        "NAMESPACE": ESPACE,
        "EXTRACTORS": f"{__name__}.extraction.ExtracteurEtape",
        "CUSTOM_RUN_FACETS": "",
        # A thread, waited for two seconds: a fork of a task holds the line to its supervisor.
        "EXECUTE_IN_THREAD": "True",
        "EXECUTION_TIMEOUT": "2",
    }
    environnement.update({f"AIRFLOW__OPENLINEAGE__{cle}": valeur for cle, valeur in reglages.items()})
