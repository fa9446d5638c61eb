"""The ladder of reminders, reckoned with plain values."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from actions.ladder import Ladder, due_rungs, latest, next_moment

BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 11, 20, 15, tzinfo=UTC)


def names(now, ladder=None, due=DUE, zone=UTC):
    return [rung.name for rung in due_rungs(due, now, ladder or Ladder(), zone)]


def test_one_before_one_on_the_day_then_weekly_and_the_manager_after_two_weeks():
    assert names(DUE - timedelta(days=5)) == []
    assert names(DUE - timedelta(days=2)) == ["2 before"]
    assert names(DUE) == ["2 before", "on the day"]
    assert names(DUE + timedelta(days=7))[-1] == "week 1"
    assert names(DUE + timedelta(days=15)) == ["2 before", "on the day", "week 1", "week 2", "manager"]


def test_reminders_come_at_seven_in_the_morning_where_the_person_is():
    assert names(datetime(2026, 11, 20, 5, 59, tzinfo=UTC), zone=BERLIN) == ["2 before"]
    assert names(datetime(2026, 11, 20, 6, 0, tzinfo=UTC), zone=BERLIN) == ["2 before", "on the day"]


def test_what_is_due_at_midnight_is_due_on_the_day_before():
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    assert names(datetime(2026, 11, 20, 7, tzinfo=UTC), due=midnight) == ["2 before", "on the day"]


def test_after_a_long_outage_each_addressee_gets_only_the_latest():
    due = due_rungs(DUE, DUE + timedelta(days=40), Ladder())
    assert [(rung.name, rung.to) for rung in latest(due)] == [
        ("week 5", ("person", "owner")),
        ("manager", ("manager",)),
    ]


def test_a_ladder_can_be_short():
    assert names(DUE + timedelta(days=90), Ladder(0, weekly_after=False, manager_after_days=0)) == ["on the day"]


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25", "2028-02-29", "2026-12-31"])
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
def test_flt_10_walking_from_moment_to_moment_meets_each_rung_once(day, zone):
    """Over every change of the clock: no rung is skipped in the missing hour, none doubled in the double hour."""
    due = datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=ZoneInfo(zone))
    now, met = due - timedelta(days=10), []
    while (moment := next_moment(due, now, Ladder(), ZoneInfo(zone))) and len(met) < 8:
        now = moment
        met.append(due_rungs(due, now, Ladder(), ZoneInfo(zone))[-1].name)
        assert moment.astimezone(ZoneInfo(zone)).hour == 7
    assert met[:3] == ["2 before", "on the day", "week 1"]
    assert len(met) == len(set(met)) == 8


def test_a_whole_day_is_the_same_day_in_every_zone():
    day = DUE.astimezone(BERLIN).date()
    for zone in (BERLIN, ZoneInfo("America/New_York")):
        assert names(datetime.combine(day, time(7), tzinfo=zone), due=day, zone=zone)[-1] == "on the day"
        assert names(datetime.combine(day, time(6, 59), tzinfo=zone), due=day, zone=zone)[-1] == "2 before"
