"""The calendar of the national request: month M, on the first French business day of M+1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from airflow.exceptions import InvalidPartitionKeyError
from airflow.timetables.base import DagRunInfo, DataInterval, TimeRestriction, Timetable
from airflow.utils.types import DagRunType
from pendulum import DateTime, instance

from aller_vers.socle.calendrier import PARIS, echeance_requete
from aller_vers.socle.erreurs import ErreurAllerVers
from aller_vers.socle.mois import Mois

_RETARD_ADMIS = dt.timedelta(hours=1)


class MoisTimetable(Timetable):
    """One run a month; its partition key is the month (``2025-06``), its date the first of it at 00:00 UTC.

    Args:
        heure: Paris time at which the request of a month is due.
        planifie: False starts no run by itself; months are then asked for one by one.
    """

    partitioned = True
    periodic = True
    run_ordering = ("partition_date", "run_after")

    def __init__(self, heure: dt.time = dt.time(6), *, planifie: bool = True) -> None:
        self._heure = heure
        self._planifie = planifie
        self.description = (
            f"Chaque mois, le premier jour ouvré du mois suivant à {heure:%H:%M} (Paris)"
            if planifie
            else "À la demande, un mois à la fois"
        )

    @property
    def summary(self) -> str:
        """Short text for the list of DAGs."""
        return f"1er jour ouvré, {self._heure:%H:%M}" if self._planifie else "à la demande"

    def serialize(self) -> dict[str, Any]:
        """Return what ``deserialize`` needs."""
        return {"heure": self._heure.isoformat(), "planifie": self._planifie}

    @classmethod
    def deserialize(cls, data: dict[str, Any]) -> MoisTimetable:
        """Rebuild the timetable that was serialized."""
        return cls(dt.time.fromisoformat(data["heure"]), planifie=data["planifie"])

    def infer_manual_data_interval(self, *, run_after: DateTime) -> DataInterval:
        """A run asked for by hand has no interval: its month is its key or its parameter."""
        return DataInterval.exact(run_after)

    def generate_run_id(
        self, *, run_type: DagRunType, run_after: DateTime, data_interval: DataInterval | None, **extra: Any
    ) -> str:
        """Name a run after its month, where Airflow says which one it is: a run of the calendar, a backfill."""
        if not (mois := extra.get("partition_key")):
            return super().generate_run_id(
                run_type=run_type, run_after=run_after, data_interval=data_interval, **extra
            )
        return run_type.generate_run_id(suffix=f"{mois}__{run_after.isoformat()}")

    def next_dagrun_info_v2(
        self, *, last_dagrun_info: DagRunInfo | None, restriction: TimeRestriction
    ) -> DagRunInfo | None:
        """Return the next month to run.

        Without catch-up, months missed while the scheduler was away are skipped but the last one, and a DAG
        that has never run waits for its next date. Airflow asks again each time it reads the DAG: for an
        hour, a date that has come is still the next one, or a reading at 06:00:01 would lose the first month.
        """
        if not self._planifie:
            return None
        maintenant = _now()
        if last_dagrun_info is not None:
            mois = _month_of(last_dagrun_info).shift(1)
            if not restriction.catchup:
                mois = max(mois, self._first_due(maintenant).shift(-1))
        elif restriction.catchup and restriction.earliest is not None:
            mois = self._first_due(restriction.earliest)
        else:
            mois = self._first_due(maintenant - _RETARD_ADMIS)
        if restriction.earliest is not None:
            mois = max(mois, self._first_due(restriction.earliest))
        info = self._info(mois)
        return None if restriction.latest is not None and info.run_after > restriction.latest else info

    def iter_partition_dagrun_infos(
        self, *, earliest: dt.datetime, latest: dt.datetime
    ) -> Iterable[DagRunInfo]:
        """Yield the months whose first day lies in ``[earliest, latest]``: what a backfill runs."""
        debut, fin = self.localize_partition_datetime(earliest), self.localize_partition_datetime(latest)
        mois = Mois.of(debut.date())
        while (info := self._info(mois)).partition_date <= fin:  # type: ignore[operator]
            if info.partition_date >= debut:  # type: ignore[operator]
                yield info
            mois = mois.shift(1)

    def _decode_partition_date(self, partition_key: str) -> dt.datetime:
        try:
            return _partition_date(Mois.parse(partition_key))
        except ErreurAllerVers as erreur:
            raise InvalidPartitionKeyError(str(erreur)) from None

    def _first_due(self, instant: dt.datetime) -> Mois:
        """Return the first month whose request is due after this instant (or at it)."""
        mois = Mois.of(instant.astimezone(PARIS).date()).shift(-2)
        while echeance_requete(mois, self._heure) < instant:
            mois = mois.shift(1)
        return mois

    def _info(self, mois: Mois) -> DagRunInfo:
        return DagRunInfo(
            run_after=instance(echeance_requete(mois, self._heure)).in_timezone("UTC"),
            data_interval=None,
            partition_date=_partition_date(mois),
            partition_key=str(mois),
        )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _partition_date(mois: Mois) -> DateTime:
    return DateTime(mois.annee, mois.numero, 1, tzinfo=dt.UTC)


def _month_of(info: DagRunInfo) -> Mois:
    if info.partition_key is not None:
        return Mois.parse(info.partition_key)
    return Mois.of(info.run_after.astimezone(PARIS).date()).shift(-1)
