"""Telling people things: one notice per person and occasion, in the page. Mails and digests are made of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.models.catalog import CatalogEntry
from core.models.notice import Notice, Watch


@dataclass(frozen=True)
class Topic:
    """One sort of notice, as people switch it on or off."""

    key: str
    label: Any
    always_at_once: bool = False  # security and what is asked of a person by name


_topics: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    """Make a topic known; called from an app's ``ready``."""
    _topics[topic.key] = topic


def all_topics() -> list[Topic]:
    return list(_topics.values())


def topic_named(key: str) -> Topic:
    return _topics[key]


def tell(
    people: Iterable[Any], topic: str, text: str, *, occasion: str, url: str = "", entry: CatalogEntry | None = None
) -> int:
    """Write a notice for each person, in the caller's transaction; the same occasion twice is a no-op.

    ``occasion`` names what happened ("approved:412"). Returns how many people are told of it for the first time.
    """
    rows = [
        Notice(
            key=f"{topic}:{person.pk}:{occasion}"[:200],
            topic=_topics[topic].key,
            person=person,
            entry=entry,
            text=text[:400],
            url=url,
        )
        for person in people
        if person.is_active
    ]
    before = Notice.objects.filter(key__in=[row.key for row in rows]).count()
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - before


def watch(person: Any, entry: CatalogEntry) -> None:
    """Let the person be told what happens to the record, unless they stopped watching it before."""
    Watch.objects.get_or_create(person=person, entry=entry)
