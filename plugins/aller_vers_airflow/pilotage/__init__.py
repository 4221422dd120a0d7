"""« Pilotage »: the page of the national team, in Airflow; its application is built at the first request."""
