"""Several people at the same moment, on real PostgreSQL with real transactions."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from actions.models import Task
from core import bulk
from core.bulk_undo import begin_undo
from core.ledger import lines_of
from core.lifecycle import Refused
from core.models import BulkRun, LedgerLine
from core.models.record import Stale
from documents.bulk_actions import ACTIONS, DOCUMENTS
from documents.drafting import open_draft, save_draft
from documents.keeping import change_facts
from documents.models import Decision, Document, Route, State, Version
from documents.submission import StepPlan, submit
from documents.taking_effect import announce_effective
from people.groups import ensure_groups
from tests.cast import approve, new_draft, released, retype, signed, taken_over

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def groups(transactional_db):
    """Tests that commit start from empty tables; the groups are made after migrate and must be made again."""
    ensure_groups()


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Run the works in threads that start together; returns results and refusals in order."""
    barrier, results = threading.Barrier(len(works)), [None] * len(works)

    def run(place: int, work: Callable[[], Any]) -> None:
        try:
            barrier.wait(timeout=20)
            results[place] = work()
        except (Refused, Stale) as refusal:
            results[place] = refusal
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


def test_two_approvers_of_whom_one_suffices_release_once(author, owner, approver, make_person):
    second = make_person("Sam Second", "staff")
    version = new_draft(author, owner)
    route = submit(version, by=author, plan=[StepPlan("Approved", rule="any", people=[approver, second])])

    def decide(person: Any) -> Callable[[], Decision]:
        return lambda: Route.objects.get(pk=route.pk).decide(
            "approve", by=person, seen_hash=version.manifest_hash, signature=signed(person)
        )

    results = at_once(decide(approver), decide(second))
    assert sum(isinstance(result, Decision) for result in results) == 1
    assert LedgerLine.objects.filter(event="approve").count() == 1
    version.refresh_from_db()
    assert version.state == State.APPROVED
    assert not Task.objects.open().filter(kind="decide").exists()


def test_two_approvers_who_must_both_agree_release_once_with_both_names(author, owner, approver, make_person):
    second = make_person("Sam Second", "staff")
    version = new_draft(author, owner)
    route = submit(version, by=author, plan=[StepPlan("Approved", people=[approver, second])])
    at_once(
        *(
            lambda person=person: Route.objects.get(pk=route.pk).decide(
                "approve", by=person, seen_hash=version.manifest_hash, signature=signed(person)
            )
            for person in (approver, second)
        )
    )
    version.refresh_from_db()
    assert version.state == State.APPROVED
    assert Decision.objects.count() == 2
    assert LedgerLine.objects.filter(event="approve").count() == 1


def test_a_double_submit_starts_one_route(author, owner, approver):
    version = new_draft(author, owner)
    plan = [StepPlan("Approved", people=[approver])]
    results = at_once(*[lambda: submit(Version.objects.get(pk=version.pk), by=author, plan=plan)] * 2)
    assert sum(isinstance(result, Route) for result in results) == 1
    assert Route.objects.count() == 1
    assert Task.objects.open().count() == 1


def test_flt_11_two_editors_one_saves_and_the_other_is_told(author, owner):
    version = new_draft(author, owner)
    seen = version.row_version

    def save(person: Any, text: bytes) -> Callable[[], Any]:
        return lambda: save_draft(version, by=person, row_version=seen, body=text)

    results = at_once(save(author, b"<p>One.</p>"), save(owner, b"<p>Two.</p>"))
    assert sum(isinstance(result, Stale) for result in results) == 1
    version.refresh_from_db()
    assert version.row_version == seen + 1


def test_two_drafts_at_once_open_one(author, owner, approver):
    document = released(author, owner, approver).document
    results = at_once(*[lambda: open_draft(document, by=author)] * 3)
    assert sum(isinstance(result, Version) for result in results) == 1
    assert document.versions.open().count() == 1


def test_numbers_given_at_once_differ(author, owner):
    versions = at_once(*[lambda: new_draft(author, owner)] * 4)
    assert len({version.document.code for version in versions}) == 4


def test_two_versions_due_at_one_moment_leave_the_newer_one_in_force(author, owner, approver):
    document = released(author, owner, approver).document
    day = timezone.localdate() + timedelta(days=3)
    for number in (2, 3):
        draft = open_draft(document, by=author, reason=f"Change {number}")
        approve(retype(draft, author, f"<p>{number}</p>".encode(), planned_on=day), author, approver)
    later = timezone.now() + timedelta(days=4)
    assert [v.sequence for v in document.versions.effective(later)] == [3]
    assert [v.sequence for v in document.versions.effective()] == [1]


def test_a_worker_stopped_over_the_date_announces_once_when_it_is_back(author, owner, approver):
    document = released(author, owner, approver).document
    announce_effective()
    draft = open_draft(document, by=author, reason="New year")
    planned = timezone.localdate() + timedelta(days=3)
    second = approve(retype(draft, author, b"<p>Later.</p>", planned_on=planned), author, approver)
    assert announce_effective() == 0
    with time_machine.travel(timezone.now() + timedelta(days=10)):
        assert document.version_in_force() == second
        assert sorted(at_once(*[announce_effective] * 2)) == [0, 1]
        assert announce_effective() == 0
    assert [line.event for line in lines_of(document)].count("took_effect") == 2


def handed_over(author, reader, documents):
    """A run that handed the documents over; each call of what is returned reads it anew, as a request does."""
    run = bulk.choose(DOCUMENTS, ACTIONS[0], by=author, picked=[str(one.pk) for one in documents])
    bulk.answer(run, QueryDict(f"owner={reader.email}"))
    bulk.look(run)
    bulk.go(run)
    return lambda: BulkRun.objects.select_related("job", "asked_by").get(pk=run.pk)


def test_undo_pressed_twice_at_once_is_one_run_that_is_done_once(author, owner, reader):
    run = handed_over(author, reader, taken_over(author, owner, [f"Procedure {number}" for number in range(4)]))
    undos = at_once(lambda: begin_undo(run()), lambda: begin_undo(run()))
    assert {undo.pk for undo in undos} == {run().undos.get().pk}
    bulk.look(run().undos.get())
    at_once(*[lambda: bulk.go(run().undos.get())] * 2)
    assert list(run().undos.get().rows.values_list("outcome", flat=True)) == ["done"] * 4
    assert LedgerLine.objects.filter(event="bulk_undone").count() == 1
    assert LedgerLine.objects.filter(event="owner_changed").count() == 8


def test_a_document_changed_while_it_is_taken_back_keeps_one_of_both(author, owner, approver, reader):
    [document] = taken_over(author, owner, ["Procedure"])
    run = handed_over(author, reader, [document])
    undo = begin_undo(run())
    at_once(
        lambda: bulk.go(BulkRun.objects.get(pk=undo.pk)),
        lambda: change_facts(document, by=author, values={"owner": approver}),
    )
    row, now = undo.rows.get(), Document.objects.get(pk=document.pk).owner
    owners = [line.data["to"] for line in lines_of(document).filter(event="owner_changed").order_by("id")]
    assert now == approver
    assert (row.outcome, owners) in (
        ("done", ["Rita Reader", "Omar Owner", "Quinn Approver"]),
        ("refused", ["Rita Reader", "Quinn Approver"]),
    )
