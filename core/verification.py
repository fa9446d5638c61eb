"""Is everything as it should be? Apps register their checks; `manage.py verify` runs them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.ledger import record_line
from core.models import LedgerLine
from core.notices import tell
from core.safe.words import gettext_noop

VERIFIED = "verified"
MOST_MESSAGES = 50


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


def keep_result(results: dict[str, list[Finding]]) -> None:
    """Write into the audit log when everything was checked, and what was found."""
    found = [finding.message for findings in results.values() for finding in findings]
    data = {"findings": len(found), "checks": sorted(results), "messages": found[:MOST_MESSAGES]}
    with transaction.atomic():
        record_line(None, VERIFIED, by=None, data=data)


def last_result() -> LedgerLine | None:
    """The line of the last time everything was checked."""
    return LedgerLine.objects.filter(event=VERIFIED).order_by("-id").first()


def verify_and_tell() -> None:
    """Check everything, keep the result, and tell the administrators what is wrong. Raises nothing."""
    results = run_checks()
    keep_result(results)
    found = sum(len(findings) for findings in results.values())
    if found:
        people = get_user_model().objects.administrators()
        tell(
            people,
            "security",
            gettext_noop("The check of the portal found %(n)s things that are not as they should be", n=found),
            occasion=f"verified:{timezone.localdate()}",
            url=reverse("core:audit-log"),
        )
