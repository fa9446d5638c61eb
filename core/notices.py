"""Telling people things: one notice per person and occasion, in the page. Mails and digests are made of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from core.doorbell import ring
from core.models.catalog import CatalogEntry
from core.models.notice import Notice, Watch
from core.rhythm import AT_ONCE, NEVER, next_mail
from core.saying import in_language_of

LONGEST = 400


@dataclass(frozen=True)
class Topic:
    """One sort of notice, as people switch it on or off."""

    key: str
    label: Any
    always_at_once: bool = False  # security and what is asked of a person by name
    usual: str = ""  # another rhythm than the person's general one, until they choose


_topics: dict[str, Topic] = {}


def register_topic(topic: Topic) -> None:
    """Make a topic known; called from an app's ``ready``."""
    _topics[topic.key] = topic


def all_topics() -> list[Topic]:
    return list(_topics.values())


def topic_named(key: str) -> Topic:
    return _topics[key]


def rhythm_of(person: Any, topic: Topic) -> str:
    """How the person wants to be mailed about a topic."""
    if topic.always_at_once:
        return AT_ONCE
    general = person.digest
    return person.topic_digests.get(topic.key) or (general if general == NEVER else topic.usual or general)


@dataclass(frozen=True)
class Told:
    """What one person is told, in their language, and what happened ("approved:412")."""

    person: Any
    text: str
    occasion: str
    url: str = ""
    entry: CatalogEntry | None = None


def tell(
    people: Iterable[Any], topic: str, text: str, *, occasion: str, url: str = "", entry: CatalogEntry | None = None
) -> int:
    """Write a notice for each person, in the caller's transaction; the same occasion twice is a no-op.

    A text made by ``gettext_noop`` reaches each person in their language.
    Returns how many people are told of it for the first time.
    """
    words: dict[str, str] = {}
    told = []
    for person in people:
        said = words.get(person.language) or words.setdefault(person.language, in_language_of(person, text))
        told.append(Told(person, said, occasion, url, entry))
    return tell_each(told, topic)


def tell_each(told: Iterable[Told], topic: str) -> int:
    """The same for many people who are told different things, in two statements."""
    now = timezone.now()
    rows = {
        key: Notice(
            key=key,
            topic=topic,
            person=one.person,
            entry=one.entry,
            text=one.text if len(one.text) <= LONGEST else one.text[: LONGEST - 1] + "…",
            url=one.url,
            **_mail_times(one.person, _topics[topic], now),
        )
        for one in told
        if one.person.is_active
        for key in [f"{topic}:{one.person.pk}:{one.occasion}"[:200]]
    }
    known = set(Notice.objects.filter(key__in=list(rows)).values_list("key", flat=True))
    new = [row for key, row in rows.items() if key not in known]
    Notice.objects.bulk_create(new, ignore_conflicts=True, batch_size=1000)
    if any(row.rhythm == AT_ONCE for row in new):
        ring("core.tasks.mail_notices")
    return len(new)


def _mail_times(person: Any, topic: Topic, now: datetime) -> dict[str, Any]:
    rhythm = rhythm_of(person, topic)
    if rhythm == NEVER:
        return {"rhythm": rhythm, "mailed_at": now}
    return {"rhythm": rhythm, "mail_due_at": next_mail(rhythm, now, person.time_zone)}


def choose_again(person: Any) -> None:
    """After the person changed how they want to be mailed: what is not mailed yet follows the new choice."""
    now = timezone.now()
    for notice in Notice.objects.filter(person=person, mailed_at=None):
        if notice.topic in _topics:
            times = _mail_times(person, _topics[notice.topic], now)
            Notice.objects.filter(pk=notice.pk, mailed_at=None).update(**times)


def watch(person: Any, entry: CatalogEntry) -> None:
    """Let the person be told what happens to the record, unless they stopped watching it before."""
    Watch.objects.get_or_create(person=person, entry=entry)
