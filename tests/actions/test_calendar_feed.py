"""The calendar of due dates: by a private address, of what the person may see, revocable."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from actions.models import Task
from core import catalog
from people.models import Person
from tests.cast import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver).document)


@pytest.fixture
def task(entry, reader):
    due = datetime(2026, 12, 2, tzinfo=UTC)
    return Task.ask(key="t", kind="do", title="Do, the thing; now", url="/x/", entry=entry, person=reader, due_at=due)


def address(person):
    return reverse("actions:feed", args=[person.feed_secret])


def events(client, person):
    return Calendar.from_ical(client.get(address(person)).content).walk("VEVENT")


def test_calendar_programs_read_the_due_dates_without_signing_in(task, reader, client, settings):
    [event] = events(client, reader)
    assert event["summary"] == "Do, the thing; now"
    assert event["dtstart"].dt.isoformat() == "2026-12-01"  # due at the end of that day
    assert event["url"] == f"{settings.PORTAL_BASE_URL}/x/"


def test_only_what_waits_and_may_be_seen_stands_in_it(task, entry, reader, outsider, client):
    assert events(client, outsider) == []
    entry.audience_keys = ["person:0"]
    entry.save()
    assert events(client, reader) == []


def test_a_new_address_ends_the_old_one(task, reader, client):
    old = address(reader)
    client.force_login(reader)
    assert old in client.get(reverse("actions:calendar")).content.decode()
    client.post(reverse("actions:calendar-address"))
    client.logout()
    assert client.get(old).status_code == 404
    reader.refresh_from_db()
    assert client.get(address(reader)).status_code == 200


def test_the_address_dies_with_the_account(task, reader, client):
    Person.objects.filter(pk=reader.pk).update(is_active=False, deactivated_at=timezone.now() - timedelta(days=1))
    assert client.get(address(reader)).status_code == 404
    assert client.get("/feeds/.ics").status_code == 404
