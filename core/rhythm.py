"""When a mail of news goes out: at once, or at seven in the morning where the person is, daily or on Mondays."""

from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

AT_ONCE, DAILY, WEEKLY, NEVER = "at_once", "daily", "weekly", "never"
HOUR = time(7)  # exists once on every day of every zone: clocks change at night
MONDAY = 0


@lru_cache(maxsize=512)
def zone_named(name: str) -> ZoneInfo:
    """A person's time zone; UTC when the name is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def next_mail(rhythm: str, now: datetime, zone: str) -> datetime:
    """The first moment after ``now`` at which a mail of this rhythm goes out to somebody in ``zone``."""
    if rhythm == AT_ONCE:
        return now
    there = zone_named(zone)
    day = now.astimezone(there).date()
    while True:
        moment = datetime.combine(day, HOUR, tzinfo=there).astimezone(UTC)
        if moment > now and (rhythm == DAILY or day.weekday() == MONDAY):
            return moment
        day += timedelta(days=1)
