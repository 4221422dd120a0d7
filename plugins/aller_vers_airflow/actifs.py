"""Assets: what one DAG tells the next, month by month."""

from airflow.sdk import Asset

REQUETE_NATIONALE = Asset("requete_nationale", uri="aller-vers://requete_nationale")
DEPOTS_CAF = Asset("depots_caf", uri="aller-vers://depots_caf")
MARTS_INDICATEURS = Asset("marts_indicateurs", uri="aller-vers://marts_indicateurs")
