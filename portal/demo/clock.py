"""The demo's clock: what is done inside ``at`` happened then, for fields, history and ledger alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from core.clock import telling


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Do what is inside as if it were ``moment``. The ledger's lines are marked as told by the demo."""
    clock = timezone.now
    timezone.now = lambda: moment  # only this command's own process has its clock put back
    try:
        with telling(moment, demo=True):
            yield
    finally:
        timezone.now = clock


def day(days_ago: int) -> date:
    """The day so many days ago; below nought, ahead."""
    return timezone.localdate() - timedelta(days=days_ago)


def moment(days_ago: float, hour: int = 9, minute: int = 0) -> datetime:
    """A time of day on a past day; at weekends nobody works, so it was the Friday before."""
    return on_workday(exactly(day(int(days_ago)), hour, minute))


def on_workday(when: datetime) -> datetime:
    """The same time on the Friday before, where it would be a weekend."""
    return when - timedelta(days=max(0, when.weekday() - 4))


def exactly(on: date, hour: int, minute: int = 0) -> datetime:
    """This very time, whatever day of the week it is."""
    return datetime.combine(on, time(hour, minute), tzinfo=UTC)
