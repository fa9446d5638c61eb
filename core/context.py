"""What every template may use without its view passing it."""

from typing import Any

from django.http import HttpRequest

from core.navigation import Shell
from core.organisation import organisation_name


def shell(request: HttpRequest) -> dict[str, Any]:
    """`shell`: navigation, menus, theme. `organisation`: whose portal this is."""
    return {"shell": Shell(request), "organisation": organisation_name()}
