from datetime import date

import pytest

from kpis.periods import (
    Calendar,
    UnreadablePeriod,
    due_day,
    first_day,
    fiscal_quarter,
    last_day,
    last_finished,
    machine_name,
    parse_period,
    periods_between,
    shifted,
    year_before,
)

PLAIN = Calendar()
APRIL = Calendar(fiscal_year_start=4, week_start=6)


@pytest.mark.parametrize(
    ("grain", "calendar", "start", "end"),
    [
        ("day", PLAIN, date(2026, 2, 18), date(2026, 2, 18)),
        ("week", PLAIN, date(2026, 2, 16), date(2026, 2, 22)),
        ("week", APRIL, date(2026, 2, 15), date(2026, 2, 21)),
        ("month", PLAIN, date(2026, 2, 1), date(2026, 2, 28)),
        ("quarter", PLAIN, date(2026, 1, 1), date(2026, 3, 31)),
        ("quarter", Calendar(fiscal_year_start=2), date(2026, 2, 1), date(2026, 4, 30)),
    ],
)
def test_period_of_a_day_has_first_and_last_day(grain, calendar, start, end):
    assert first_day(date(2026, 2, 18), grain, calendar) == start
    assert last_day(start, grain) == end


def test_periods_follow_each_other_without_gap():
    for grain in ("day", "week", "month", "quarter"):
        start = first_day(date(2024, 1, 31), grain, APRIL)
        for _ in range(50):
            following = shifted(start, grain, 1)
            assert (following - last_day(start, grain)).days == 1
            assert first_day(following, grain, APRIL) == following
            assert shifted(following, grain, -1) == start
            start = following


def test_value_is_due_some_working_days_after_the_period():
    assert due_day(date(2026, 10, 1), "month", PLAIN, 5) == date(2026, 11, 6)  # October ended on a Saturday
    assert due_day(date(2026, 9, 1), "month", PLAIN, 5) == date(2026, 10, 7)
    assert due_day(date(2026, 10, 1), "month", PLAIN, 0) == date(2026, 10, 31)
    every_day = Calendar(working_days=tuple(range(7)))
    assert due_day(date(2026, 10, 1), "month", every_day, 3) == date(2026, 11, 3)


def test_due_day_counts_like_walking_day_by_day():
    for days in (PLAIN, Calendar(working_days=(0, 2)), Calendar(working_days=(6,))):
        for start in periods_between(date(2026, 1, 1), date(2026, 6, 1), "week", days):
            day, left = last_day(start, "week"), 9
            while left:
                day = date.fromordinal(day.toordinal() + 1)
                left -= day.weekday() in days.working_days
            assert due_day(start, "week", days, 9) == day


def test_days_off_are_not_expected():
    found = list(periods_between(date(2026, 11, 27), date(2026, 12, 1), "day", PLAIN))
    assert found == [date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
    assert last_finished(date(2026, 11, 30), "day", PLAIN) == date(2026, 11, 27)


@pytest.mark.parametrize("calendar", [PLAIN, APRIL, Calendar(fiscal_year_start=11)])
@pytest.mark.parametrize("grain", ["day", "week", "month", "quarter"])
def test_name_of_a_period_reads_back_as_the_same(grain, calendar):
    start = first_day(date(2024, 12, 30), grain, calendar)
    for _ in range(30):
        assert parse_period(machine_name(start, grain, calendar), grain, calendar) == start
        start = shifted(start, grain, 1)


@pytest.mark.parametrize(
    ("text", "grain", "start"),
    [
        ("2026-03-01", "month", date(2026, 3, 1)),
        ("2026-03-01 00:00:00", "month", date(2026, 3, 1)),
        ("1.3.2026", "month", date(2026, 3, 1)),
        ("01/03/2026", "month", date(2026, 3, 1)),
        ("03/2026", "month", date(2026, 3, 1)),
        ("46082", "month", date(2026, 3, 1)),
        ("46082.0", "month", date(2026, 3, 1)),
        ("2026W10", "week", date(2026, 3, 2)),
        ("Q3 2026", "quarter", date(2026, 7, 1)),
        ("\u00a02026-Q3 ", "quarter", date(2026, 7, 1)),
    ],
)
def test_periods_are_read_as_people_write_them(text, grain, start):
    assert parse_period(text, grain, PLAIN) == start


@pytest.mark.parametrize(
    ("text", "grain", "reason"),
    [
        ("", "month", "format"),
        ("March", "month", "format"),
        ("2026-13", "month", "format"),
        ("30.02.2026", "day", "format"),
        ("99999999", "day", "format"),
        ("2026", "month", "format"),
        ("2026-03-15", "month", "grain"),
        ("2026-03", "week", "grain"),
        ("2026-Q1", "month", "grain"),
        ("2026-W60", "week", "format"),
        ("0001-01-01", "month", "range"),
        ("9999-12-01", "month", "range"),
        ("٢٠٢٦-03-01", "month", "grain_or_fine"),
    ],
)
def test_text_that_is_no_period_says_why(text, grain, reason):
    if reason == "grain_or_fine":  # other digits are digits
        assert parse_period(text, grain, PLAIN) == date(2026, 3, 1)
        return
    with pytest.raises(UnreadablePeriod) as refused:
        parse_period(text, grain, PLAIN)
    assert refused.value.reason == reason


def test_fiscal_quarters_and_last_year():
    assert fiscal_quarter(date(2026, 2, 1), APRIL) == 4
    assert machine_name(date(2026, 1, 1), "quarter", APRIL) == "2025-Q4"
    assert year_before(date(2024, 2, 1), "month", PLAIN) == date(2023, 2, 1)
    assert year_before(date(2026, 3, 2), "week", PLAIN) == date(2025, 3, 3)
