"""Addresses that somebody asked for and that were not found for them, kept once an hour for each."""

import hashlib
from typing import Any

from django.core.cache import cache
from django.db import transaction

from core.ledger import record_line
from core.models import CatalogEntry

ONCE_IN_SECONDS = 3600
MOST_SEGMENTS = 8


def keep_not_found(person: Any, path: str) -> None:
    """Write who asked for which address, and whether a record stands there that is hidden from them."""
    path = path.replace("\x00", "")[:300]
    mark = hashlib.sha256(path.encode()).hexdigest()[:32]
    if not cache.add(f"not-found:{person.pk}:{mark}", True, ONCE_IN_SECONDS):
        return
    hidden = CatalogEntry.objects.filter(url__in=_addresses_above(path)).exclude(audience_keys__overlap=person.keys())
    with transaction.atomic():
        event = "hidden_record_refused" if hidden.exists() else "address_not_found"
        record_line(None, event, by=person, data={"address": path})


def _addresses_above(path: str) -> list[str]:
    """The address itself and those of which it is a part: a record's pages stand below the record."""
    parts = path.strip("/").split("/")[:MOST_SEGMENTS]
    return ["/" + "/".join(parts[: n + 1]) + "/" for n in range(len(parts))]
