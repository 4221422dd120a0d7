"""Assets: what one DAG tells the next, month by month."""

from airflow.sdk import Asset

REQUETE_NATIONALE = Asset("requete_nationale", uri="aller-vers://requete_nationale")
DEPOTS_CAF = Asset("depots_caf", uri="aller-vers://depots_caf")
RETOURS_CPAM = Asset("retours_cpam", uri="aller-vers://retours_cpam")
MESURES_SERVICES = Asset("mesures_services", uri="aller-vers://mesures_services")
MARTS_INDICATEURS = Asset("marts_indicateurs", uri="aller-vers://marts_indicateurs")
