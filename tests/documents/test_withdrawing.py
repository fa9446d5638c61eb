"""Withdrawing a version from review: with a reason, which its reviewers are told and the history keeps."""

import pytest
from django.urls import reverse

from core.ledger import lines_of
from core.lifecycle import Refused
from core.models import Notice
from documents.models import State, Version
from documents.submission import StepPlan, submit
from people.models import JobRole
from tests.cast import flat, new_draft, released, signed_in

pytestmark = pytest.mark.django_db
WHY = "The limits come from an old study"


@pytest.fixture
def in_review(author, owner, approver):
    version = new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Approved", people=[approver])])
    return Version.objects.get()


def address(version):
    return reverse("documents:withdraw", args=[version.document.code, version.sequence])


def test_without_a_reason_nothing_is_withdrawn(author, in_review):
    with pytest.raises(Refused, match="reason"):
        in_review.move("withdraw", by=author)
    answer = signed_in(author).post(address(in_review), {"comment": "  "})
    assert answer.status_code == 422
    assert "Enter the reason" in answer.content.decode()
    in_review.refresh_from_db()
    assert in_review.state == State.IN_REVIEW


def test_the_reason_stands_in_the_trail_and_reaches_the_approver_and_the_owner(author, owner, approver, in_review):
    browser = signed_in(author)
    menu = browser.get(in_review.get_absolute_url()).content.decode()
    assert f'href="{address(in_review)}"' in menu
    page = browser.post(address(in_review), {"comment": WHY}, follow=True)
    in_review.refresh_from_db()
    assert in_review.state == State.DRAFT
    assert lines_of(in_review.document)[0].reason == WHY
    assert WHY in flat(page.content.decode())
    said = f"{author} withdrew {in_review.code} from review: {WHY}"
    assert Notice.objects.get(person=owner, text=said).topic == "my_documents"
    told = Notice.objects.get(person=approver, text=said)
    assert told.topic == "asked"
    assert not Notice.objects.filter(person=author, text=said).exists()


def test_who_may_not_see_the_draft_any_more_hears_it_without_a_link(author, approver, in_review):
    in_review.move("withdraw", by=author, comment=WHY)
    told = Notice.objects.get(person=approver, topic="asked", text__contains=WHY)
    assert (told.url, told.entry) == ("", None)
    assert WHY in flat(signed_in(approver).get(reverse("core:notices")).content.decode())


def test_everybody_of_a_role_that_was_asked_is_told_and_later_steps_are_not(author, owner, approver, reader, outsider):
    role = JobRole.objects.create(name="Inspector")
    reader.job_roles.add(role)
    first = released(author, owner, approver)
    version = Version.objects.get(pk=first.pk).document.open_version() or new_draft(author, owner)
    submit(version, by=author, plan=[StepPlan("Checked", roles=[role]), StepPlan("Approved", people=[outsider])])
    version.move("withdraw", by=author, comment=WHY)
    assert set(Notice.objects.filter(topic="asked", text__contains=WHY).values_list("person", flat=True)) == {reader.pk}


def test_who_did_not_write_it_may_not_withdraw_it_and_a_draft_cannot_be_withdrawn(author, approver, in_review):
    assert signed_in(approver).get(address(in_review)).status_code == 403
    in_review.move("withdraw", by=author, comment=WHY)
    assert signed_in(author).get(address(in_review)).status_code == 409
