"""The examples of the request and of the indicators serve the marts too."""

import sys
from pathlib import Path

for dossier in ("requete", "indicateurs"):
    sys.path.insert(0, str(Path(__file__).parents[1] / dossier))

from airflow_isole import isolate_airflow  # noqa: E402

isolate_airflow()
