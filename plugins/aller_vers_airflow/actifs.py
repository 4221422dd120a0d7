"""Assets: what one DAG tells the next, month by month, named after what they hold.

``SOURCE`` is told by nobody and ``RAPPORTS`` starts nothing: they are the two ends of the graph that Airflow shows.
"""

from airflow.sdk import Asset


def _name(nom: str, groupe: str) -> Asset:
    return Asset(nom, uri=f"aller-vers://{nom}", group=groupe)


SOURCE = _name("source_des_caf", "source")
DEMANDEURS = _name("demandeurs_du_mois", "echange")
LOTS = _name("lots_deposes", "echange")
RETOURS = _name("retours_des_cpam", "echange")
MESURES = _name("mesures_comptees", "mesure")
INDICATEURS = _name("indicateurs_publies", "mesure")
RAPPORTS = _name("rapports_ecrits", "mesure")
