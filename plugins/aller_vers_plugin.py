"""The only file that Airflow loads as a plugin: it registers."""

from airflow.plugins_manager import AirflowPlugin

from aller_vers_airflow.calendrier import MoisTimetable
from aller_vers_airflow.pilotage.entree import PREFIXE, Pilotage
from aller_vers_airflow.saisies import SaisiesMiddleware


class AllerVersPlugin(AirflowPlugin):
    """Aller-vers in Airflow: the calendar of the month, the page of the national team, the check of what is typed."""

    name = "aller_vers"
    timetables = [MoisTimetable]  # noqa: RUF012 - Airflow's own declaration
    fastapi_apps = [{"name": "Pilotage", "app": Pilotage(), "url_prefix": PREFIXE}]  # noqa: RUF012
    fastapi_root_middlewares = [{"name": "Saisies", "middleware": SaisiesMiddleware}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {
            "name": "Pilotage",
            "href": f"{PREFIXE}/",
            "destination": "nav",
            "url_route": "pilotage",
            "nav_top_level": True,
        }
    ]
