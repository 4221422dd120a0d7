"""The calendar of the national request, as the scheduler asks it, over ten years and without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from itertools import pairwise
from zoneinfo import ZoneInfo

import pendulum
import pytest
from airflow.exceptions import InvalidPartitionKeyError
from airflow.timetables.base import DagRunInfo, TimeRestriction
from airflow.utils.types import DagRunType

from aller_vers.socle.mois import Mois
from aller_vers_airflow import calendrier
from aller_vers_airflow.calendrier import MoisTimetable

PARIS = ZoneInfo("Europe/Paris")
Figer = Callable[[str], None]

# Due dates checked by hand against a calendar: (month, Paris day of the run, its hour in UTC).
ECHEANCES = [
    ("2024-03", "2024-04-02", 4),  # 1 April is Easter Monday
    ("2024-12", "2025-01-02", 5),  # 1 January
    ("2025-04", "2025-05-02", 4),  # 1 May, a Thursday
    ("2026-04", "2026-05-04", 4),  # 1 May, a Friday
    ("2025-05", "2025-06-02", 4),  # starts on a Sunday
    ("2025-02", "2025-03-03", 5),  # starts on a Saturday
    ("2025-10", "2025-11-03", 5),  # 1 November, a Saturday
    ("2024-10", "2024-11-04", 5),  # 1 November, a Friday
    ("2025-06", "2025-07-01", 4),
    ("2025-03", "2025-04-01", 4),  # two days after the hour changed
    ("2027-12", "2028-01-03", 5),  # 1 January, a Saturday
]


@pytest.fixture
def figer(monkeypatch: pytest.MonkeyPatch) -> Figer:
    """Give a function that stops the timetable's clock at a Paris time."""

    def freeze(instant: str) -> None:
        fige = dt.datetime.fromisoformat(instant).replace(tzinfo=PARIS)
        monkeypatch.setattr(calendrier, "_now", lambda: fige.astimezone(dt.UTC))

    return freeze


def restrict(
    earliest: str | None = None, latest: str | None = None, *, catchup: bool = False
) -> TimeRestriction:
    bornes = [
        pendulum.instance(dt.datetime.fromisoformat(texte).replace(tzinfo=PARIS)) if texte else None
        for texte in (earliest, latest)
    ]
    return TimeRestriction(bornes[0], bornes[1], catchup)


def find_next(
    last: DagRunInfo | None, restriction: TimeRestriction, *, planifie: bool = True
) -> DagRunInfo | None:
    return MoisTimetable(planifie=planifie).next_dagrun_info_v2(
        last_dagrun_info=last, restriction=restriction
    )


def make_info(mois: str) -> DagRunInfo:
    [info] = MoisTimetable().iter_partition_dagrun_infos(
        earliest=dt.datetime.fromisoformat(f"{mois}-01T00:00+00:00"),
        latest=dt.datetime.fromisoformat(f"{mois}-01T00:00+00:00"),
    )
    return info


def find_key(last: str | None, restriction: TimeRestriction) -> str | None:
    info = find_next(make_info(last) if last else None, restriction)
    return info.partition_key if info else None


@pytest.mark.parametrize(("mois", "jour", "heure_utc"), ECHEANCES)
def test_a_month_runs_at_six_in_paris_on_the_first_business_day_of_the_next(
    mois: str, jour: str, heure_utc: int
) -> None:
    info = make_info(mois)
    assert info.run_after.isoformat() == f"{jour}T{heure_utc:02d}:00:00+00:00"
    assert info.run_after.astimezone(PARIS).hour == 6
    assert info.partition_key == mois
    assert info.partition_date == dt.datetime.fromisoformat(f"{mois}-01T00:00:00+00:00")
    assert info.data_interval is None
    assert info.logical_date is None


def test_a_run_of_the_calendar_is_named_after_its_month() -> None:
    info = make_info("2025-06")
    nom = MoisTimetable().generate_run_id(
        run_type=DagRunType.SCHEDULED, run_after=info.run_after, data_interval=None,
        partition_key=info.partition_key,
    )  # fmt: skip
    assert nom == "scheduled__2025-06__2025-07-01T04:00:00+00:00"


def test_over_ten_years_the_scheduler_runs_every_month_exactly_once(figer: Figer) -> None:
    figer("2024-01-15T12:00")
    info = find_next(None, restrict())
    infos = []
    for _ in range(120):
        assert info is not None
        infos.append(info)
        # The scheduler makes the run a little after its time, and asks for the next one.
        figer((info.run_after.astimezone(PARIS) + dt.timedelta(seconds=3)).isoformat()[:19])
        info = find_next(info, restrict())
    attendus = [str(Mois(2024, 1).shift(n)) for n in range(120)]
    assert [info.partition_key for info in infos] == attendus
    for info in infos:
        local = info.run_after.astimezone(PARIS)
        assert (local.hour, local.minute) == (6, 0)
        assert local.weekday() < 5
        assert local.day <= 6
        assert str(Mois.of(local.date()).shift(-1)) == info.partition_key
        assert info.run_after.hour in {4, 5}
    assert all(avant.run_after < apres.run_after for avant, apres in pairwise(infos))
    assert {info.run_after.hour for info in infos} == {4, 5}


