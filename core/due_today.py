"""What is due today, as upper apps know it: asked by the demo's mailbox, which has no app's tables of its own."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class DueThing:
    """One thing that is due: what, for whom, when, where."""

    title: str
    who: str
    url: str
    due_at: datetime


_sources: list[Callable[[Any], Iterable[DueThing]]] = []


def tells_what_is_due(source: Callable[[Any], Iterable[DueThing]]) -> None:
    """Add a source: a function of the person who looks."""
    if source not in _sources:
        _sources.append(source)


def due_today(person: Any) -> list[DueThing]:
    """Everything due today that this person may see, the earliest first."""
    return sorted((thing for source in _sources for thing in source(person)), key=lambda thing: thing.due_at)
