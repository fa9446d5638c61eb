"""Periods of a KPI: days, weeks, months and quarters in a calendar, as plain dates. No Django here.

A period is named by its first day. All functions take and return ``datetime.date``; a calendar says when the fiscal
year and the week begin and on which weekdays people work (Monday is 0, as in ``date.weekday``).
"""

import calendar as months
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY, WEEK, MONTH, QUARTER = "day", "week", "month", "quarter"
GRAINS = (DAY, WEEK, MONTH, QUARTER)
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
FIRST_YEAR, LAST_YEAR = 1900, 2200
EXCEL_EPOCH = date(1899, 12, 30)  # day 0 of Excel's numbering for every date after February 1900
EXCEL_NUMBERS = range(18_000, 110_000)  # the years 1949 to 2201


class UnreadablePeriod(ValueError):
    """The text names no period of this grain; ``reason`` is "format", "grain" or "range", ``start`` the nearest one."""

    def __init__(self, reason: str, start: date | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.start = start


@dataclass(frozen=True)
class Calendar:
    """How an organisation counts time."""

    fiscal_year_start: int = 1  # month, 1 to 12
    week_start: int = 0
    working_days: tuple[int, ...] = MONDAY_TO_FRIDAY


def first_day(day: date, grain: str, calendar: Calendar) -> date:
    """The first day of the period that ``day`` lies in."""
    if grain == DAY:
        return day
    if grain == WEEK:
        return day - timedelta(days=(day.weekday() - calendar.week_start) % 7)
    if grain == MONTH:
        return day.replace(day=1)
    return _add_months(day.replace(day=1), -((day.month - calendar.fiscal_year_start) % 3))


def is_first_day(day: date, grain: str, calendar: Calendar) -> bool:
    return first_day(day, grain, calendar) == day


def shifted(start: date, grain: str, count: int) -> date:
    """The period ``count`` periods after ``start`` (before it, when negative)."""
    if grain == DAY:
        return start + timedelta(days=count)
    if grain == WEEK:
        return start + timedelta(days=7 * count)
    return _add_months(start, count * (3 if grain == QUARTER else 1))


def last_day(start: date, grain: str) -> date:
    """The last day of the period that begins at ``start``."""
    return shifted(start, grain, 1) - timedelta(days=1)


def periods_between(first: date, last: date, grain: str, calendar: Calendar) -> Iterator[date]:
    """All periods from the one that holds ``first`` to the one that holds ``last``; of days, only working days."""
    start = first_day(first, grain, calendar)
    while start <= last:
        if grain != DAY or start.weekday() in calendar.working_days:
            yield start
        start = shifted(start, grain, 1)


def last_finished(today: date, grain: str, calendar: Calendar) -> date:
    """The newest period that is over on ``today``; of days, the newest working day."""
    start = shifted(first_day(today, grain, calendar), grain, -1)
    while grain == DAY and calendar.working_days and start.weekday() not in calendar.working_days:
        start -= timedelta(days=1)
    return start


def due_day(start: date, grain: str, calendar: Calendar, working_days_after: int) -> date:
    """The day by which the value of a period is due: so many working days after its last day.

    Zero is the last day of the period itself.
    """
    day = last_day(start, grain)
    if not calendar.working_days:
        return day + timedelta(days=working_days_after)
    weeks, rest = divmod(working_days_after, len(set(calendar.working_days)))
    day += timedelta(weeks=weeks)
    while rest:
        day += timedelta(days=1)
        rest -= day.weekday() in calendar.working_days
    if working_days_after and not rest:
        while day.weekday() not in calendar.working_days:  # whole weeks may have ended on a day off
            day -= timedelta(days=1)
    return day


def fiscal_year(day: date, calendar: Calendar) -> int:
    """The calendar year in which the fiscal year of ``day`` began."""
    return day.year if day.month >= calendar.fiscal_year_start else day.year - 1


def fiscal_quarter(day: date, calendar: Calendar) -> int:
    """1 to 4."""
    return (day.month - calendar.fiscal_year_start) % 12 // 3 + 1


def year_before(start: date, grain: str, calendar: Calendar) -> date:
    """The period of last year to compare with: the same month or quarter, the week or day 52 weeks ago."""
    if grain in (DAY, WEEK):
        return start - timedelta(weeks=52)
    return _add_months(start, -12)


def machine_name(start: date, grain: str, calendar: Calendar) -> str:
    """How files name a period: 2026-03-01, 2026-W09, 2026-03, 2026-Q1. ``parse_period`` reads it back.

    The year of a quarter is the one in which its fiscal year began. A week is named by its ISO number where weeks
    begin on Monday, else by its first day.
    """
    if grain == MONTH:
        return f"{start:%Y-%m}"
    if grain == QUARTER:
        return f"{fiscal_year(start, calendar)}-Q{fiscal_quarter(start, calendar)}"
    if grain == WEEK and calendar.week_start == 0:
        year, week, _weekday = start.isocalendar()
        return f"{year}-W{week:02}"
    return start.isoformat()


def parse_period(text: str, grain: str, calendar: Calendar, *, day_first: bool = True) -> date:
    """The first day of the period that ``text`` names; raises ``UnreadablePeriod``.

    Understood: ISO dates (also with a time of midnight), 31.12.2026, 31/12/2026 (``day_first=False``: 12/31/2026),
    Excel's day numbers, 2026-03, 03/2026, 2026-W09, 2026-Q1, Q1 2026. A date must be the first day of a period.
    """
    text = " ".join(text.replace("\u00a0", " ").split())
    for pattern, read in _FORMS:
        found = pattern.fullmatch(text)
        if found:
            try:
                start, named = read(found, calendar, day_first)
            except (ValueError, OverflowError):
                raise UnreadablePeriod("format") from None
            return _checked(start, named, grain, calendar)
    raise UnreadablePeriod("format")


def _checked(start: date, named: str, grain: str, calendar: Calendar) -> date:
    if not FIRST_YEAR <= start.year < LAST_YEAR:
        raise UnreadablePeriod("range")
    nearest = first_day(start, grain, calendar)
    if (named not in (grain, "date")) or nearest != start:
        raise UnreadablePeriod("grain", nearest)
    return start


def _date(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    return date(int(found["y"]), int(found["m"]), int(found["d"])), "date"


def _slashed(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    first, second = int(found["a"]), int(found["b"])
    day, month = (first, second) if day_first else (second, first)
    return date(int(found["y"]), month, day), "date"


def _excel(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    number = int(found["n"])
    if number not in EXCEL_NUMBERS:
        raise ValueError(number)
    return EXCEL_EPOCH + timedelta(days=number), "date"


def _month(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    return date(int(found["y"]), int(found["m"]), 1), MONTH


def _week(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    monday = date.fromisocalendar(int(found["y"]), int(found["w"]), 1)
    return first_day(monday, WEEK, calendar), WEEK


def _quarter(found: re.Match[str], calendar: Calendar, day_first: bool) -> tuple[date, str]:
    year_start = date(int(found["y"]), calendar.fiscal_year_start, 1)
    return _add_months(year_start, 3 * (int(found["q"]) - 1)), QUARTER


_FORMS = (
    (re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[ T]00:00(?::00(?:\.0+)?)?Z?)?"), _date),
    (re.compile(r"(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>\d{4})"), _date),
    (re.compile(r"(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})"), _slashed),
    (re.compile(r"(?P<n>\d{5,6})(?:\.0)?"), _excel),
    (re.compile(r"(?P<y>\d{4})[-/](?P<m>\d{1,2})"), _month),
    (re.compile(r"(?P<m>\d{1,2})[-/.](?P<y>\d{4})"), _month),
    (re.compile(r"(?P<y>\d{4})[- ]?[Ww](?P<w>\d{1,2})"), _week),
    (re.compile(r"(?P<y>\d{4})[- ]?[Qq](?P<q>[1-4])"), _quarter),
    (re.compile(r"[Qq](?P<q>[1-4])[- /]?(?P<y>\d{4})"), _quarter),
)


def _add_months(day: date, count: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, months.monthrange(year, month + 1)[1]))