def test_asked_again_before_the_date_the_answer_stays_the_same(figer: Figer) -> None:
    reponses = set()
    for instant in ("2025-06-02T06:00:01", "2025-06-15T00:00", "2025-07-01T05:59", "2025-07-01T06:30"):
        figer(instant)
        reponses.add(find_key("2025-05", restrict()))
    assert reponses == {"2025-06"}


def test_a_dag_that_has_never_run_waits_for_its_next_date(figer: Figer) -> None:
    for instant in ("2025-06-02T07:30", "2025-06-20T12:00", "2025-07-01T05:59"):
        figer(instant)
        info = find_next(None, restrict())
        assert info is not None
        assert info.partition_key == "2025-06"
        assert info.run_after == dt.datetime(2025, 7, 1, 4, tzinfo=dt.UTC)


def test_a_start_long_ago_starts_nothing_at_once_without_catch_up(figer: Figer) -> None:
    figer("2025-06-20T12:00")
    assert find_key(None, restrict("2020-01-01")) == "2025-06"


@pytest.mark.parametrize("instant", ["2025-07-01T06:00:00", "2025-07-01T06:00:01", "2025-07-01T06:45"])
def test_the_first_month_is_not_lost_when_airflow_reads_the_dag_just_after_its_time(
    figer: Figer, instant: str
) -> None:
    figer(instant)
    assert find_key(None, restrict()) == "2025-06"


def test_after_the_hour_the_first_month_is_the_next_one(figer: Figer) -> None:
    figer("2025-07-01T07:00:01")
    assert find_key(None, restrict()) == "2025-07"


def test_after_an_outage_without_catch_up_only_the_last_month_runs(figer: Figer) -> None:
    figer("2025-06-20T12:00")
    assert find_key("2025-01", restrict()) == "2025-05"
    assert find_key("2025-05", restrict()) == "2025-06"


def test_after_an_outage_with_catch_up_every_month_runs_in_order(figer: Figer) -> None:
    figer("2025-06-20T12:00")
    cles, cle = [], "2025-01"
    for _ in range(5):
        suivante = find_key(cle, restrict(catchup=True))
        assert suivante is not None
        cles.append(cle := suivante)
    assert cles == ["2025-02", "2025-03", "2025-04", "2025-05", "2025-06"]


def test_with_catch_up_the_first_month_is_the_first_due_since_the_start(figer: Figer) -> None:
    figer("2025-06-20T12:00")
    assert find_key(None, restrict("2024-04-02T06:00", catchup=True)) == "2024-03"
    assert find_key(None, restrict("2024-04-02T06:01", catchup=True)) == "2024-04"
    assert find_key(None, restrict(catchup=True)) == "2025-06"


@pytest.mark.parametrize("catchup", [False, True])
def test_nothing_is_due_before_the_start_nor_after_the_end(figer: Figer, catchup: bool) -> None:
    figer("2025-06-20T12:00")
    assert find_key(None, restrict("2025-09-15", catchup=catchup)) == "2025-09"
    assert find_key("2025-05", restrict("2025-09-15", catchup=catchup)) == "2025-09"
    assert find_key("2025-05", restrict(latest="2025-07-01T06:00", catchup=catchup)) == "2025-06"
    assert find_key("2025-05", restrict(latest="2025-07-01T05:59", catchup=catchup)) is None


def test_a_run_without_a_key_is_followed_by_the_month_of_its_date(figer: Figer) -> None:
    figer("2025-07-02T12:00")
    ancien = DagRunInfo(pendulum.datetime(2025, 7, 1, 4), None)
    info = find_next(ancien, restrict())
    assert info is not None
    assert info.partition_key == "2025-07"


@pytest.mark.parametrize("catchup", [False, True])
def test_a_laptop_starts_no_month_by_itself(figer: Figer, catchup: bool) -> None:
    figer("2025-07-01T06:00:01")
    for dernier in (None, make_info("2025-01")):
        assert find_next(dernier, restrict("2024-01-01", catchup=catchup), planifie=False) is None


def test_a_backfill_of_a_year_is_its_twelve_months_bounds_included() -> None:
    infos = MoisTimetable().iter_partition_dagrun_infos(
        earliest=dt.datetime(2024, 1, 1, tzinfo=dt.UTC), latest=dt.datetime(2024, 12, 1, tzinfo=dt.UTC)
    )
    assert [info.partition_key for info in infos] == [f"2024-{n:02d}" for n in range(1, 13)]


