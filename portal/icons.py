"""The names of the icons in static/icons.svg."""

import re
from functools import cache
from pathlib import Path

from django.conf import settings


@cache
def icon_names() -> list[str]:
    """Every icon there is, in the order of the sprite."""
    sprite = (Path(settings.BASE_DIR) / "static" / "icons.svg").read_text(encoding="utf-8")
    return re.findall(r'<symbol id="i-([a-z-]+)"', sprite)
