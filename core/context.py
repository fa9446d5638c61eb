"""What every template may use without its view passing it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.navigation import Shell


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell`: navigation, menus, theme. `organisation`: whose portal this is."""
    named = settings.PORTAL_ORGANISATION
    return {"shell": Shell(request), "organisation": "" if named == "Process Portal" else named}
