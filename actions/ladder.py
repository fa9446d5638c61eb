"""The ladder of reminders for one due date: pure reckoning with days, so that it can be read and tried alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

HOUR = time(7)  # reminders come in the morning of their day, where the person is
MOST_WEEKS = 520


@dataclass(frozen=True)
class Ladder:
    """How insistent the portal is about one sort of task."""

    days_before: int = 2
    weekly_after: bool = True
    manager_after_days: int = 14


@dataclass(frozen=True)
class Rung:
    """One reminder: its name, when it comes, and whom it addresses ("person", "owner" or "manager")."""

    name: str
    at: datetime
    to: tuple[str, ...]


def rungs(due_at: date | datetime, ladder: Ladder, zone: tzinfo) -> Iterator[Rung]:
    """All rungs in order: one before, one on the day, then weekly; after some time the manager as well."""
    # What is due at midnight is due at the end of the day before; a plain day is the same day everywhere.
    day = due_at
    if isinstance(due_at, datetime):
        day = (due_at - timedelta(microseconds=1)).astimezone(zone).date()

    def morning(days: int) -> datetime:
        return datetime.combine(day + timedelta(days=days), HOUR, tzinfo=zone).astimezone(UTC)

    if ladder.days_before:
        yield Rung(f"{ladder.days_before} before", morning(-ladder.days_before), ("person",))
    yield Rung("on the day", morning(0), ("person",))
    later: list[Rung] = []
    if ladder.weekly_after:
        later += [Rung(f"week {n}", morning(7 * n), ("person", "owner")) for n in range(1, MOST_WEEKS)]
    if ladder.manager_after_days:
        later.append(Rung("manager", morning(ladder.manager_after_days), ("manager",)))
    yield from sorted(later, key=lambda rung: rung.at)


def due_rungs(due_at: date | datetime, now: datetime, ladder: Ladder, zone: tzinfo = UTC) -> list[Rung]:
    """The rungs whose moment has come, in order."""
    return [rung for rung in rungs(due_at, ladder, zone) if rung.at <= now]


def latest(due: list[Rung]) -> list[Rung]:
    """Of the rungs that have come, the last one for each addressee: after an outage nobody gets the missed ones."""
    last: dict[str, Rung] = {}
    for rung in due:
        for addressee in rung.to:
            last[addressee] = rung
    return list(dict.fromkeys(last.values()))


def next_moment(due_at: date | datetime, now: datetime, ladder: Ladder, zone: tzinfo = UTC) -> datetime | None:
    """When the next rung comes, or None when there is no more."""
    return next((rung.at for rung in rungs(due_at, ladder, zone) if rung.at > now), None)
