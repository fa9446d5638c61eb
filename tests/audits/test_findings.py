"""A finding: asserted in revisions that stay, agreed on by two people, closed by work that somebody else verified."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from actions.models import Action, Task
from audits.models import Finding, Grade
from audits.writing_findings import write_finding
from core.jobs import run_waiting
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from people.leaving import hand_over
from people.models import Person
from processes.models import Process

pytestmark = pytest.mark.django_db


def day(days: int):
    return timezone.localdate() + timedelta(days=days)


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def waiting(person: Person) -> list[str]:
    return sorted(Task.objects.waiting_for(again(person)).values_list("kind", flat=True))


@pytest.fixture
def process(owner) -> Process:
    made = Process(code="P1", title="Receive cold goods", owner=owner)
    made.save(by=owner)
    return made


@pytest.fixture
def make_finding(auditor, owner, process):
    """make_finding("minor") → a published finding of the owner's."""

    def make(grade: str = "minor", **fields) -> Finding:
        fields = {"title": "Label is missing", "observation": "Two pallets without a label.", **fields}
        finding = write_finding(by=auditor, grade=Grade.objects.get(pk=grade), owner=owner, process=process, **fields)
        return finding.move("publish", by=auditor)

    return make


@pytest.fixture
def finding(make_finding) -> Finding:
    return make_finding()


def agree(finding: Finding, owner: Person, auditor: Person) -> Finding:
    finding.commit(by=owner, response="Label every pallet.", due_on=day(30), cause="No printer at the dock.")
    finding.accept(by=auditor, response=finding.response, due_on=finding.due_on)
    return finding


def work(finding: Finding, auditor: Person, doer: Person, verifier: Person) -> Action:
    """An action of the finding, done and verified."""
    action = Action.agree(
        by=auditor, title="Buy a printer", owner=doer, verifier=verifier, due_on=day(5), source=finding
    )
    action.move("complete", by=again(doer), evidence="It prints.")
    return action.move("verify", by=again(verifier), comment="Seen.")


def test_draft_is_hidden_from_its_owner(auditor, owner, process):
    draft = write_finding(
        by=auditor, title="x", observation="y", grade=Grade.objects.get(pk="minor"), owner=owner, process=process
    )
    assert not Finding.objects.visible_to(again(owner)).exists()
    draft.move("publish", by=auditor)
    assert Finding.objects.visible_to(again(owner)).exists()
    assert waiting(owner) == ["finding"]


def test_commitment_needs_both_and_a_change_resets_it(finding, owner, auditor):
    finding.commit(by=owner, response="Label every pallet.", due_on=day(30))
    assert (finding.state, waiting(owner), waiting(auditor)) == ("open", [], ["commitment"])
    finding.commit(by=auditor, response="Label every pallet.", due_on=day(20))
    assert (finding.accepted_by_owner, finding.state) == (None, "open")
    assert (waiting(owner), waiting(auditor)) == (["commitment"], [])
    finding.accept(by=owner, response="Label every pallet.", due_on=day(20))
    assert finding.state == "agreed"


def test_nobody_accepts_what_they_did_not_read(finding, owner, auditor):
    finding.commit(by=owner, response="Label every pallet.", due_on=day(30))
    with pytest.raises(Refused, match="changed since"):
        finding.accept(by=auditor, response="Label some.", due_on=day(30))


def test_one_person_cannot_accept_for_both_sides(finding, auditor, owner):
    finding.commit(by=auditor, response="Label every pallet.", due_on=day(30))
    Finding.objects.filter(pk=finding.pk).update(owner=auditor)
    finding.refresh_from_db()
    with pytest.raises(NotAllowed):
        finding.accept(by=auditor, response=finding.response, due_on=finding.due_on)


def test_outsiders_agree_on_nothing(finding, outsider, reader):
    for person in (outsider, reader):
        with pytest.raises(NotAllowed):
            finding.commit(by=person, response="Nothing.", due_on=day(3))


def test_minor_finding_closes_with_its_last_verified_action(finding, owner, auditor, reader):
    agree(finding, owner, auditor)
    with pytest.raises(Refused, match="no verified action"):
        finding.move("close", by=auditor)
    work(finding, auditor, doer=reader, verifier=auditor)
    run_waiting()
    finding.refresh_from_db()
    assert finding.state == "closed"
    assert [line.event for line in lines_of(finding)][:2] == ["close", "agree"]


def test_finding_does_not_close_while_an_action_is_open(finding, owner, auditor, reader):
    agree(finding, owner, auditor)
    work(finding, auditor, doer=reader, verifier=auditor)
    other = Action.agree(by=auditor, title="Train the shift", owner=reader, due_on=day(3), source=finding)
    with pytest.raises(Refused, match=other.code):
        finding.move("close", by=auditor)


def test_owner_closes_nothing(finding, owner, auditor, reader):
    agree(finding, owner, auditor)
    work(finding, auditor, doer=reader, verifier=auditor)
    with pytest.raises(NotAllowed):
        finding.move("close", by=again(owner))


