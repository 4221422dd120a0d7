"""Loaded once by each Airflow process: what tasks need is imported before workers are forked."""

import os
import sys

import aller_vers.lots.depot  # noqa: F401
import aller_vers_airflow.etapes.depots_caf
import aller_vers_airflow.etapes.requete_nationale  # noqa: F401
from aller_vers.qualite.porte import preload
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.lignage import configure

if {"scheduler", "worker"} & set(sys.argv[1:3]):  # the others run no task
    preload()

try:
    configure(os.environ, load_reglages().lignage)
except ErreurAllerVers:  # each DAG says it, with its remedy
    configure(os.environ, "")
