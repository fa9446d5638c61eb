"""Following records: who watches or subscribed is told, by the worker, once, if they may see it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core import catalog
from core.jobs import run_waiting
from core.models import Job, Notice, Subscription, Watch
from core.notices import watch
from documents.lifecycle import State
from documents.taking_effect import announce_effective
from people.models import Person
from tests.cast import approve, new_draft, released, retired

pytestmark = pytest.mark.django_db


def news(person):
    return list(Notice.objects.filter(person=person, topic="watched").values_list("text", flat=True))


def take_effect():
    announce_effective()
    run_waiting()


def test_who_watches_is_told_once_when_a_version_takes_effect(author, owner, approver, reader, outsider):
    version = new_draft(author, owner)
    entry = catalog.entry_of(version.document)
    watch(reader, entry)
    approve(version, author, approver)
    take_effect()
    take_effect()
    version.refresh_from_db()
    assert news(reader) == [f"{version.code} Receiving cold goods: version {version.number} is in force"]
    assert news(outsider) == []


def test_who_subscribed_to_the_kind_or_the_department_is_told_of_what_is_new(
    author, owner, approver, reader, outsider, auditor, other_department
):
    Subscription.objects.create(person=reader, kind="sop")
    Subscription.objects.create(person=outsider, department_id=author.department_id)
    Subscription.objects.create(person=auditor, kind="sop", department_id=other_department.pk)
    released(author, owner, approver)
    take_effect()
    assert len(news(reader)) == len(news(outsider)) == 1
    assert news(auditor) == []


def test_neg_11_who_may_not_see_the_record_hears_nothing_of_it(author, owner, approver, reader):
    Subscription.objects.create(person=reader, kind="sop")
    version = released(author, owner, approver, audience="named")
    watch(reader, catalog.entry_of(version.document))
    take_effect()
    assert news(reader) == []


def test_who_stopped_watching_is_not_told_and_commenting_does_not_start_it_again(author, owner, approver, reader):
    entry = catalog.entry_of(released(author, owner, approver).document)
    Watch.objects.create(person=reader, entry=entry, is_watching=False, is_favourite=True)
    watch(reader, entry)
    take_effect()
    assert news(reader) == []


def test_retiring_is_news_but_not_for_who_did_it(author, owner, approver, reader):
    version = released(author, owner, approver)
    entry = catalog.entry_of(version.document)
    take_effect()
    for person in (reader, owner):
        watch(person, entry)
    retired(version, author, owner, "No longer cold")
    run_waiting()
    assert any("was retired" in text for text in news(reader))
    assert not any("was retired" in text for text in news(owner))


def test_a_decision_answers_at_once_however_many_follow_and_a_killed_worker_tells_nobody_twice(
    author, owner, approver, department, monkeypatch
):
    Person.objects.bulk_create(
        [Person(email=f"p{n}@example.org", name=f"P {n}", department=department) for n in range(450)]
    )
    followers = Person.objects.filter(email__startswith="p")
    Subscription.objects.bulk_create([Subscription(person=person, kind="sop") for person in followers])
    version = released(author, owner, approver)
    assert version.state == State.APPROVED
    assert announce_effective() == 1
    # What grows with the readers is left to a job.
    assert Job.objects.filter(kind="core.tell_followers", state="waiting").count() == 1
    assert news(followers[0]) == []

    class Killed(BaseException):
        pass

    def killed(*args, **kwargs):
        raise Killed

    monkeypatch.setattr("core.jobs.Work.step", killed)
    with pytest.raises(Killed):
        run_waiting()
    monkeypatch.undo()
    Job.objects.filter(state="running").update(lease_until=timezone.now() - timedelta(seconds=1))
    run_waiting()
    assert Job.objects.get(kind="core.tell_followers").message == "Interrupted, started again"
    assert Notice.objects.filter(topic="watched").count() == 450
    assert Job.objects.get(kind="core.tell_followers").done_count == 450
