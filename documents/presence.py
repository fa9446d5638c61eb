"""Who else has the same draft open. A courtesy, not a lock: the row version decides whose save counts."""

import time
from typing import Any

from django.core.cache import cache

GONE_AFTER = 40  # seconds without a sign of life


def announce(version_id: int, person: Any, place: str) -> list[dict[str, Any]]:
    """Say that ``person`` is editing at ``place`` and return the others who are."""
    key = f"editing:{version_id}"
    now = time.time()
    editors = {pk: entry for pk, entry in (cache.get(key) or {}).items() if now - entry["seen"] < GONE_AFTER}
    since = editors.get(person.pk, {}).get("since", now)
    editors[person.pk] = {"name": str(person), "place": place[:80], "since": since, "seen": now}
    cache.set(key, editors, GONE_AFTER * 2)
    return [
        {"name": entry["name"], "place": entry["place"], "since": int(entry["since"])}
        for pk, entry in editors.items()
        if pk != person.pk
    ]
