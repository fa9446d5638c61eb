"""Somebody else decides: by whom, with which trace, and so that one person stays one voice in a step."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from actions.models import Task
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import Notice
from documents.models import State
from documents.submission import StepPlan, plan_again, submit
from tests.cast import flat, new_draft, signed


@pytest.fixture
def third(make_person):
    return make_person("Theo Third", "manager", "staff")


@pytest.fixture
def officer(make_person):
    return make_person("Olga Officer", "staff", "officer")


@pytest.fixture
def version(author, owner, approver, third):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Checked", "count", 2, people=[owner, approver, third])])
    return version


def seat_of(version, person):
    return version.route().steps.get().seats.get(person=person)


def decide(version, person):
    version.route().decide("approve", by=person, seen_hash=version.manifest_hash, signature=signed(person))
    version.refresh_from_db()


def test_another_person_decides_and_the_ledger_says_who_and_why(version, author, third, auditor, officer):
    version.route().reassign(seat_of(version, third), to=auditor, by=officer, reason="On leave")
    line = lines_of(version.document).filter(event="reassigned").get()
    assert (line.actor, line.reason, line.data["from"], line.data["to"]) == (
        officer,
        "On leave",
        str(third),
        str(auditor),
    )
    with pytest.raises(NotAllowed):
        decide(version, third)
    decide(version, auditor)
    assert version.state == State.IN_REVIEW


def test_who_is_replaced_is_told_and_follows_no_link_to_what_is_hidden_again(version, author, third, auditor, officer):
    version.route().reassign(seat_of(version, third), to=auditor, by=officer, reason="On leave")
    told = Notice.objects.filter(person=third, key__contains="reassign").get()
    assert told.text == f"{officer} asked {auditor} to decide on {version.code} in your place: On leave"
    assert (told.url, told.entry) == ("", None)
    assert not Task.objects.open().filter(person=third).exists()
    assert Notice.objects.filter(person=auditor, text__contains=" asks you to decide on ").exists()


def test_who_was_not_asked_yet_is_not_told_that_somebody_else_decides(author, owner, approver, third, auditor, officer):
    later = new_draft(author, owner)
    submit(later, by=author, plan=[StepPlan("Checked", people=[owner]), StepPlan("Approved", people=[third])])
    seat = later.route().steps.get(position=2).seats.get()
    later.route().reassign(seat, to=auditor, by=officer, reason="On leave")
    assert not Notice.objects.filter(person=third).exists()


def test_nobody_gets_a_second_seat_in_a_step_nor_one_that_was_used(
    version, author, owner, approver, third, auditor, officer
):
    with pytest.raises(Refused, match="counts once"):
        version.route().reassign(seat_of(version, third), to=approver, by=officer, reason="On leave")
    decide(version, owner)
    with pytest.raises(Refused, match="has decided already"):
        version.route().reassign(seat_of(version, owner), to=auditor, by=officer, reason="Too late")
    decide(version, approver)
    assert version.state == State.APPROVED


def test_the_page_says_how_many_must_agree(version, author, owner, browse):
    page = flat(browse(author).get(reverse("documents:page", args=[version.document.code])).content.decode())
    assert "2 of 3 must agree" in page


def test_who_was_asked_is_asked_again_with_a_new_clock_and_a_new_notice(
    version, author, owner, third, auditor, browse, officer
):
    version.route().reassign(seat_of(version, third), to=auditor, by=officer, reason="On leave")
    version.move("withdraw", by=author, comment="not yet")
    page = browse(author).get(reverse("documents:submit", args=[version.document.code, version.sequence]))
    [step] = page.context["steps"].forms
    assert {person.email in step.initial["people"] for person in (owner, auditor)} == {True}
    assert third.email not in step.initial["people"]
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=True):
        submit(version, by=author, plan=plan_again(version))
        assert version.route().steps.get().due_at > timezone.now()
    assert Notice.objects.filter(person=owner, topic="asked").count() == 2
    assert Task.objects.open().filter(person=auditor).get().due_at > timezone.now()


def test_who_is_not_needed_any_more_is_not_asked_for(version, author, owner, approver, third, browse):
    steps = [StepPlan("Checked", "any", people=[owner, third]), StepPlan("Approved", people=[approver])]
    version.move("withdraw", by=author, comment="not yet")
    submit(version, by=author, plan=steps)
    decide(version, owner)
    page = flat(browse(author).get(reverse("documents:page", args=[version.document.code])).content.decode())
    assert "Not needed any more" in page
    [seat] = version.route().steps.get(position=1).seats.filter(person=third)
    assert reverse("documents:reassign", args=[version.document.code, version.sequence, seat.pk]) not in page
