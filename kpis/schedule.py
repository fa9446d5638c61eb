"""When a report is sent: a recurrence rule of RFC 5545 in a time zone, as plain values. No Django here.

The rule counts in the clock of its zone ("every 5th at 07:00"), moments are UTC. Where the clock skips an hour, 02:30
is taken as if it had not; where an hour comes twice, the first one counts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

MAX_RULE = 300
LOOKS_AHEAD = timedelta(days=366 * 12)  # a rule that has not fired in twelve years never will
MOST_STEPS = 200_000
_PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
_KNOWN = {
    *("FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYDAY"),
    *("BYHOUR", "BYMINUTE", "BYSECOND", "BYSETPOS", "WKST"),
}


class UnusableRule(ValueError):
    """``reason``: "unreadable", "too_often" (more than once a day), "never" (no day fits) or "over" (it has ended)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Schedule:
    """A rule with its first day and hour (in the clock of the zone, without zone)."""

    rule: str
    start: datetime
    zone: str

    def next_after(self, moment: datetime) -> datetime | None:
        """The first moment (UTC) after ``moment`` at which it fires; None when there is none any more."""
        zone = ZoneInfo(self.zone)
        after = moment.astimezone(zone).replace(tzinfo=None)
        limit = max(after, self.start) + LOOKS_AHEAD
        # One hour back: around a change of clocks the local order is not the order of the moments.
        for naive in _bounded(self._rrule(), after - timedelta(hours=2), limit):
            fires = naive.replace(tzinfo=zone).astimezone(UTC)
            if fires > moment:
                return fires
        return None

    def upcoming(self, moment: datetime, count: int) -> list[datetime]:
        """The next ``count`` moments."""
        found: list[datetime] = []
        while len(found) < count and (fires := self.next_after(found[-1] if found else moment)):
            found.append(fires)
        return found

    @property
    def has_end(self) -> bool:
        return "COUNT=" in self.rule or "UNTIL=" in self.rule

    def _rrule(self) -> rrule:
        return rrulestr(self.rule, dtstart=self.start)


def _bounded(rule: rrule, after: datetime, limit: datetime) -> Iterator[datetime]:
    """Occurrences from ``after`` on, in the clock of the zone; the search ends at ``limit``."""
    for steps, naive in enumerate(rule):
        if naive > limit or steps > MOST_STEPS:
            return
        if naive >= after:
            yield naive


def checked(rule: str, start: datetime, zone: str, now: datetime) -> Schedule:
    """The schedule of a rule as typed; raises ``UnusableRule``."""
    text = rule.strip().upper().removeprefix("RRULE:").rstrip(";")
    parts = text.split(";")
    names = [part.split("=")[0] for part in parts]
    if len(text) > MAX_RULE or not all(_PART.fullmatch(part) for part in parts) or not set(names) <= _KNOWN:
        raise UnusableRule("unreadable")
    if len(names) != len(set(names)) or names.count("FREQ") != 1:
        raise UnusableRule("unreadable")
    by_name = dict(part.split("=", 1) for part in parts)
    _refuse_too_often(by_name)
    _refuse_what_no_day_meets(by_name)
    schedule = Schedule(text, start.replace(second=0, microsecond=0), zone)
    try:
        never_fires = next(_bounded(schedule._rrule(), datetime.min, schedule.start + LOOKS_AHEAD), None) is None
        following = schedule.next_after(now)
    except (ValueError, OverflowError, TypeError):
        raise UnusableRule("unreadable") from None
    if never_fires:
        raise UnusableRule("over" if "UNTIL" in by_name else "never")
    if following is None:
        raise UnusableRule("over")
    return schedule


def _refuse_too_often(parts: dict[str, str]) -> None:
    if parts["FREQ"] in ("HOURLY", "MINUTELY", "SECONDLY"):
        raise UnusableRule("too_often")
    if any("," in parts.get(name, "") for name in ("BYHOUR", "BYMINUTE", "BYSECOND")):
        raise UnusableRule("too_often")


# Parts that RFC 5545 (3.3.10) gives a meaning for each frequency; with others a search for the next day has no end.
_ALLOWED = {
    "DAILY": {"BYMONTH", "BYMONTHDAY", "BYDAY"},
    "WEEKLY": {"BYMONTH", "BYDAY"},
    "MONTHLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS"},
    "YEARLY": {"BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
_SHARED = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYHOUR", "BYMINUTE", "BYSECOND", "WKST"}
_LONGEST_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def _refuse_what_no_day_meets(parts: dict[str, str]) -> None:
    if parts["FREQ"] not in _ALLOWED or not set(parts) <= _SHARED | _ALLOWED[parts["FREQ"]]:
        raise UnusableRule("unreadable")
    try:
        if int(parts.get("INTERVAL", "1")) < 1:
            raise UnusableRule("unreadable")
        months = [int(month) for month in parts.get("BYMONTH", "1").split(",")]
        days = [abs(int(day)) for day in parts.get("BYMONTHDAY", "1").split(",")]
        if not all(1 <= month <= 12 for month in months) or not all(1 <= day <= 31 for day in days):
            raise UnusableRule("unreadable")
    except ValueError:
        raise UnusableRule("unreadable") from None
    if not any(day <= _LONGEST_MONTH[month - 1] for month in months for day in days):
        raise UnusableRule("never")
