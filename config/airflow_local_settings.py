"""Loaded once by each Airflow process: what tasks need is imported before workers are forked."""

import os
import sys
from importlib import import_module
from pathlib import Path

import aller_vers.lots.depot
import aller_vers_airflow.etapes.depots_caf
import aller_vers_airflow.etapes.requete_nationale  # noqa: F401
from aller_vers.qualite.porte import preload
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.gabarits import preload as preload_gabarits
from aller_vers.socle.reglages import load_reglages
from aller_vers_airflow.lignage import configure

if {"scheduler", "worker"} & set(sys.argv[1:3]):  # the others run no task
    preload()
    # Imported late, for those who need none of them: 0.2 s of a lot's task, 0.1 s of cleaning and of the reports.
    for module in (
        "holidays.countries",
        "xlsxwriter.workbook",
        "babel.dates",
        "aller_vers.socle.feuille_de_rangees",
        "aller_vers.requete.nettoyage.passe",
        "aller_vers.rapports.ecriture",
    ):
        import_module(module)
    lots, rapports = (Path(m.__file__).parent for m in (aller_vers.lots, sys.modules["aller_vers.rapports"]))
    preload_gabarits(*lots.glob("*.j2"), rapports / "caisse.html.j2", rapports / "rapport.html.j2")

try:
    configure(os.environ, load_reglages().lignage)
except ErreurAllerVers:  # each DAG says it, with its remedy
    configure(os.environ, "")
