"""Reminding: each rung once, by mail at once, to nobody who may not see the record, resumable."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail

from actions.models import Task
from actions.reminders import remind
from core import catalog
from core.digests import mail_notices
from core.models import Notice
from core.outbox import relay
from documents.models import Document, KindSettings
from documents.reviewing import ask_for_due_reviews
from people.models import JobRole, Person
from tests.cast import released

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def a_mail_server(settings):
    settings.PORTAL_MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox.clear()


@pytest.fixture
def entry(author, owner, approver):
    return catalog.entry_of(released(author, owner, approver).document)


def ask(entry, person, due_at, key="t", **fields):
    return Task.ask(
        key=key, kind="do", title="Do the thing", url="/x/", entry=entry, person=person, due_at=due_at, **fields
    )


def reminders(person):
    return list(Notice.objects.filter(person=person, topic="reminders").order_by("pk").values_list("text", flat=True))


def test_a_task_is_reminded_of_before_on_the_day_and_weekly_and_each_time_once(entry, reader):
    with time_machine.travel(NOON, tick=False) as clock:
        ask(entry, reader, NOON + timedelta(days=4))
        counts = []
        for day in range(0, 20):
            clock.move_to(NOON + timedelta(days=day))
            remind()
            remind()
            counts.append(len(reminders(reader)))
    assert [day for day in range(1, 20) if counts[day] > counts[day - 1]] == [2, 4, 11, 18]


def test_a_missed_night_is_made_up_once_and_a_long_outage_brings_one_reminder(entry, reader):
    with time_machine.travel(NOON, tick=False) as clock:
        ask(entry, reader, NOON + timedelta(days=4))
        clock.move_to(NOON + timedelta(days=60))
        remind()
        assert len(reminders(reader)) == 1


def test_the_owner_of_the_record_and_then_the_manager_hear_of_what_is_late(entry, reader, owner, approver):
    Person.objects.filter(pk=reader.pk).update(manager=approver)
    with time_machine.travel(NOON, tick=False) as clock:
        ask(entry, Person.objects.get(pk=reader.pk), NOON)
        remind()
        assert (reminders(owner), reminders(approver)) == ([], [])
        clock.move_to(NOON + timedelta(days=8))
        remind()
        assert reminders(owner) == ["Overdue since 18 Nov 2026, waits for Rita Reader: Do the thing"]
        assert reminders(approver) == []
        clock.move_to(NOON + timedelta(days=15))
        remind()
        assert reminders(approver) == ["Overdue since 18 Nov 2026, waits for Rita Reader: Do the thing"]


def test_what_is_done_or_asked_for_again_is_reminded_of_as_it_now_stands(entry, reader):
    with time_machine.travel(NOON, tick=False) as clock:
        task = ask(entry, reader, NOON + timedelta(days=1))
        remind()
        assert len(reminders(reader)) == 1
        ask(entry, reader, NOON + timedelta(days=30))
        clock.move_to(NOON + timedelta(days=5))
        remind()
        assert len(reminders(reader)) == 1
        clock.move_to(NOON + timedelta(days=29))
        Task.objects.filter(pk=task.pk).finish()
        remind()
        assert len(reminders(reader)) == 1


def test_neg_11_nobody_is_reminded_of_what_they_may_no_longer_see(entry, reader):
    with time_machine.travel(NOON, tick=False):
        ask(entry, reader, NOON)
        entry.audience_keys = ["person:0"]
        entry.save()
        assert remind() == 0


def test_everybody_in_a_role_is_reminded(entry, reader, make_person):
    role = JobRole.objects.create(name="Inspector")
    reader.job_roles.add(role)
    colleague = make_person("Cora Colleague", "staff")
    colleague.job_roles.add(role)
    with time_machine.travel(NOON, tick=False):
        ask(entry, None, NOON, role=role)
        assert remind() == 2


def test_the_owner_is_mailed_at_once_when_a_review_is_due(author, owner, approver):
    document = released(author, owner, approver).document
    KindSettings.objects.create(kind=document.kind, remind_days_before=14)
    with time_machine.travel(NOON, tick=False) as clock:
        Document.objects.filter(pk=document.pk).update(review_due_on=(NOON + timedelta(days=20)).date())
        Notice.objects.all().delete()
        assert ask_for_due_reviews() == 1
        remind()
        assert reminders(owner) == []
        clock.move_to(NOON + timedelta(days=6))
        remind()
        mail_notices()
        relay()
    [sent] = [m for m in mail.outbox if m.to == [owner.email]]
    assert f"Review {document.code}" in sent.subject
    assert f"/documents/{document.code}/review/" in sent.body


def test_many_reminders_due_at_once_are_one_mail_for_each_person_although_a_worker_is_killed(
    entry, make_person, monkeypatch
):
    people = [make_person(f"Person Number{n}", "staff") for n in range(4)]
    with time_machine.travel(NOON, tick=False):
        for n in range(300):
            ask(entry, people[n % 4], NOON, key=f"t{n}")
        calls = []

        def killed_in_the_second_batch(tasks, fields):
            calls.append(len(tasks))
            if len(calls) == 2:
                raise KeyboardInterrupt
            return real(tasks, fields)

        real = Task.objects.bulk_update
        monkeypatch.setattr("actions.reminders.Task.objects.bulk_update", killed_in_the_second_batch)
        with pytest.raises(KeyboardInterrupt):
            remind()
        monkeypatch.undo()
        assert Notice.objects.filter(topic="reminders").exists()
        assert mail_notices() == 0, "the rest is not written yet"
        remind()
        assert mail_notices() == 4
        assert mail_notices() == 0
        relay()
    assert Notice.objects.filter(topic="reminders", person__in=people).count() == 300
    assert sorted(m.to[0] for m in mail.outbox) == sorted(p.email for p in people)
    assert all("75 notices" in m.subject for m in mail.outbox)


def test_a_mail_goes_out_while_the_sweep_still_writes_to_others_and_waits_for_nobody_else(entry, make_person, reader):
    late = make_person("Lena Late", "staff")
    with time_machine.travel(NOON, tick=False) as clock:
        ask(entry, reader, NOON, key="first")
        remind()
        clock.move_to(NOON + timedelta(minutes=1))
        ask(entry, late, NOON, key="second")
        assert mail_notices() == 1
        assert Notice.objects.get(person=reader, topic="reminders").mailed_at


def test_a_sweep_that_never_ends_holds_no_mail_for_ever(entry, reader):
    with time_machine.travel(NOON, tick=False) as clock:
        ask(entry, reader, NOON, key="first")
        remind()
        ask(entry, reader, NOON, key="never looked at")
        assert mail_notices() == 0
        clock.move_to(NOON + timedelta(minutes=31))
        assert mail_notices() == 1
