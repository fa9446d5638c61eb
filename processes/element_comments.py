"""Comments pinned to an element of a map: carried by the element's id from version to version."""

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from core import comments
from core.catalog import entries_of
from core.comments import PlaceWords, Thread
from core.entry_rules import record_of
from core.models import CatalogEntry
from documents.models import Document, Part

PREFIX = "element:"
PLACE_LENGTH = 80


@dataclass
class Pins:
    """The comments on the elements of one map, as one person sees them."""

    entry: CatalogEntry | None
    by_place: dict[str, list[Thread]] = field(default_factory=dict)

    def of(self, element: str) -> list[Thread]:
        """The threads on an element, open ones first."""
        return self.by_place.get(place_of(element), [])

    def open_counts(self, elements: Any) -> dict[str, int]:
        """How many threads are open on each of these elements that has one."""
        counts = {element: sum(not thread.is_resolved for thread in self.of(element)) for element in elements}
        return {element: count for element, count in counts.items() if count}


def place_of(element: str) -> str:
    """The place of a comment on an element; ids that are too long are cut and told apart by a hash."""
    if len(PREFIX + element) <= PLACE_LENGTH:
        return PREFIX + element
    return f"{PREFIX}{element[:54]}~{hashlib.sha256(element.encode()).hexdigest()[:16]}"


def pins_of(document: Document, person: Any) -> Pins:
    """All comments on elements of a map. Two queries, one more where there are any."""
    entry = entries_of(document).select_related("owner").first()
    pins = Pins(entry)
    if entry is not None:
        for thread in comments.threads_of(entry, person):
            if thread.first.place.startswith(PREFIX):
                pins.by_place.setdefault(thread.first.place, []).append(thread)
    return pins


def element_context(pins: Pins, element: str, address: str) -> dict[str, Any]:
    """What stands beside the chosen element: its threads and the form for a new one."""
    return {
        "entry": pins.entry,
        "pinned": pins.of(element),
        "place": place_of(element),
        "here": f"{address}?{urlencode({'element': element})}",
        "pin_token": secrets.token_urlsafe(16),
    }


def name_places(entry: CatalogEntry, places: list[str]) -> dict[str, PlaceWords]:
    """The names of the elements that these places mean; of those that no version has any more, their ids."""
    document = record_of(entry)
    parts = Part.objects.filter(document=document)
    found = {}
    for key, label in parts.values_list("key", "label"):
        place = place_of(key)
        if place in places:
            found[place] = PlaceWords(label or key, f"{entry.url}?{urlencode({'element': key})}#element")
    missing = [place for place in places if place not in found]
    return found | {place: PlaceWords(place.removeprefix(PREFIX)) for place in missing}
