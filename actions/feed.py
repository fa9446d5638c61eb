"""A person's due dates as a calendar that other programs can subscribe to, by an address only they know."""

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _t
from icalendar import Calendar, Event

from actions.models import Task
from core.ledger import record_line
from core.moments import day_of, whole_day
from people.models import Person
from people.models.person import fresh_secret

MOST = 500


def person_of_feed(secret: str) -> Person | None:
    """Whose calendar this address opens; nobody's after they left or made a new address."""
    return Person.objects.active().filter(feed_secret=secret).first() if secret else None


def new_address(person: Person) -> None:
    """Make a new address; the old one is dead from now on."""
    with transaction.atomic():
        person.feed_secret = fresh_secret()
        Person.objects.filter(pk=person.pk).update(feed_secret=person.feed_secret)
        record_line(person, "calendar_address_changed", by=person)


def calendar_of(person: Person) -> bytes:
    """What waits for the person and has a due date, as iCalendar."""
    host = urlsplit(settings.PORTAL_BASE_URL).hostname or "localhost"
    with translation.override(person.language):
        calendar = Calendar()
        calendar.add("prodid", "-//Process Portal//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", _t("Due in the portal"))
        for task in Task.objects.waiting_for(person).exclude(due_at=None).order_by("due_at")[:MOST]:
            calendar.add_component(_event(task, host))
        return calendar.to_ical()


def _event(task: Any, host: str) -> Event:
    event = Event()
    event.add("uid", f"task-{task.pk}@{host}")
    event.add("dtstamp", timezone.now().astimezone(UTC))
    day = day_of(whole_day(task.due_at))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", task.words)
    event.add("url", settings.PORTAL_BASE_URL + task.url)
    event.add("transp", "TRANSPARENT")
    return event
