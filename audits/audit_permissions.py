"""Who may do what with audits and findings. Four-eyes rules live in the records (``check_move``)."""

from typing import Any

from audits.lifecycle import UNFINISHED_AUDITS
from audits.models import Audit, AuditReport, Finding
from core.entry_rules import entry_rule
from core.permissions import opens, rule, sees

CHANGE_AUDIT = "audits.change_audit"  # asked without a record: by groups
CHANGE_FINDING = "audits.change_finding"


def stands_for(person: Any, holder_id: int | None) -> bool:
    """Whether the person is this one, or stands in for them today."""
    return holder_id is not None and opens([f"person:{holder_id}"], person)


# --- audits ----------------------------------------------------------------------------------------------------


@rule("audits.change_audit")
def may_change_audit(person: Any, audit: Audit) -> bool:
    """Lead auditor, who planned it, and whoever may change audits at all, until it is over; never who answers for what
    is audited."""
    if (
        audit.state not in UNFINISHED_AUDITS
        or not sees(person, audit)
        or (person.pk == audit.owner_id and not audit.is_self_check)
    ):
        return False
    return person.pk in (audit.lead_id, audit.created_by_id) or person.has_perm(CHANGE_AUDIT)


@rule("audits.lead_audit")
def may_lead(person: Any, audit: Audit) -> bool:
    """Start, finish and cancel it."""
    return may_change_audit(person, audit)


@rule("audits.answer_audit")
def may_answer(person: Any, audit: Audit) -> bool:
    return audit.has_auditor(person)


@rule("audits.report_audit")
def may_report(person: Any, audit: Audit) -> bool:
    """Freeze the report and write addenda."""
    return person.pk == audit.lead_id


@rule("audits.sign_report")
def may_sign(person: Any, audit: Audit) -> bool:
    """Lead auditor and owner. Nobody signs for somebody else."""
    return person.pk in (audit.lead_id, audit.owner_id)


@entry_rule("core.attach_to", Audit)
def may_attach(person: Any, audit: Audit) -> bool:
    return may_change_audit(person, audit) or audit.has_auditor(person)


@entry_rule("core.keep_comments", Audit)
def may_keep_comments(person: Any, audit: Audit) -> bool:
    return may_change_audit(person, audit)


@rule("audits.read_report")
def may_read_report(person: Any, report: AuditReport) -> bool:
    return sees(person, report.audit)


# --- findings --------------------------------------------------------------------------------------------------


@rule("audits.assert_finding")
def may_assert(person: Any, finding: Finding) -> bool:
    """Publish, revise and withdraw what was found."""
    return sees(person, finding) and finding.is_for_auditor(person)


@rule("audits.change_finding")
def may_change_finding(person: Any, finding: Finding) -> bool:
    """Owner, department, audience: the auditors, and officers who see it, but never its owner."""
    if not sees(person, finding) or person.pk == finding.owner_id:
        return False
    return finding.is_for_auditor(person) or person.has_perm(CHANGE_FINDING)


@rule("audits.respond_to_finding")
def may_respond(person: Any, finding: Finding) -> bool:
    """Say what will be done, and accept it: the owner and the auditors."""
    return sees(person, finding) and (stands_for(person, finding.owner_id) or finding.is_for_auditor(person))


@rule("audits.accept_finding")
def may_accept(person: Any, finding: Finding) -> bool:
    return may_respond(person, finding)


@rule("audits.add_action_to_finding")
def may_add_action(person: Any, finding: Finding) -> bool:
    return finding.is_unfinished and may_respond(person, finding)


@rule("audits.plan_check")
def may_plan_check(person: Any, finding: Finding) -> bool:
    return may_change_finding(person, finding)


@rule("audits.judge_finding")
def may_judge(person: Any, finding: Finding) -> bool:
    """Close, reopen, accept without action: the auditors, the judge and who verified its actions; never its owner or
    who stands in for them."""
    if stands_for(person, finding.owner_id) or not sees(person, finding):
        return False
    if person.pk == finding.judge_id or may_change_finding(person, finding):
        return True
    return finding.actions().filter(verified_by=person).exists()


@entry_rule("core.attach_to", Finding)
def may_attach_to_finding(person: Any, finding: Finding) -> bool:
    return may_respond(person, finding) or may_change_finding(person, finding)


@entry_rule("core.keep_comments", Finding)
def may_keep_comments_of_finding(person: Any, finding: Finding) -> bool:
    return may_change_finding(person, finding)
