"""The only file that Airflow loads as a plugin: it registers."""

from airflow.plugins_manager import AirflowPlugin

from aller_vers_airflow.calendrier import MoisTimetable


class AllerVersPlugin(AirflowPlugin):
    """Aller-vers in Airflow: the calendar of the month."""

    name = "aller_vers"
    timetables = [MoisTimetable]  # noqa: RUF012 - Airflow's own declaration
