"""What was signed can be believed: who decides, and what must not happen on the way. Named for what must not happen."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from core import attachments
from core.catalog import entry_of
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine, Notice
from documents.models import RouteTemplate, RouteTemplateStep, State
from documents.submission import StepPlan, plan_for, prescribed_for, submit
from people.models import JobRole
from people.standing_in import delegate
from tests.cast import PASSWORD, flat, new_draft, released, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def quality(approver, make_person):
    role = JobRole.objects.create(name="Quality manager")
    role.people.add(approver, make_person("Paula Peer", "staff"))
    return role


@pytest.fixture
def route(quality, make_person):
    """Two prescribed steps: a check that may be skipped, and the approval by a job role."""
    template = RouteTemplate.objects.create(name="SOPs", kind="sop")
    check = RouteTemplateStep.objects.create(template=template, position=1, meaning="Checked", may_be_skipped=True)
    check.people.add(make_person("Carl Checker", "staff"))
    approval = RouteTemplateStep.objects.create(template=template, position=2, meaning="Approved", rule="any")
    approval.roles.add(quality)
    return template


@pytest.fixture
def officer(make_person):
    return make_person("Olga Officer", "staff", "officer")


def posted(**more):
    return {"change": "major", "reason": "First", "steps-TOTAL_FORMS": 0, "steps-INITIAL_FORMS": 0, **more}


def submit_page(version):
    return reverse("documents:submit", args=[version.document.code, version.sequence])


def decide(route, person):
    route.decide("approve", by=person, seen_hash=route.version.manifest_hash, signature=signed(person))


# --- prescribed steps --------------------------------------------------------------------------------------------


def test_author_cannot_leave_out_or_exchange_prescribed_steps(route, author, owner, reader):
    version = new_draft(author, owner)
    check, approval = plan_for(version.document)
    for plan in (
        [approval],
        [StepPlan("Checked", people=[reader]), approval],
        [check, StepPlan("Approved", people=[reader])],
        [approval, check],
    ):
        with pytest.raises(Refused, match="prescribes"):
            submit(version, by=author, plan=plan)
    assert version.state == State.DRAFT


def test_author_may_add_steps_to_prescribed_ones(route, author, owner, reader, browse):
    version = new_draft(author, owner)
    step = {"meaning": "Read first", "people": reader.email, "rule": "all", "needed": 1, "due_days": 3}
    data = posted(**{"steps-TOTAL_FORMS": 1}, **{f"steps-0-{name}": value for name, value in step.items()})
    assert browse(author).post(submit_page(version), data).status_code == 302
    steps = version.route().steps_in_order()
    assert [(one.meaning, one.is_prescribed) for one in steps] == [
        ("Read first", False),
        ("Checked", True),
        ("Approved", True),
    ]


def test_step_is_not_skipped_unless_the_route_allows_it(route, author, owner):
    version = new_draft(author, owner)
    check, approval = plan_for(version.document)
    approval.skip_reason = "In a hurry"
    with pytest.raises(Refused, match="does not allow skipping"):
        submit(version, by=author, plan=[check, approval])


def test_step_is_not_skipped_without_a_reason(route, author, owner, browse):
    version = new_draft(author, owner)
    answer = browse(author).post(submit_page(version), posted(**{"prescribed-1-skip": "on"}))
    assert answer.status_code == 422
    assert "Enter why this step is skipped" in answer.content.decode()
    version.refresh_from_db()
    assert version.state == State.DRAFT


def test_skipped_step_is_not_hidden_from_approvers_or_history(route, author, owner, approver, browse):
    version = new_draft(author, owner)
    data = posted(**{"prescribed-1-skip": "on", "prescribed-1-reason": "Nobody works there this week"})
    assert browse(author).post(submit_page(version), data).status_code == 302
    version.refresh_from_db()
    decision_page = reverse("documents:version-decide", args=[version.document.code, version.sequence])
    page = flat(browse(approver).get(decision_page).content.decode())
    assert "Nobody works there this week" in page
    assert "Carl Checker" in page
    decide(version.route(), approver)
    version.refresh_from_db()
    assert version.state == State.APPROVED
    for name in ("page", "history"):
        page = flat(browse(author).get(reverse(f"documents:{name}", args=[version.document.code])).content.decode())
        assert "Nobody works there this week" in page, name
    address = reverse("documents:print", args=[version.document.code, version.sequence])
    assert "Nobody works there this week" in browse(author).get(address).content.decode()
    line = lines_of(version.document).get(event="step_skipped")
    assert (line.actor, line.data["step"]) == (author, "Checked")


def test_all_steps_cannot_be_skipped(route, author, owner):
    RouteTemplateStep.objects.update(may_be_skipped=True)
    version = new_draft(author, owner)
    plan = plan_for(version.document)
    for step in plan:
        step.skip_reason = "No time"
    with pytest.raises(Refused, match="Nobody would decide"):
        submit(version, by=author, plan=plan)


# --- one person counts once --------------------------------------------------------------------------------------


def test_one_person_does_not_count_twice_on_a_route(author, owner, approver, quality):
    version = new_draft(author, owner)
    route = submit(
        version, by=author, plan=[StepPlan("Checked", roles=[quality]), StepPlan("Approved", roles=[quality])]
    )
    decide(route, approver)
    assert route.seat_for(approver) is None
    with pytest.raises(NotAllowed):
        decide(route, approver)


def test_delegate_does_not_count_for_two_people(author, owner, approver, reader):
    version = new_draft(author, owner)
    today = timezone.localdate()
    delegate(approver, to=reader, starts_on=today, ends_on=today, by=approver)
    route = submit(
        version, by=author, plan=[StepPlan("Checked", people=[reader]), StepPlan("Approved", people=[approver])]
    )
    decide(route, reader)
    with pytest.raises(NotAllowed):
        decide(route, reader)
    decide(route, approver)
    version.refresh_from_db()
    assert version.state == State.APPROVED


def test_route_that_cannot_be_filled_is_not_submitted(author, owner, approver, reader):
    version = new_draft(author, owner)
    role = JobRole.objects.create(name="Sole keeper")
    role.people.add(approver)
    for plan in (
        [StepPlan("Checked", people=[approver]), StepPlan("Approved", people=[approver])],
        [StepPlan("Checked", roles=[role]), StepPlan("Approved", people=[approver])],
        [StepPlan("Checked", "count", 2, people=[approver, author], roles=[role])],
    ):
        with pytest.raises(Refused):
            submit(version, by=author, plan=plan)
    version.refresh_from_db()
    assert version.state == State.DRAFT


def test_person_does_not_take_a_seat_that_blocks_a_later_step(author, owner, approver, quality):
    version = new_draft(author, owner)
    plan = [StepPlan("Checked", roles=[quality]), StepPlan("Approved", people=[approver])]
    route = submit(version, by=author, plan=plan)
    assert route.seat_for(approver) is None
    peer = quality.people.get(name="Paula Peer")
    decide(route, peer)
    decide(route, approver)
    version.refresh_from_db()
    assert version.state == State.APPROVED


def test_prescribed_owner_who_wrote_the_text_is_said_before_submitting(author, owner, browse):
    template = RouteTemplate.objects.create(name="SOPs", kind="sop")
    RouteTemplateStep.objects.create(template=template, meaning="Approved", by_owner=True)
    version = new_draft(author, author)
    answer = browse(author).post(submit_page(version), posted())
    assert answer.status_code == 422
    assert "wrote or submitted this text" in answer.content.decode()


# --- reassigning -------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(route, author, owner):
    version = new_draft(author, owner)
    submit(version, by=author, plan=prescribed_for(version))
    return version


def seat(version, position=1):
    return version.route().steps.get(position=position).seats.get()


def test_author_or_owner_does_not_reassign_an_approval(waiting, author, owner, quality):
    peer = quality.people.get(name="Paula Peer")
    for person in (author, owner):
        with pytest.raises(NotAllowed):
            waiting.route().reassign(seat(waiting), to=peer, by=person, reason="Away")
    assert LedgerLine.objects.filter(event="refused:reassign").count() == 2


def test_officer_does_not_reassign_to_themself_or_an_author(waiting, author, officer):
    for to in (officer, author):
        with pytest.raises(Refused):
            waiting.route().reassign(seat(waiting), to=to, by=officer, reason="Away")


def test_approval_is_not_reassigned_to_whoever_could_not_be_asked(waiting, officer, reader, quality):
    with pytest.raises(Refused, match="holds no job role"):
        waiting.route().reassign(seat(waiting), to=reader, by=officer, reason="Away")
    peer = quality.people.get(name="Paula Peer")
    checker = seat(waiting).person
    waiting.route().reassign(seat(waiting), to=peer, by=officer, reason="Away")
    line = lines_of(waiting.document).get(event="reassigned")
    assert (line.actor, line.reason) == (officer, "Away")
    assert {one.person for one in Notice.objects.filter(topic="asked")} >= {peer, checker}


# --- printed names -----------------------------------------------------------------------------------------------


def test_later_change_of_name_does_not_change_a_signature(waiting, approver, browse, author):
    checker = seat(waiting).person
    decide(waiting.route(), checker)
    decide(waiting.route(), approver)
    approver.name, approver.email = "Somebody Else", "else@example.org"
    approver.save()
    approver.job_roles.clear()
    page = flat(browse(author).get(reverse("documents:page", args=[waiting.document.code])).content.decode())
    assert "Quinn Approver" in page
    assert "Quality manager · quinn.approver@example.org" in page
    assert "Somebody Else" not in page


def test_nobody_takes_a_name_that_somebody_has_or_had(reader, approver, author, browse):
    author.name = "Ann Married"
    author.save()
    data = {"language": "en", "time_zone": "UTC", "theme": "auto", "digest": "weekly"}
    for name in ("Quinn Approver", "quinn  APPROVER", "Ann Author"):
        answer = browse(reader).post(reverse("people:preferences"), {**data, "name": name})
        assert answer.status_code == 422, name
    reader.refresh_from_db()
    assert reader.name == "Rita Reader"


def test_change_of_display_name_is_not_silent(reader, administrator, browse):
    data = {"language": "en", "time_zone": "UTC", "theme": "auto", "digest": "weekly", "name": "Rita Renamed"}
    browse(reader).post(reverse("people:preferences"), data)
    line = LedgerLine.objects.get(event="person_changed", record_id=reader.pk)
    assert line.data["name"] == ["Rita Reader", "Rita Renamed"]
    assert Notice.objects.filter(person=administrator, text__contains="Rita Renamed").exists()


# --- the end of a document, and files beside it -----------------------------------------------------------------


def test_document_is_not_retired_by_one_person(author, owner, approver, reader, browse):
    version = released(author, owner, approver)
    address = reverse("documents:retire", args=[version.document.code])
    for client in (browse(owner), browse(owner)):
        client.post(address, {"reason": "Not needed", "password": PASSWORD})
    with pytest.raises(Refused, match="two people"):
        version.move("retire", by=author, comment="Alone", signature=signed(author))
    version.refresh_from_db()
    assert version.state == State.APPROVED
    assert "Somebody else who may retire" in browse(owner).get(address).content.decode()
    assert browse(reader).post(address, {"password": PASSWORD}).status_code == 403
    assert browse(author).post(address, {"password": "wrong"}).status_code == 422
    assert browse(author).post(address, {"password": PASSWORD}).status_code == 302
    version.refresh_from_db()
    assert version.state == State.RETIRED
    line = lines_of(version.document).get(event="retire")
    assert (line.actor, line.reason, line.data["asked_by"]) == (author, "Not needed", str(owner))


def test_retirement_that_was_taken_back_does_not_count(author, owner, approver, browse):
    version = released(author, owner, approver)
    address = reverse("documents:retire", args=[version.document.code])
    browse(owner).post(address, {"reason": "Not needed", "password": PASSWORD})
    browse(owner).post(address, {"take_back": "1"})
    browse(author).post(address, {"reason": "Mine", "password": PASSWORD})
    version.refresh_from_db()
    assert version.state == State.APPROVED
    assert version.retirements.get(closed_at=None).asked_by == author


def test_file_beside_an_effective_document_does_not_look_approved(author, owner, approver, reader, browse):
    version = released(author, owner, approver)
    entry = entry_of(version.document)
    attachments.store(ContentFile(b"Not approved", "limits.txt"), entry, by=author)
    page = browse(reader).get(reverse("core:attachments", args=[entry.pk])).content.decode()
    assert "not part of the approved version" in page


def test_altered_file_is_not_given_out(author, owner, approver, reader, browse):
    version = released(author, owner, approver)
    kept = attachments.store(ContentFile(b"Five degrees", "limits.txt"), entry_of(version.document), by=author)
    with open(kept.file.path, "wb") as file:
        file.write(b"Nine degrees")
    answer = browse(reader).get(kept.get_absolute_url())
    assert answer.status_code == 409
    assert b"Nine degrees" not in answer.content
    assert LedgerLine.objects.filter(event="altered_file_refused").exists()


def test_documents_without_an_active_owner_are_not_out_of_sight(author, owner, approver, browse):
    released(author, owner, approver, title="Left alone")
    released(author, author, approver, title="Has an owner")
    owner.is_active = False
    owner.save()
    page = browse(author).get(reverse("documents:list") + "?owner=none").content.decode()
    assert "Left alone" in page
    assert "Has an owner" not in page
