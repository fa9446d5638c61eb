"""Nobody audits their own work: independence is computed, an override has a name and a reason."""

from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from actions.models import Action
from audits.models import Audit, AuditMember, AuditSettings
from audits.planning import plan_audit, start_audit
from audits.team import Conflicted, conflict_words, join
from core.ledger import lines_of
from core.lifecycle import NotAllowed, Refused
from core.models import LedgerLine
from processes.models import Process, ProcessDocument
from tests.audits.runs import again, day, make_audit, make_checklist
from tests.cast import released

pytestmark = pytest.mark.django_db


@pytest.fixture
def process(owner) -> Process:
    made = Process(code="P1", title="Receive cold goods", owner=owner)
    made.save(by=owner)
    return made


@pytest.fixture
def procedure(author, owner, approver, process):
    document = released(author, owner, approver).document
    ProcessDocument.objects.create(process=process, document=document)
    return document


@pytest.fixture
def second(make_person):
    """second: another auditor, who had nothing to do with the process."""
    return make_person("Bo Second", "staff", "auditor")


@pytest.fixture
def checklist(second, auditor, approver):
    return make_checklist(auditor, second, approver)


def refused(person, audit, by) -> str:
    with pytest.raises(Conflicted) as refusal:
        join(audit, person, by=again(by))
    return str(refusal.value.message)


def test_owner_author_and_approver_are_refused(auditor, reader, process, procedure, checklist, author, approver):
    audit = make_audit(auditor, reader, checklist, processes=[process])
    assert f"wrote {procedure.code}" in refused(author, audit, auditor)
    assert f"approved {procedure.code}" in refused(approver, audit, auditor)
    assert "owns P1" in refused(process.owner, audit, auditor)
    assert audit.members.count() == 1
    assert LedgerLine.objects.filter(event="refused:joined").count() == 3


def test_owner_of_what_is_below_is_refused(auditor, reader, process, checklist, outsider):
    below = Process(code="P1.1", title="Unload", owner=outsider, parent=process)
    below.save(by=outsider)
    audit = make_audit(auditor, reader, checklist, processes=[process])
    assert "owns P1.1" in refused(outsider, audit, auditor)


def test_owner_of_its_actions_is_refused(auditor, owner, reader, process, checklist, outsider):
    action = Action.agree(by=owner, title="Fix the door", owner=outsider, due_on=day(3), source=process)
    audit = make_audit(auditor, reader, checklist, processes=[process])
    assert action.code in refused(outsider, audit, auditor)


def test_old_work_does_not_count(auditor, reader, process, procedure, checklist, author):
    with time_machine.travel(timezone.now() + timedelta(days=900)):
        audit = make_audit(again(auditor), reader, checklist, processes=[process])
        assert join(audit, author, by=again(auditor)).conflicts == []
        AuditSettings.objects.create(independence_months=36)
        other = make_audit(again(auditor), reader, checklist, processes=[process])
        assert "wrote" in refused(author, other, auditor)


def test_department_in_scope_counts_with_its_documents(auditor, reader, procedure, author, department):
    audit = make_audit(auditor, reader, None, departments=[department])
    assert f"wrote {procedure.code}" in refused(author, audit, auditor)


def test_override_has_name_and_reason(auditor, reader, process, procedure, checklist, author):
    audit = make_audit(auditor, reader, checklist, processes=[process])
    member = join(audit, author, by=again(auditor), override_reason="Nobody else knows the cold store")
    assert (member.override_by, conflict_words(member)) == (auditor, [f"wrote {procedure.code}"])
    line = next(line for line in lines_of(audit) if line.event == "overridden")
    assert (line.reason, line.actor) == ("Nobody else knows the cold store", auditor)


def test_nobody_overrides_for_themself(author, reader, process, procedure, checklist):
    with pytest.raises(NotAllowed):
        make_audit(author, reader, checklist, processes=[process], overrides={author.pk: "I am fair"})
    assert not Audit.objects.exists()


def test_database_refuses_a_conflict_without_override(auditor, reader, checklist, author):
    audit = make_audit(auditor, reader, checklist)
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditMember.objects.create(audit=audit, person=author, conflicts=[{"text": "owns P1"}])


def test_conflict_since_planning_stops_the_start(auditor, reader, process, checklist, second):
    audit = make_audit(auditor, reader, checklist, processes=[process], team=[second])
    process.owner = second
    process.save(by=second)
    with pytest.raises(Conflicted, match="Bo Second"):
        start_audit(audit, by=again(auditor))


def test_self_check_is_done_by_its_own_people(owner, process, checklist, auditor):
    audit = make_audit(auditor, owner, checklist, processes=[process], kind="self_check")
    assert join(audit, owner, by=again(auditor)).conflicts == []


def test_confidential_records_are_not_named(auditor, reader, process, checklist, author, owner, approver, make_person):
    hidden = released(author, owner, approver, audience="named", title="Secret").document
    ProcessDocument.objects.create(process=process, document=hidden)
    planner = make_person("Olaf Officer", "staff", "officer")
    audit = make_audit(planner, reader, checklist, processes=[process], lead=auditor)
    words = refused(author, audit, planner)
    assert (hidden.code in words, "wrote + 1" in words) == (False, True)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"title": " "}, "title"),
        ({"ends_on": day(-1)}, "end on or after"),
    ],
)
def test_wrong_facts_are_refused_and_nothing_is_stored(auditor, reader, checklist, facts, words):
    with pytest.raises(Refused, match=words):
        make_audit(auditor, reader, checklist, **facts)
    assert not Audit.objects.exists()


def test_staff_plan_no_audits(reader, owner, checklist):
    with pytest.raises(NotAllowed):
        plan_audit(
            by=reader, title="x", lead=reader, owner=owner, starts_on=day(0), ends_on=day(1), checklist=checklist
        )
