"""One document through its whole life: draft, review, release, the next version, retirement."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused, WrongState
from core.models import CatalogEntry, LedgerLine
from core.models.record import Stale
from documents.drafting import open_draft, save_draft
from documents.models import Document, State, Version
from documents.submission import StepPlan, submit
from tests.cast import approve, new_draft, released, retired, retype, signed


def events(document):
    return [line.event for line in lines_of(document)][::-1]


def test_a_document_gets_the_next_number_of_its_kind_and_department(author, owner):
    first, second = new_draft(author, owner), new_draft(author, owner)
    assert first.document.code == "SOP-INB-001"
    assert second.document.code == "SOP-INB-002"


def test_the_route_releases_the_version_and_every_step_is_in_the_ledger(author, owner, approver):
    version = released(author, owner, approver)
    assert version.state == State.APPROVED
    assert version.shown_state == "effective"
    assert version.number == "1.0"
    assert events(version.document) == ["started", "draft_opened", "submit", "decided:approve", "approve"]
    assert version.document.version_in_force() == version
    assert LedgerLine.objects.filter(event="approve").get().content_hash == version.manifest_hash


def test_nobody_decides_on_their_own_text_not_even_a_superuser(author, owner, approver):
    author.is_superuser = True
    author.save()
    version = new_draft(author, owner)
    with pytest.raises(Refused, match="wrote or submitted"):
        submit(version, by=author, plan=[StepPlan("Approved", people=[author])])
    route = submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    with pytest.raises(NotAllowed):
        route.decide("approve", by=author, seen_hash=version.manifest_hash, signature=signed(author))
    assert LedgerLine.objects.filter(event="refused:decide approve", actor=author).exists()


def test_an_empty_route_is_refused_and_nothing_has_changed(author, owner):
    version = new_draft(author, owner)
    with pytest.raises(Refused, match="Nobody would decide"):
        submit(version, by=author, plan=[])
    version.refresh_from_db()
    assert version.state == State.DRAFT
    assert version.number == ""


def test_a_decision_on_another_text_than_the_one_seen_is_refused(author, owner, approver):
    version = new_draft(author, owner)
    route = submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    with pytest.raises(Refused, match="has changed since you opened it"):
        route.decide("approve", by=approver, seen_hash="0" * 64, signature=signed(approver))


def test_an_approval_needs_a_fresh_signature_with_proof(author, owner, approver):
    version = new_draft(author, owner)
    route = submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    for signature in (None, signed(author), signed(approver, "click")):
        with pytest.raises(Refused):
            route.decide("approve", by=approver, seen_hash=version.manifest_hash, signature=signature)


def test_steps_follow_each_other_and_one_of_several_is_enough_where_the_step_says_so(
    author, owner, approver, make_person
):
    second, third = make_person("Sam Second", "staff"), make_person("Tia Third", "staff")
    version = new_draft(author, owner)
    plan = [StepPlan("Checked", rule="any", people=[approver, second]), StepPlan("Approved", people=[third])]
    route = submit(version, by=author, plan=plan)
    with pytest.raises(NotAllowed, match="not your turn"):
        route.decide("approve", by=third, seen_hash=version.manifest_hash, signature=signed(third))
    route.decide("approve", by=second, seen_hash=version.manifest_hash, signature=signed(second))
    version.refresh_from_db()
    assert version.state == State.IN_REVIEW
    route.decide("approve", by=third, seen_hash=version.manifest_hash, signature=signed(third))
    version.refresh_from_db()
    assert version.state == State.APPROVED


def test_requested_changes_reset_decisions_but_an_unchanged_text_keeps_them(author, owner, approver, make_person):
    second = make_person("Sam Second", "staff")
    version = new_draft(author, owner)
    plan = [StepPlan("Approved", people=[approver, second])]
    route = submit(version, by=author, plan=plan)
    route.decide("approve", by=approver, seen_hash=version.manifest_hash, signature=signed(approver))

    version.move("withdraw", by=author, comment="not yet")
    route = submit(version, by=author, plan=plan)
    assert [seat.is_decided() for seat in route.steps_in_order()[0].seats.all()] == [True, False]

    route.decide("request_changes", by=second, seen_hash=version.manifest_hash, comment="Say which three cases.")
    version.refresh_from_db()
    assert version.state == State.CHANGES_REQUESTED
    version = retype(version, author, b"<p>Another text.</p>")
    route = submit(version, by=author, plan=plan)
    assert [seat.is_decided() for seat in route.steps_in_order()[0].seats.all()] == [False, False]


def test_the_next_version_supersedes_the_one_before_at_the_same_moment(author, owner, approver):
    first = released(author, owner, approver)
    draft = open_draft(first.document, by=author, reason="Bay numbers after the rebuild")
    assert draft.body_bytes() == first.body_bytes()
    draft = retype(draft, author, b"<p>New bays.</p>", change="minor")
    second = approve(draft, author, approver)
    first.refresh_from_db()
    assert second.number == "1.1"
    assert first.effective_until == second.effective_from
    assert first.shown_state == "superseded"
    assert first.document.version_in_force() == second


def test_a_version_planned_for_later_waits_and_time_alone_makes_it_effective(author, owner, approver):
    first = released(author, owner, approver)
    draft = open_draft(first.document, by=author, reason="New year")
    draft = retype(draft, author, b"<p>From next week.</p>", planned_on=timezone.localdate() + timedelta(days=7))
    second = approve(draft, author, approver)
    assert second.shown_state == "approved"
    assert second.document.version_in_force() == first
    assert second.document.version_in_force(at=timezone.now() + timedelta(days=8)) == second


def test_the_database_refuses_two_versions_in_force_at_once(author, owner, approver):
    first = released(author, owner, approver)
    draft = open_draft(first.document, by=author)
    with pytest.raises(DatabaseError, match="one_version_in_force_at_a_time"), transaction.atomic():
        Version.objects.filter(pk=draft.pk).update(
            state=State.APPROVED, effective_from=first.effective_from, approved_at=timezone.now()
        )


def test_the_database_refuses_a_second_open_draft_and_so_does_the_verb(author, owner, approver):
    version = released(author, owner, approver)
    open_draft(version.document, by=author)
    with pytest.raises(WrongState, match="open already"):
        open_draft(version.document, by=author)


def test_the_database_refuses_to_change_or_delete_what_is_released(author, owner, approver):
    version = released(author, owner, approver)
    changes = [{"title": "Something else"}, {"state": State.DRAFT}, {"manifest_hash": "0" * 64}]
    changes += [{"author": approver}, {"writer_ids": []}, {"submitted_by": owner}, {"reason": "Another one"}]
    changes += [{"approved_before": {"approver": "Nobody"}}, {"planned_on": date(2020, 1, 1)}]
    for change in changes:
        with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
            Version.objects.filter(pk=version.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.filter(pk=version.pk)._raw_delete("default")


def test_a_stale_save_is_refused_and_a_save_without_change_writes_nothing(author, owner):
    version = new_draft(author, owner)
    seen = version.row_version
    saved = save_draft(version, by=author, row_version=seen, body=b"<p>First.</p>").version
    assert saved.row_version == seen + 1
    assert save_draft(version, by=author, row_version=seen, body=b"<p>First.</p>").version.row_version == seen + 1
    with pytest.raises(Stale):
        save_draft(version, by=owner, row_version=seen, body=b"<p>Second.</p>")


def test_retiring_ends_the_document_with_reason_and_leaves_nothing_in_force(author, owner, approver):
    version = released(author, owner, approver)
    with pytest.raises(Refused, match="reason"):
        version.move("retire", by=owner)
    retired(version, owner, author, "Replaced by the new warehouse")
    document = Document.objects.get(pk=version.document_id)
    assert document.is_retired
    assert document.retention_until
    assert document.version_in_force() is None
    assert not CatalogEntry.objects.in_force().filter(code=document.code).exists()
    with pytest.raises(DatabaseError, match="does not change"), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(state=State.APPROVED)


def test_a_number_is_never_given_twice(author, owner):
    new_draft(author, owner, code="SOP-900")
    with pytest.raises(Refused, match="is or was in use"):
        new_draft(author, owner, code="sop 900")


def test_readers_see_a_document_from_its_first_release_and_never_its_drafts(author, owner, approver, reader):
    version = new_draft(author, owner)
    assert not Document.objects.visible_to(reader).exists()
    approve(version, author, approver)
    assert Document.objects.visible_to(reader).count() == 1
    open_draft(version.document, by=author)
    assert Version.objects.visible_to(reader).count() == 1
    assert Version.objects.visible_to(owner).count() == 2


def test_starting_submitting_and_deciding_ask_the_database_so_often_and_no_more(
    author, owner, approver, django_assert_max_num_queries
):
    released(author, owner, approver)  # what is asked once of each process is asked now
    with django_assert_max_num_queries(18):
        version = new_draft(author, owner)
    with django_assert_max_num_queries(48):
        route = submit(version, by=author, plan=[StepPlan("Approved for use", people=[approver])])
    with django_assert_max_num_queries(48):
        route.decide("approve", by=approver, seen_hash=version.manifest_hash, signature=signed(approver))


def test_processes_of_the_release_before_go_on_starting_documents_while_the_schema_changes(db):
    """They name no column that they do not know; it has a default in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_default FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            ["documents_version", "writer_ids"],
        )
        assert cursor.fetchone()[0].startswith("'{}'")