@pytest.mark.parametrize(
    ("debut", "fin", "cles"),
    [
        ("2024-01-02", "2024-03-31", ["2024-02", "2024-03"]),
        ("2024-01-01", "2024-01-01", ["2024-01"]),
        ("2024-01-02", "2024-01-31", []),
        ("2024-05-01", "2024-04-01", []),
    ],
)
def test_a_backfill_holds_the_months_whose_first_day_it_holds(debut: str, fin: str, cles: list[str]) -> None:
    infos = MoisTimetable(planifie=False).iter_partition_dagrun_infos(
        earliest=dt.datetime.fromisoformat(debut), latest=dt.datetime.fromisoformat(fin)
    )
    assert [info.partition_key for info in infos] == cles


def test_a_key_and_its_date_stand_for_each_other() -> None:
    for n in range(120):
        info = make_info(str(Mois(2024, 1).shift(n)))
        assert MoisTimetable().resolve_partition_date(info.partition_key) == info.partition_date
        assert info.partition_date is not None
        assert (info.partition_date.day, info.partition_date.utcoffset()) == (1, dt.timedelta(0))


@pytest.mark.parametrize("cle", ["2025-13", "2025-6", "2025-06-01", "juin", "", "２０２５-０６"])
def test_a_key_that_is_not_a_month_is_refused_as_airflow_expects(cle: str) -> None:
    with pytest.raises(InvalidPartitionKeyError, match="n'est pas un mois"):
        MoisTimetable().resolve_partition_date(cle)


def test_a_run_without_a_key_has_no_date() -> None:
    assert MoisTimetable().resolve_partition_date(None) is None


@pytest.mark.parametrize(
    ("heure", "planifie"), [(dt.time(6), True), (dt.time(7, 30), True), (dt.time(6), False)]
)
def test_a_timetable_survives_serialization_and_keeps_its_texts(heure: dt.time, planifie: bool) -> None:
    avant = MoisTimetable(heure, planifie=planifie)
    apres = MoisTimetable.deserialize(avant.serialize())
    assert apres.serialize() == avant.serialize() == {"heure": heure.isoformat(), "planifie": planifie}
    assert (apres.summary, apres.description) == (avant.summary, avant.description)


def test_the_texts_of_the_timetable_are_french_and_tell_the_hour() -> None:
    planifie = MoisTimetable(dt.time(7, 30))
    assert planifie.summary == "1er jour ouvré, 07:30"
    assert planifie.description == "Chaque mois, le premier jour ouvré du mois suivant à 07:30 (Paris)"
    assert MoisTimetable(planifie=False).summary == "à la demande"


def test_another_hour_is_an_hour_of_paris(figer: Figer) -> None:
    figer("2025-06-20T12:00")
    info = MoisTimetable(dt.time(7, 30)).next_dagrun_info_v2(last_dagrun_info=None, restriction=restrict())
    assert info is not None
    assert info.run_after.isoformat() == "2025-07-01T05:30:00+00:00"


def test_a_run_asked_for_by_hand_has_an_instant_and_no_period() -> None:
    instant = pendulum.datetime(2025, 7, 9, 12)
    assert tuple(MoisTimetable().infer_manual_data_interval(run_after=instant)) == (instant, instant)


def test_the_plugin_registers_the_very_class_that_the_dags_use() -> None:
    from airflow.plugins_manager import get_import_errors, get_timetables_plugins

    assert get_timetables_plugins()["aller_vers_airflow.calendrier.MoisTimetable"] is MoisTimetable
    assert get_import_errors() == {}


def test_a_dag_comes_back_from_airflow_s_own_serialization_with_its_calendar(figer: Figer) -> None:
    from airflow.sdk import DAG
    from airflow.serialization.serialized_objects import DagSerialization

    figer("2025-06-20T12:00")
    avant = DAG("essai", schedule=MoisTimetable(dt.time(7, 30)), catchup=False)
    apres = DagSerialization.from_dict(DagSerialization.to_dict(avant))
    assert isinstance(apres.timetable, MoisTimetable)
    assert apres.timetable.serialize() == {"heure": "07:30:00", "planifie": True}
    assert apres.timetable.partitioned
    info = apres.next_dagrun_info(last_automated_run_info=None)
    assert info is not None
    assert (info.partition_key, info.run_after.isoformat()) == ("2025-06", "2025-07-01T05:30:00+00:00")
    annee = apres.iter_dagrun_infos_between(pendulum.datetime(2025, 1, 1), pendulum.datetime(2025, 12, 31))
    assert len(list(annee)) == 12
