"""Is everything as it should be? Apps register their checks; `manage.py verify` runs them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be."""

    check: str
    message: str


Check = Callable[[], Iterable[Any]]

_checks: dict[str, Check] = {}


def register_check(name: str, check: Check) -> None:
    """Add a check: a function that gives findings, as words or as objects with a ``message``."""
    _checks[name] = check


def check_names() -> list[str]:
    """What can be checked."""
    return sorted(_checks)


def run_checks(only: Iterable[str] = ()) -> dict[str, list[Finding]]:
    """Every check with what it found; a check that fails itself is a finding."""
    wanted = set(only)
    results: dict[str, list[Finding]] = {}
    for name, check in sorted(_checks.items()):
        if wanted and name not in wanted:
            continue
        try:
            found = [Finding(name, str(getattr(one, "message", one))) for one in check()]
        except Exception as problem:  # the other checks must still run
            found = [Finding(name, f"The check itself failed: {type(problem).__name__}: {problem}")]
        results[name] = found
    return results
