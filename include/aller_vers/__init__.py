"""Aller-vers: the monthly exchange of IT 2025-098, without Airflow.

What decides lives here as plain Python over plain data; what schedules lives in ``plugins/`` and ``dags/``.
"""
