"""Telling a past: while one is told (the demo's history), ledger lines bear its moments, and a mark that says so."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Telling:
    """The moment that is told of, and what is written into each line so that nobody takes it for the clock's."""

    at: datetime
    mark: dict[str, Any] = field(default_factory=dict)


told: ContextVar[Telling | None] = ContextVar("told", default=None)


@contextmanager
def telling(moment: datetime, **mark: Any) -> Iterator[None]:
    """Let the lines written inside bear ``moment``. Refused without a mark: a ledger may not be backdated silently."""
    if not mark:
        raise ValueError("A told moment needs a mark, such as demo=True.")
    token = told.set(Telling(moment, mark))
    try:
        yield
    finally:
        told.reset(token)
