"""Loaded once by each Airflow process: what tasks need is imported before workers are forked."""

import sys

import aller_vers.lots.depot  # noqa: F401
import aller_vers_airflow.etapes.depots_caf
import aller_vers_airflow.etapes.requete_nationale  # noqa: F401
from aller_vers.qualite.porte import preload

if {"scheduler", "worker"} & set(sys.argv[1:3]):  # the others run no task
    preload()
