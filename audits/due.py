"""Days as moments, for tasks."""

from datetime import date, datetime, timedelta

from documents.moments import start_of_day


def end_of(day: date | None) -> datetime | None:
    """The end of a day where the organisation is."""
    return start_of_day(day + timedelta(days=1)) if day else None
