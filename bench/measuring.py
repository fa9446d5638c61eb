"""Asking for pages as a browser would, and counting time, processor time and questions to the database."""

import statistics
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client

import processportal.wsgi  # noqa: F401 - a web process looks for garbage as this file says, so this process does too


@dataclass
class Taken:
    """What requests of one sort took, in milliseconds."""

    whole: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)

    def p95(self) -> float:
        return at(self.whole, 0.95)

    def p50(self) -> float:
        return statistics.median(self.whole)

    def p50_without_sql(self) -> float:
        return statistics.median(whole - sql for whole, sql in zip(self.whole, self.sql, strict=True))

    def p50_of_processor(self) -> float:
        return statistics.median(self.processor)

    def most_queries(self) -> int:
        return max(self.queries)

    def usual_queries(self) -> int:
        """Without what is asked once a minute, such as the organisation's name."""
        return statistics.mode(self.queries)


def at(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def _counting() -> Iterator[list[float]]:
    times: list[float] = []

    def wrapper(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            times.append((time.perf_counter() - start) * 1000)

    with connection.execute_wrapper(wrapper):
        yield times


def processor_time() -> float:
    """Milliseconds this process and the server process behind its connection have worked; where the system does not
    tell of the other, its own alone."""
    own = time.process_time() * 1000
    try:
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        return own + int(Path(f"/proc/{pid}/schedstat").read_text(encoding="ascii").split()[0]) / 1e6
    except (OSError, ValueError, IndexError):
        return own


def client_of(person: Any) -> Client:
    """A browser in which this person is signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return client


@contextmanager
def timed(taken: Taken) -> Iterator[None]:
    """Add what happens inside to what was taken."""
    with _counting() as times:
        worked, start = processor_time(), time.perf_counter()
        yield
        taken.whole.append((time.perf_counter() - start) * 1000)
        taken.processor.append(processor_time() - worked)
    taken.sql.append(sum(times))
    taken.queries.append(len(times))


def ask(client: Client, addresses: Iterable[str], warm: int = 3) -> Taken:
    """Ask for each address once; the first few twice, because a server that just started is cold."""
    addresses = list(addresses)
    for address in addresses[:warm]:
        client.get(address)
    taken = Taken()
    for address in addresses:
        with timed(taken):
            answer = client.get(address)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
    return taken
