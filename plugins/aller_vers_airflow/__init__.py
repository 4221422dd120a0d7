"""Where Airflow and the domain meet: calendar, connections, steps. Imported absolutely, never as a plugin."""