def test_major_finding_needs_cause_and_effectiveness(make_finding, owner, auditor, reader, approver):
    finding = make_finding("major")
    agree(finding, owner, auditor)
    finding.plan_check(by=auditor, what="No pallet without label in 600", on=day(90), judge=approver)
    work(finding, auditor, doer=reader, verifier=auditor)
    with pytest.raises(Refused, match="effectiveness"):
        finding.move("close", by=auditor)
    run_waiting()
    finding.refresh_from_db()
    assert (finding.state, waiting(approver)) == ("checking", ["effectiveness"])
    with pytest.raises(NotAllowed, match="judges"):
        finding.judge_effect("effective", by=auditor, note="Fine")
    finding.judge_effect("inconclusive", by=approver, note="Too few receipts", again_on=day(120))
    assert (finding.state, finding.check_on, waiting(approver)) == ("checking", day(120), ["effectiveness"])
    finding.judge_effect("effective", by=approver, note="0 of 640")
    assert (finding.state, finding.verdict, waiting(approver)) == ("closed", "effective", [])


def test_finding_that_waits_for_its_check_is_not_overdue(make_finding, owner, auditor, reader, approver, client):
    finding = make_finding("major")
    agree(finding, owner, auditor)
    finding.plan_check(by=auditor, what="No pallet without label", on=day(90), judge=approver)
    work(finding, auditor, doer=reader, verifier=auditor)
    Finding.objects.filter(pk=finding.pk).update(state="checking", due_on=day(-13))
    client.force_login(again(auditor))
    assert "overdue" not in client.get(finding.get_absolute_url()).content.decode()
    ageing = client.get("/findings/ageing/")
    assert ageing.context["totals"][0] == [1, 0, 0, 0]
    Finding.objects.filter(pk=finding.pk).update(check_on=day(-40))
    assert client.get("/findings/ageing/").context["totals"][0] == [0, 0, 1, 0]


def test_ineffective_reopens_and_resets_the_commitment(make_finding, owner, auditor, reader, approver):
    finding = make_finding("major")
    agree(finding, owner, auditor)
    finding.plan_check(by=auditor, what="No pallet without label", on=day(90), judge=approver)
    work(finding, auditor, doer=reader, verifier=auditor)
    run_waiting()
    finding.refresh_from_db()
    finding.judge_effect("ineffective", by=approver, note="Three pallets last week")
    assert (finding.state, finding.accepted_by_owner, finding.verdict) == ("open", None, "ineffective")


def test_check_without_cause_is_refused(make_finding, owner, auditor, reader, approver):
    finding = make_finding("major")
    finding.commit(by=owner, response="Label every pallet.", due_on=day(30))
    finding.accept(by=auditor, response=finding.response, due_on=finding.due_on)
    work(finding, auditor, doer=reader, verifier=auditor)
    with pytest.raises(Refused, match="cause"):
        finding.move("check", by=auditor)


def test_who_did_the_work_does_not_judge_it(make_finding, owner, auditor, approver):
    finding = make_finding("major")
    agree(finding, owner, auditor)
    with pytest.raises(Refused, match="somebody else"):
        finding.plan_check(by=auditor, what="x", on=day(9), judge=owner)
    finding.plan_check(by=auditor, what="x", on=day(9), judge=approver)
    work(finding, auditor, doer=approver, verifier=auditor)
    run_waiting()
    finding.refresh_from_db()
    with pytest.raises(NotAllowed, match="one of its actions"):
        finding.judge_effect("effective", by=approver, note="Mine is fine")


def test_no_action_needed_wants_a_reason(finding, make_finding, auditor, owner):
    with pytest.raises(Refused, match="reason"):
        finding.move("no_action", by=auditor)
    with pytest.raises(NotAllowed):
        finding.move("no_action", by=owner, comment="It is fine")
    finding.move("no_action", by=auditor, comment="The zone was closed down")
    assert (finding.state, finding.closing_reason) == ("no_action", "The zone was closed down")
    with pytest.raises(Refused, match="needs an action"):
        make_finding("major").move("no_action", by=auditor, comment="Nothing to do")


def test_revisions_stay_and_undo_what_was_agreed(finding, owner, auditor):
    agree(finding, owner, auditor)
    finding.revise(by=auditor, reason="A third pallet was found", observation="Three pallets without a label.")
    assert (finding.state, finding.accepted_by_owner) == ("open", None)
    words = list(finding.revisions.order_by("number").values_list("number", "observation"))
    assert words == [(1, "Two pallets without a label."), (2, "Three pallets without a label.")]
    with pytest.raises(DatabaseError), transaction.atomic():
        finding.revisions.update(observation="None")
    with pytest.raises(NotAllowed):
        finding.revise(by=owner, reason="Softer", observation="Nothing much.")
    with pytest.raises(Refused, match="Nothing was changed"):
        finding.revise(by=auditor, reason="Again", observation="Three pallets without a label.")


def test_repeat_finding_is_marked_within_the_months(finding, make_finding, process):
    step = dict(step=None)
    assert make_finding(**step).repeats is None  # neither requirement nor step is the same
    from audits.models import Framework, Requirement  # noqa: PLC0415

    rules = Framework(code="NCC", title="Cold chain")
    rules.save()
    requirement = Requirement.objects.create(framework=rules, external_id="1", slug="1", id_key="1", title="Labels")
    first = make_finding(requirement=requirement)
    assert make_finding(requirement=requirement).repeats == first
    Finding.objects.filter(requirement=requirement).update(published_at=timezone.now() - timedelta(days=800))
    assert make_finding(requirement=requirement).repeats is None


def test_database_refuses_one_person_on_both_sides(finding, auditor):
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=finding.pk).update(accepted_by_owner=auditor, accepted_by_auditor=auditor)


def test_findings_of_somebody_who_leaves_go_over(finding, owner, reader, administrator):
    assert hand_over(owner, to=reader, by=administrator, names=["findings"])["findings"] == 1
    assert waiting(reader) == ["finding"]
