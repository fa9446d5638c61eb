"""Read and acknowledge: who gets what, once; bound to the version; and who has read what."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core.jobs import run_waiting
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from core.signing import CLICK, Signature
from documents.drafting import open_draft
from documents.models import Document, Version
from documents.taking_effect import announce_effective
from people.models import JobRole, Person
from tests.cast import Maker, approve, released, signed
from training.acknowledging import acknowledge
from training.assigning import assign, assign_missing
from training.models import Reading, ReadingRule


@pytest.fixture
def dock(db: None) -> JobRole:
    return JobRole.objects.create(name="Dock operative")


@pytest.fixture
def operatives(make_person: Maker, dock: JobRole) -> list[Person]:
    people = [make_person(f"Operative {name}", "staff") for name in ("One", "Two", "Three")]
    for person in people:
        person.job_roles.add(dock)
    return people


@pytest.fixture
def rule(author: Person, dock: JobRole) -> ReadingRule:
    rule = ReadingRule(code="RR-1", title="Dock reads SOPs", owner=author, document_type="sop", window_days=10)
    rule.save(by=author)
    rule.job_roles.add(dock)
    return rule


def click(person: Person) -> Signature:
    return Signature(person.pk, str(person), CLICK, timezone.now())


def read(person: Person, version: Version, signature: Signature | None = None) -> Reading:
    reading = Reading.objects.get(person=person, version=version)
    return acknowledge(reading, by=person, signature=signature or click(person), seen_hash=version.manifest_hash)


@pytest.fixture
def effective(author: Person, owner: Person, approver: Person, rule: ReadingRule, operatives: list[Person]) -> Version:
    version = released(author, owner, approver)
    run_waiting()
    return version


def test_an_approved_version_is_given_to_whom_the_rule_names(effective: Version, operatives: list[Person]) -> None:
    readings = Reading.objects.filter(version=effective)
    assert {reading.person_id for reading in readings} == {person.pk for person in operatives}
    assert {reading.due_on for reading in readings} == {timezone.localdate() + timedelta(days=10)}
    assert [task.kind for task in Task.objects.waiting_for(operatives[0])] == ["read"]


def test_giving_it_twice_is_giving_it_once(effective: Version) -> None:
    assert assign(effective) == 0
    assert assign_missing() == 0
    assert Reading.objects.count() == 3


def test_acknowledging_is_bound_to_the_version_and_happens_once(effective: Version, operatives: list[Person]) -> None:
    reading = read(operatives[0], effective)
    assert reading.manifest_hash == effective.manifest_hash
    assert reading.printed_name == str(operatives[0])
    first = reading.acknowledged_at
    assert read(operatives[0], effective).acknowledged_at == first
    assert LedgerLine.objects.filter(event="acknowledged").count() == 1
    assert not Task.objects.waiting_for(operatives[0]).exists()


def test_nobody_acknowledges_for_somebody_else(effective: Version, operatives: list[Person]) -> None:
    reading = Reading.objects.get(person=operatives[0], version=effective)
    with pytest.raises(NotAllowed):
        acknowledge(reading, by=operatives[1], signature=click(operatives[1]), seen_hash=effective.manifest_hash)


def test_what_was_not_seen_is_not_acknowledged(effective: Version, operatives: list[Person]) -> None:
    reading = Reading.objects.get(person=operatives[0], version=effective)
    with pytest.raises(Refused):
        acknowledge(reading, by=operatives[0], signature=click(operatives[0]), seen_hash="0" * 64)


def test_a_rule_may_ask_for_a_signature(
    author: Person, owner: Person, approver: Person, rule: ReadingRule, operatives: list[Person]
) -> None:
    rule.needs_signature = True
    rule.save(by=author)
    version = released(author, owner, approver)
    run_waiting()
    with pytest.raises(Refused, match="Sign"):
        read(operatives[0], version)
    assert read(operatives[0], version, signed(operatives[0])).signing_method == "password"


def test_a_superseded_version_is_asked_for_no_more(
    effective: Version, author: Person, approver: Person, operatives: list[Person]
) -> None:
    read(operatives[0], effective)
    draft = open_draft(effective.document, by=author, reason="Again", body=b"<p>Other words</p>")
    second = approve(draft, author, approver)
    run_waiting()
    announce_effective()
    assert Reading.objects.get(version=effective, person=operatives[1]).end_reason == "superseded"
    assert Reading.objects.get(version=second, person=operatives[0]).earlier == effective
    assert {task.key for task in Task.objects.open().filter(kind="read")} == {
        f"read:{second.pk}:{person.pk}" for person in operatives
    }


def test_minor_versions_need_none_unless_the_rule_says_so(
    effective: Version, author: Person, approver: Person, rule: ReadingRule
) -> None:
    draft = open_draft(effective.document, by=author, reason="Typo", body=b"<p>Words</p>")
    draft.change = Version.Change.MINOR
    draft.save(by=author)
    approve(draft, author, approver)
    run_waiting()
    assert not Reading.objects.filter(version=draft).exists()
    rule.covers_minor = True
    rule.save(by=author)
    assert assign_missing() == 3


def test_somebody_new_gets_what_the_job_role_needs(effective: Version, make_person: Maker, dock: JobRole) -> None:
    newcomer = make_person("New Comer", "staff")
    newcomer.job_roles.add(dock)
    assert assign_missing() == 1
    assert Reading.objects.filter(person=newcomer, version=effective).exists()


def test_a_confidential_document_is_given_only_to_its_audience(
    author: Person, owner: Person, approver: Person, rule: ReadingRule, operatives: list[Person]
) -> None:
    released(author, owner, approver, audience=Document.Audience.NAMED)
    run_waiting()
    assert not Reading.objects.exists()


def test_half_done_by_a_killed_worker_is_finished_by_the_next(effective: Version, operatives: list[Person]) -> None:
    lost = Reading.objects.get(person=operatives[2])
    Task.objects.filter(key=lost.task_key).delete()
    lost.delete()
    assert assign(effective) == 1
    assert Reading.objects.filter(version=effective).count() == 3


# --- pages -----------------------------------------------------------------------------------------------------


def read_page(client: Client, version: Version) -> Any:
    return client.get(reverse("training:read", args=[version.document.code, version.sequence]))


def test_the_page_shows_what_changed_since_and_takes_the_click(
    effective: Version, author: Person, approver: Person, operatives: list[Person], client: Client
) -> None:
    read(operatives[0], effective)
    draft = open_draft(effective.document, by=author, reason="Again", body=b"<p>Goods arrive frozen.</p>")
    second = approve(draft, author, approver)
    run_waiting()
    client.force_login(operatives[0])
    page = read_page(client, second).content.decode()
    assert "since version 1.0, which you acknowledged" in page
    assert "<ins>" in page
    address = reverse("training:read", args=[second.document.code, 2])
    stale = client.post(address, {"seen_hash": "0" * 64})
    assert stale.status_code == 422
    assert client.post(address, {"seen_hash": second.manifest_hash}).status_code == 302
    assert Reading.objects.get(version=second, person=operatives[0]).acknowledged_at


def test_the_document_says_what_it_asks_of_me(effective: Version, operatives: list[Person], client: Client) -> None:
    client.force_login(operatives[0])
    page = client.get(effective.document.get_absolute_url()).content.decode()
    assert "Read and acknowledge version 1.0" in page
    read(operatives[0], effective)
    assert "You read and acknowledged version 1.0" in client.get(effective.document.get_absolute_url()).content.decode()


def test_who_was_not_asked_finds_nothing(effective: Version, outsider: Person, client: Client) -> None:
    client.force_login(outsider)
    assert read_page(client, effective).status_code == 404
    assert effective.document.code not in client.get(reverse("training:readings")).content.decode()
    assert effective.document.code not in client.get(reverse("training:matrix")).content.decode()
    assert b"Operative" not in client.get(reverse("training:export", args=["csv"])).content


def test_the_officer_sees_who_has_read_what(
    effective: Version, author: Person, operatives: list[Person], client: Client
) -> None:
    read(operatives[0], effective)
    client.force_login(author)
    listed = client.get(reverse("training:readings")).content.decode()
    assert all(str(person) in listed for person in operatives)
    done = client.get(reverse("training:readings") + "?state=acknowledged").content.decode()
    assert str(operatives[0]) in done
    assert str(operatives[1]) not in done
    table = client.get(reverse("training:matrix-export", args=["csv"])).content.decode()
    assert "Read and acknowledged, 1.0" in table
    panel = client.get(reverse("documents:panel", args=[effective.document.code, "read-by"])).content.decode()
    assert "read by 1 of 3" in panel


def test_the_matrix_costs_the_same_for_few_and_many(
    effective: Version,
    author: Person,
    owner: Person,
    approver: Person,
    client: Client,
    django_assert_max_num_queries: Any,
) -> None:
    for _ in range(3):
        released(author, owner, approver)
    run_waiting()
    client.force_login(author)
    client.get(reverse("training:matrix"))
    with django_assert_max_num_queries(14):
        client.get(reverse("training:matrix"))


def test_a_rule_that_names_nobody_is_refused(author: Person, client: Client) -> None:
    client.force_login(author)
    sent = {"title": "Nobody", "owner": author.email, "audience": "everyone", "window_days": "14"}
    answer = client.post(reverse("training:reading-rule-new"), sent)
    assert answer.status_code == 422
    assert "Choose who has to read" in answer.content.decode()
