"""These tests import Airflow: it gets a home of its own first."""

from __future__ import annotations

from airflow_isole import isolate_airflow

isolate_airflow()
