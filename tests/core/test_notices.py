"""Telling people: in the page at once, by mail as they chose, each thing exactly once."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from core import catalog
from core.digests import mail_notices
from core.models import CatalogEntry, Notice, OutboxMessage
from core.notices import tell
from core.outbox import relay
from core.rhythm import next_mail
from core.unsubscribing import unsubscribe_url
from people.models import Person
from tests.cast import released

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def a_mail_server(settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox.clear()


def prefer(person, digest, **topics):
    Person.objects.filter(pk=person.pk).update(digest=digest, topic_digests=topics)
    person.refresh_from_db()


def subjects(person):
    relay()
    return [m.subject for m in mail.outbox if m.to == [person.email]]


def test_the_same_occasion_twice_is_one_notice_and_one_mail(reader):
    for _again in range(2):
        tell([reader], "asked", "Decide on SOP-001", occasion="1")
        mail_notices()
    assert Notice.objects.count() == 1
    assert subjects(reader) == ["Decide on SOP-001"]


def test_what_is_cut_says_so(reader):
    tell([reader], "asked", "Withdrawn: " + "because " * 600, occasion="1")
    tell([reader], "asked", "x" * 400, occasion="2")
    cut, whole = (notice.text for notice in Notice.objects.order_by("pk"))
    assert len(cut) == 400
    assert cut.endswith("…")
    assert whole == "x" * 400


def test_what_is_asked_by_name_is_mailed_at_once_whatever_the_person_chose(reader):
    prefer(reader, "never", asked="weekly")
    tell([reader], "asked", "Decide on SOP-001", occasion="1")
    mail_notices()
    assert subjects(reader) == ["Decide on SOP-001"]


def test_news_waits_for_the_weekly_mail_unless_the_person_chose_otherwise(reader, author, owner, approver):
    prefer(author, "daily")
    prefer(owner, "never")
    prefer(approver, "weekly", watched="at_once")
    people = [reader, author, owner, approver]
    with time_machine.travel(NOON, tick=False) as clock:
        tell(people, "watched", "News", occasion="1")
        mail_notices()
        assert (subjects(approver), subjects(author), subjects(reader)) == (["News"], [], [])
        clock.move_to(NOON + timedelta(days=1))
        mail_notices()
        assert (subjects(author), subjects(reader)) == (["News"], [])
        clock.move_to(NOON + timedelta(days=5))  # Monday
        mail_notices()
        assert subjects(reader) == ["News"]
        clock.move_to(NOON + timedelta(days=30))
        mail_notices()
        assert subjects(owner) == []
        assert len(subjects(reader)) == 1
    assert Notice.objects.filter(person=owner).count() == 1  # in the page it stands all the same


def test_a_digest_groups_by_topic_and_links_only_to_the_fixed_base_address(reader, settings):
    settings.PORTAL_BASE_URL = "https://portal.example.org"
    with time_machine.travel(NOON, tick=False) as clock:
        tell([reader], "watched", "First", occasion="1", url="/documents/A/")
        tell([reader], "comments", "Second", occasion="1", url="/documents/B/")
        clock.move_to(NOON + timedelta(days=7))
        mail_notices()
        relay()
    sent = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert sent.body.index("Comments on") < sent.body.index("Second")
    assert "https://portal.example.org/documents/A/" in sent.body
    assert sent.extra_headers["List-Unsubscribe"].startswith("<https://portal.example.org/unsubscribe/")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert OutboxMessage.objects.get().key == f"digest:{reader.pk}:2026-11-23"


def test_what_was_read_in_the_page_is_not_mailed_any_more(reader):
    with time_machine.travel(NOON, tick=False) as clock:
        tell([reader], "watched", "News", occasion="1")
        Notice.objects.update(read_at=NOON)
        clock.move_to(NOON + timedelta(days=7))
        assert mail_notices() == 0


def test_neg_11_who_lost_access_gets_neither_mail_nor_notice(author, owner, approver, reader, client):
    entry = catalog.entry_of(released(author, owner, approver).document)
    Notice.objects.all().delete()
    with time_machine.travel(NOON, tick=False) as clock:
        tell([reader], "watched", "Secret recipe changed", occasion="1", entry=entry)
        CatalogEntry.objects.filter(pk=entry.pk).update(audience_keys=[f"person:{owner.pk}"])
        clock.move_to(NOON + timedelta(days=7))
        assert mail_notices() == 0
    client.force_login(reader)
    assert "Secret" not in client.get(reverse("core:notices")).content.decode()
    assert "Secret" not in client.get(reverse("core:notices-menu")).content.decode()
    assert client.get(reverse("core:notice", args=[Notice.objects.get().pk])).status_code == 404


def test_a_late_notice_of_a_period_already_mailed_goes_into_the_next_mail(reader):
    with time_machine.travel(NOON, tick=False) as clock:
        tell([reader], "watched", "First", occasion="1")
        tell([reader], "watched", "Late", occasion="2")
        late = Notice.objects.get(text="Late")
        Notice.objects.filter(pk=late.pk).update(person=reader, mailed_at=NOON)
        clock.move_to(NOON + timedelta(days=5))
        mail_notices()
        Notice.objects.filter(pk=late.pk).update(mailed_at=None)  # its transaction ended after the mail was made
        mail_notices()
        assert subjects(reader) == ["First"]
        clock.move_to(NOON + timedelta(days=12))
        mail_notices()
        assert subjects(reader) == ["First", "Late"]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland"])
@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 25, 12, tzinfo=UTC),
        datetime(2026, 10, 21, 12, tzinfo=UTC),
        datetime(2028, 2, 27, 12, tzinfo=UTC),
    ],
)
def test_flt_10_a_daily_mail_comes_once_a_day_at_seven_over_every_change_of_the_clock(reader, zone, start):
    """Spring, autumn, 29 February; the server's zone is never the person's."""
    prefer(reader, "daily")
    Person.objects.filter(pk=reader.pk).update(time_zone=zone)
    reader.refresh_from_db()
    days = 6
    with time_machine.travel(start, tick=False) as clock:
        for hour in range(0, 24 * days, 6):
            clock.move_to(start + timedelta(hours=hour))
            tell([reader], "watched", f"News {hour}", occasion=str(hour))
            mail_notices()
            mail_notices()
        clock.move_to(start + timedelta(days=days + 2))
        mail_notices()
        relay()
    bodies = "".join(m.body for m in mail.outbox)
    for hour in range(0, 24 * days, 6):
        assert bodies.count(f"News {hour}\n") + sum(m.subject == f"News {hour}" for m in mail.outbox) >= 1
    keys = OutboxMessage.objects.values_list("key", flat=True)
    assert len(keys) == len(set(keys)) == len(mail.outbox)
    assert days <= len(mail.outbox) <= days + 1
    assert not Notice.objects.filter(mailed_at=None).exists()


def test_flt_10_the_clock_jumping_back_two_hours_mails_nothing_twice(reader):
    prefer(reader, "daily")
    with time_machine.travel(NOON, tick=False) as clock:
        tell([reader], "watched", "News", occasion="1")
        clock.move_to(NOON + timedelta(days=1))
        mail_notices()
        clock.move_to(NOON + timedelta(days=1) - timedelta(hours=2))
        mail_notices()
        clock.move_to(NOON + timedelta(days=1))
        mail_notices()
        assert subjects(reader) == ["News"]


@pytest.mark.parametrize(
    ("now", "zone", "expected"),
    [
        ("2026-03-29T00:59:00+00:00", "Europe/Berlin", "2026-03-29T05:00:00+00:00"),
        ("2026-10-25T00:30:00+00:00", "Europe/Berlin", "2026-10-25T06:00:00+00:00"),
        ("2028-02-29T08:00:00+00:00", "Europe/Berlin", "2028-03-01T06:00:00+00:00"),
        ("2026-11-18T07:00:00+00:00", "no such zone", "2026-11-19T07:00:00+00:00"),
    ],
)
def test_seven_in_the_morning_is_seven_where_the_person_is(now, zone, expected):
    assert next_mail("daily", datetime.fromisoformat(now), zone) == datetime.fromisoformat(expected)


def test_five_hundred_due_notices_make_one_mail_for_each_person(make_person):
    people = [make_person(f"Person Number{n}") for n in range(5)]
    for n in range(100):
        tell(people, "reminders", f"Due {n}", occasion=str(n))
    assert mail_notices() == 5
    relay()
    assert len(mail.outbox) == 5


# --- the page, and leaving ---------------------------------------------------------------------------------------


def test_following_a_notice_reads_it_but_fetching_ahead_does_not(reader, client):
    tell([reader], "asked", "Decide", occasion="1", url="/somewhere/")
    notice = Notice.objects.get()
    client.force_login(reader)
    client.get(reverse("core:notice", args=[notice.pk]), headers={"Sec-Purpose": "prefetch"})
    notice.refresh_from_db()
    assert notice.read_at is None
    assert client.get(reverse("core:notice", args=[notice.pk])).url == "/somewhere/"
    notice.refresh_from_db()
    assert notice.read_at


def test_a_notice_of_somebody_else_is_not_there(reader, outsider, client):
    tell([reader], "asked", "Decide", occasion="1")
    client.force_login(outsider)
    pk = Notice.objects.get().pk
    assert client.get(reverse("core:notice", args=[pk])).status_code == 404
    client.post(reverse("core:notices-read"), {"notice": pk})
    client.post(reverse("core:notices-read"))
    assert Notice.objects.get().read_at is None


def test_the_bell_counts_what_is_unread_and_all_can_be_marked_as_read(reader, client):
    for n in range(3):
        tell([reader], "asked", f"Decide {n}", occasion=str(n))
    client.force_login(reader)
    assert "Notifications, 3 unread" in client.get(reverse("core:notices")).content.decode()
    client.post(reverse("core:notices-read"))
    assert Notice.objects.unread().count() == 0


def test_a_new_choice_holds_for_what_is_not_mailed_yet(reader, client):
    with time_machine.travel(NOON, tick=False):
        tell([reader], "watched", "News", occasion="1")
        client.force_login(reader)
        form = client.get(reverse("core:notice-settings")).context["form"]
        data = {name: "" for name in form.fields} | {"digest": "weekly", "topic_watched": "at_once"}
        client.post(reverse("core:notice-settings"), data)
        mail_notices()
    assert subjects(reader) == ["News"]


def test_one_click_in_a_mail_ends_the_topic_without_signing_in(reader, client):
    address = unsubscribe_url(reader, "watched").removeprefix("http://localhost:8000")
    page = client.get(address)
    assert page.status_code == 200
    reader.refresh_from_db()
    assert reader.topic_digests == {}  # a program that opens every link changes nothing
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    reader.refresh_from_db()
    assert reader.topic_digests == {"watched": "never"}


def test_the_link_dies_with_the_account_and_cannot_be_forged(reader, client):
    address = unsubscribe_url(reader, "all").removeprefix("http://localhost:8000")
    assert client.post(address[:-3] + "xx/").status_code == 404
    Person.objects.filter(pk=reader.pk).update(is_active=False)
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
