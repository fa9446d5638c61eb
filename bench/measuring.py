"""Asking for pages as a browser would, and counting time and questions to the database."""

import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.test import Client


@dataclass
class Taken:
    """What requests of one sort took."""

    whole: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)

    def p95(self) -> float:
        return _at(self.whole, 0.95)

    def p50(self) -> float:
        return statistics.median(self.whole)

    def p50_without_sql(self) -> float:
        return statistics.median(whole - sql for whole, sql in zip(self.whole, self.sql, strict=True))

    def most_queries(self) -> int:
        return max(self.queries)


def _at(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@contextmanager
def _counting() -> Iterable[list[float]]:
    times: list[float] = []

    def wrapper(execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            times.append((time.perf_counter() - start) * 1000)

    with connection.execute_wrapper(wrapper):
        yield times


def client_of(person: Any) -> Client:
    """A browser in which this person is signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    return client


def ask(client: Client, addresses: Iterable[str], warm: int = 3) -> Taken:
    """Ask for each address once, in milliseconds; the first few twice, because a server that just started is cold."""
    addresses = list(addresses)
    for address in addresses[:warm]:
        client.get(address)
    taken = Taken()
    for address in addresses:
        with _counting() as times:
            start = time.perf_counter()
            answer = client.get(address)
            taken.whole.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        taken.sql.append(sum(times))
        taken.queries.append(len(times))
    return taken
