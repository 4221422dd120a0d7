"""The two nights when clocks change: every cadence of the house comes as often as on another day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pendulum
import pytest
from airflow.timetables.base import TimeRestriction
from airflow.timetables.trigger import CronTriggerTimetable

from airflow_isole import PROJET
from aller_vers.socle.calendrier import PARIS

NUITS = [date(2025, 10, 26), date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28)]
CADENCES = sorted(
    {
        cron
        for f in (PROJET / "dags").glob("*.py")
        for cron in re.findall(r'schedule_cron\("(.+?)"\)', f.read_text("utf-8"))
    }
)
# Besides those of the house: in the hour that is missing in March, and there twice in October.
DANS_L_HEURE = ["0 2 * * *", "30 2 * * *"]


def list_instants(cron: str, nuit: date) -> list[datetime]:
    """Return when this cadence starts its runs, from two days before the night to two days after, as Airflow asks."""
    debut, fin = (
        datetime(nuit.year, nuit.month, nuit.day, 12, tzinfo=PARIS) + timedelta(days=n) for n in (-2, 2)
    )
    cadence, dernier = CronTriggerTimetable(cron, timezone="Europe/Paris"), None
    bornes = TimeRestriction(pendulum.instance(debut), pendulum.instance(fin), catchup=True)
    instants: list[datetime] = []
    while (
        info := cadence.next_dagrun_info(last_automated_data_interval=dernier, restriction=bornes)
    ) is not None:
        instants.append(info.run_after.astimezone(UTC))
        dernier = info.data_interval
        assert len(instants) < 1_000
    return instants


@pytest.mark.parametrize("nuit", NUITS)
@pytest.mark.parametrize("cron", [*CADENCES, *DANS_L_HEURE])
def test_each_cadence_comes_in_order_and_misses_no_day(cron: str, nuit: date) -> None:
    assert "0 4 * * *" in CADENCES
    instants = list_instants(cron, nuit)
    assert all(avant < apres for avant, apres in pairwise(instants))
    jours = [instant.astimezone(PARIS).date() for instant in instants]
    if cron.endswith("* * *") and not cron.endswith("* * * *"):
        assert jours == [nuit + timedelta(days=n) for n in (-1, 0, 1, 2)], "once a day, that night too"
    elif cron.endswith("* * * *"):
        assert max(b - a for a, b in pairwise(instants)) <= timedelta(hours=2)
    else:
        assert nuit not in jours, "business days"
        assert set(jours) >= {nuit + timedelta(days=1)}
