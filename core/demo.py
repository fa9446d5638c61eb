"""Whether this portal is a demo: a property of its data, decided at set-up, which a setting can only take away."""

import time

from django.conf import settings

from core.models import LedgerLine

SET_UP_FOR_REAL = "first_administrator"  # the line of a portal that somebody set up for their organisation
SECONDS = 60  # for which a process trusts what it read

_known: list[tuple[bool, float]] = []


def is_demo() -> bool:
    """Whether everybody may read everybody's mail and sign in as anybody: never with the data of a portal that was
    set up for real, whatever the settings say."""
    if not settings.PORTAL_DEMO:
        return False
    if not _known or _known[0][1] < time.monotonic():
        is_real = LedgerLine.objects.filter(event=SET_UP_FOR_REAL).exists()
        _known[:] = [(not is_real, time.monotonic() + SECONDS)]
    return _known[0][0]


def forget() -> None:
    """Read it anew the next time."""
    _known.clear()
