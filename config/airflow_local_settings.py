"""Loaded once by each Airflow process: what every task needs is imported before workers are forked."""

import aller_vers_airflow.depots
import aller_vers_airflow.requete  # noqa: F401
