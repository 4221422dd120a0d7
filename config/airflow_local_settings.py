"""Loaded once by each Airflow process: what every task needs is imported before workers are forked."""

import aller_vers.lots.depot  # noqa: F401
import aller_vers_airflow.etapes.depots_caf
import aller_vers_airflow.etapes.requete_nationale  # noqa: F401
