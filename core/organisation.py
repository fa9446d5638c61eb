"""Whose portal this is: the name the settings say, else the one that was given at set-up."""

import time
from typing import Any

from django.conf import settings
from django.db import transaction

from core.ledger import record_line
from core.models import LedgerLine, Organisation

NAMED = "organisation_named"
UNNAMED = "Process Portal"  # what PORTAL_ORGANISATION holds where nobody set it
SECONDS = 60  # for which a process trusts what it read: the name stands on every page
SECONDS_UNNAMED = 3  # set-up gives the name, and every process must show it soon

_known: list[tuple[str, float]] = []


def organisation_name() -> str:
    """The name, empty where nobody has said it."""
    if settings.PORTAL_ORGANISATION != UNNAMED:
        return settings.PORTAL_ORGANISATION
    if not _known or _known[0][1] < time.monotonic():
        name = Organisation.objects.values_list("name", flat=True).first() or ""
        _remember(name, SECONDS if name else SECONDS_UNNAMED)
    return _known[0][0]


def is_named_by_settings() -> bool:
    """Whether the name is fixed outside the portal."""
    return settings.PORTAL_ORGANISATION != UNNAMED


def name_organisation(name: str, *, by: Any) -> bool:
    """Keep the name; other processes show it within a minute. Returns whether it is another than before."""
    with transaction.atomic():
        before = Organisation.objects.values_list("name", flat=True).first() or ""
        if name == before:
            return False
        Organisation.objects.update_or_create(pk=1, defaults={"name": name})
        record_line(None, NAMED, by=by, data={"name": [before, name]})
    forget()
    return True


def namings(most: int = 20) -> list[LedgerLine]:
    """Who named it what and when, the latest first."""
    return list(LedgerLine.objects.filter(event=NAMED).select_related("actor").order_by("-id")[:most])


def forget() -> None:
    """Read the name anew the next time."""
    _known.clear()


def _remember(name: str, seconds: int) -> None:
    _known[:] = [(name, time.monotonic() + seconds)]
