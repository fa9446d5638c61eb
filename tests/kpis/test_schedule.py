from datetime import UTC, datetime, timedelta

import pytest

from kpis.schedule import Schedule, UnusableRule, checked

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
START = datetime(2026, 1, 5, 7, 0)


def test_monthly_report_fires_in_the_clock_of_its_zone():
    schedule = checked("FREQ=MONTHLY;BYMONTHDAY=5", START, "Europe/Berlin", NOW)
    assert schedule.upcoming(NOW, 3) == [
        datetime(2026, 12, 5, 6, tzinfo=UTC),
        datetime(2027, 1, 5, 6, tzinfo=UTC),
        datetime(2027, 2, 5, 6, tzinfo=UTC),
    ]
    assert schedule.next_after(datetime(2026, 7, 1, tzinfo=UTC)) == datetime(2026, 7, 5, 5, tzinfo=UTC)


def test_hour_that_is_skipped_or_doubled_fires_once():
    schedule = Schedule("FREQ=DAILY", datetime(2026, 3, 27, 2, 30), "Europe/Berlin")
    spring = schedule.upcoming(datetime(2026, 3, 28, 12, tzinfo=UTC), 2)
    assert spring == [datetime(2026, 3, 29, 1, 30, tzinfo=UTC), datetime(2026, 3, 30, 0, 30, tzinfo=UTC)]
    autumn = schedule.upcoming(datetime(2026, 10, 24, 12, tzinfo=UTC), 2)
    assert autumn == [datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 26, 1, 30, tzinfo=UTC)]


def test_moments_come_in_order_for_a_year():
    schedule = Schedule("FREQ=DAILY", datetime(2026, 1, 1, 1, 30), "America/New_York")
    moments = schedule.upcoming(datetime(2026, 1, 1, tzinfo=UTC), 365)
    assert moments == sorted(set(moments))
    assert all(timedelta(hours=22) < b - a < timedelta(hours=26) for a, b in zip(moments, moments[1:], strict=False))


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "unreadable"),
        ("every month", "unreadable"),
        ("FREQ=MONTHLY;BYMONTHDAY=99", "never_or_unreadable"),
        ("FREQ=MONTHLY;X=1", "unreadable"),
        ("FREQ=DAILY;FREQ=WEEKLY", "unreadable"),
        ("FREQ=DAILY\nDTSTART:20200101T000000", "unreadable"),
        ("FREQ=HOURLY", "too_often"),
        ("FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "too_often"),
        ("FREQ=DAILY;BYHOUR=7,8", "too_often"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31", "never"),
        ("FREQ=DAILY;UNTIL=20260101T000000", "never_or_over"),
        ("FREQ=DAILY;COUNT=3", "over"),
        ("FREQ=DAILY;INTERVAL=0", "never_or_unreadable"),
        ("A" * 5000, "unreadable"),
    ],
)
def test_rule_that_never_fires_is_refused(rule, reason):
    with pytest.raises(UnusableRule) as refused:
        checked(rule, START, "Europe/Berlin", NOW)
    assert refused.value.reason in reason


def test_schedule_without_end_is_known():
    assert not checked("FREQ=WEEKLY;BYDAY=MO", START, "UTC", NOW).has_end
    ending = checked("RRULE:FREQ=WEEKLY;COUNT=52", START, "UTC", NOW)
    assert ending.has_end
    assert ending.next_after(datetime(2027, 6, 1, tzinfo=UTC)) is None
