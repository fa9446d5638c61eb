"""Dates that people choose, as moments: a day begins at midnight where the organisation is."""

from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta
from django.utils import timezone


def start_of_day(day: date) -> datetime:
    """Midnight of ``day`` in the organisation's time zone."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def day_there(moment: datetime) -> date:
    """The day of a moment where the organisation is, whoever reads it wherever: the other way round."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of a month stays within the month (31 Jan + 1 → 28 Feb)."""
    return day + relativedelta(months=months)
