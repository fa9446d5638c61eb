"""The report of an audit: frozen as it stands, signed by lead auditor and owner; what comes later is an addendum."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.models import Task
from audits.answering import progress
from audits.answers import answer_words
from audits.asked import checklist_of
from audits.checklists.questions import Question
from audits.lifecycle import AuditState
from audits.models import Answer, Audit, AuditReport, Evidence, Finding, ReportSignature
from audits.models.report import hash_of
from audits.scoring import counting_answers, score_of
from core import catalog
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.safe.words import gettext_noop
from core.signing import Signature

MEANINGS: dict[str, Any] = {
    ReportSignature.Role.LEAD: _("The report says what was found"),
    ReportSignature.Role.OWNER: _("I know the report and its findings"),
}


def snapshot_of(audit: Audit) -> dict[str, Any]:
    """Everything the report says, as plain values: the same audit gives the same snapshot."""
    counting = counting_answers(audit)
    reached = score_of(audit, counting)
    version = audit.checklist_version
    return {
        "code": audit.code,
        "title": audit.title,
        "kind": audit.kind,
        "criteria": audit.criteria,
        "purpose": audit.purpose,
        "summary": audit.summary,
        "starts_on": audit.starts_on.isoformat(),
        "ends_on": audit.ends_on.isoformat(),
        "started_at": _moment(audit.started_at),
        "finished_at": _moment(audit.finished_at),
        "processes": [f"{one.code} {one.title}" for one in audit.processes.order_by("code")],
        "departments": [one.name for one in audit.departments.order_by("name")],
        "checklist": {
            "code": version.document.code,
            "number": version.number,
            "title": version.title,
            "sha256": version.content_id,
        },
        "owner": str(audit.owner),
        "lead": str(audit.lead),
        "team": [_member(member) for member in audit.team()],
        "score": {
            "percent": str(reached.percent) if reached.percent is not None else None,
            "result": str(reached.result) if reached.result is not None else None,
            "knocked_out_by": list(reached.knocked_out_by),
            "asked": reached.asked,
            "answered": reached.answered,
            "not_applicable": reached.not_applicable,
        },
        "unanswered_reason": audit.unanswered_reason,
        "sections": _sections(audit),
        "findings": [_finding(one) for one in _findings(audit)],
    }


def _moment(moment: Any) -> str | None:
    return moment.astimezone(timezone.get_default_timezone()).isoformat(timespec="seconds") if moment else None


def _member(member: Any) -> dict[str, Any]:
    return {
        "name": str(member.person),
        "conflicts": [one["text"] for one in member.conflicts],
        "override_by": str(member.override_by) if member.override_by else "",
        "override_reason": member.override_reason,
    }


def _sections(audit: Audit) -> list[dict[str, Any]]:
    """Every question that applies, with all answers that stand and the evidence. Two queries."""
    answers: dict[str, list[Answer]] = {}
    for answer in Answer.objects.current().filter(audit=audit).select_related("answered_by", "step_version__document"):
        answers.setdefault(answer.question_key, []).append(answer)
    evidence: dict[str, list[Evidence]] = {}
    for one in Evidence.objects.filter(audit=audit, removed_at=None).select_related("attachment", "entry"):
        evidence.setdefault(one.question_key, []).append(one)
    shown = {one.key for one in progress(audit).shown}
    return [
        {
            "key": section.key,
            "title": section.title,
            "questions": [
                _question(one, answers.get(one.key, []), evidence.get(one.key, []))
                for one in section.questions
                if one.key in shown
            ],
        }
        for section in checklist_of(audit.checklist_version).sections
    ]


def _question(question: Question, answers: list[Answer], evidence: list[Evidence]) -> dict[str, Any]:
    return {
        "key": question.key,
        "number": question.number,
        "text": question.text,
        "limits": question.limits,
        "critical": question.is_critical,
        "requirement": question.requirement,
        "answers": [
            {
                "value": answer.value,
                "words": str(answer_words(question, answer.value)),
                "outcome": answer.outcome,
                "note": answer.note,
                "by": str(answer.answered_by),
                "at": _moment(answer.saved_at),
                "step": f"{answer.step_version.code}, {question.step.key}" if answer.step_version else "",
            }
            for answer in answers
        ],
        "evidence": [
            {
                "id": str(one.pk),
                "kind": one.kind,
                "words": one.words,
                "name": one.attachment.name if one.attachment else str(one.entry),
                "sha256": one.attachment.sha256 if one.attachment else "",
                "dated_on": one.dated_on.isoformat(),
            }
            for one in evidence
        ],
    }


def _findings(audit: Audit) -> Any:
    related = ("grade", "requirement", "process", "owner", "repeats", "step_version__document")
    return audit.findings.published().exclude(state="withdrawn").select_related(*related).order_by("code")


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "title": finding.title,
        "grade": finding.grade.name,
        "observation": finding.observation,
        "requirement": str(finding.requirement or ""),
        "process": f"{finding.process.code} {finding.process.title}" if finding.process else "",
        "step": finding.step_version.code if finding.step_version else "",
        "question": finding.question_words,
        "recommendation": finding.recommendation,
        "owner": str(finding.owner or ""),
        "commitment": finding.response,
        "due_on": finding.due_on.isoformat() if finding.due_on else None,
        "state": finding.state,
        "repeats": finding.repeats.code if finding.repeats else "",
    }


def freeze(audit: Audit, *, by: Any, reason: str = "") -> AuditReport:
    """Freeze the report as the audit stands; once it is signed, an addendum. Raises ``Refused``."""
    if not by.has_perm("audits.report_audit", audit):
        raise NotAllowed(_t("The lead auditor writes the report."))
    with transaction.atomic():
        audit = audit.locked()
        if audit.state not in (AuditState.REPORTING, AuditState.CLOSED):
            raise Refused(_t("Finish answering before you write the report."))
        last = audit.reports.order_by("-number").first()
        snapshot = snapshot_of(audit)
        if last is not None:
            if last.sha256 == hash_of(snapshot):
                raise Refused(_t("Nothing is different from the last report."))
            if not reason.strip():
                raise Refused(_t("Enter a reason."))
        report = AuditReport.objects.create(
            audit=audit,
            number=last.number + 1 if last else 0,
            reason=reason.strip() if last else "",
            snapshot=snapshot,
            sha256=hash_of(snapshot),
            made_at=timezone.now(),
            made_by=by,
        )
        data = {"report": report.label}
        record_line(audit, "reported", by=by, reason=report.reason, content_hash=report.sha256, data=data)
        ask_to_sign(report)
    return report


def sign_report(report: AuditReport, *, by: Any, signature: Signature | None, seen_hash: str) -> ReportSignature:
    """Sign as lead auditor or owner. The last signature under the report closes the audit. Raises ``Refused``."""
    audit = report.audit
    if signature is None or not signature.is_fresh_of(by.pk):
        raise Refused(_t("Sign again: the signature is missing or too old."))
    if not signature.is_proof:
        raise Refused(_t("A report needs a signature with password, code or passkey."))
    with transaction.atomic():
        audit = audit.locked()
        role = role_of(audit, by)
        report = AuditReport.objects.prefetch_related("signatures").get(pk=report.pk)
        known = next((one for one in report.signatures.all() if one.role == role), None)
        if known:
            return known
        if seen_hash != report.sha256 or not report.is_intact():
            raise Refused(_t("The report is not the one you read. Load the page again."))
        if audit.reports.filter(number__gt=report.number).exists():
            raise Refused(_t("There is a newer report. Sign that one."))
        made = ReportSignature.objects.create(
            report=report,
            role=role,
            by=by,
            name=signature.name,
            meaning=str(MEANINGS[role]),
            method=signature.method,
            sha256=report.sha256,
            signed_at=signature.at,
        )
        data = {"report": report.label, "signed_with": signature.method, "meaning": made.meaning}
        record_line(audit, "signed", by=by, content_hash=report.sha256, data=data)
        report = AuditReport.objects.prefetch_related("signatures").get(pk=report.pk)
        ask_to_sign(report)
        if audit.state == AuditState.REPORTING and not report.waits_for():
            audit.move("close", by=by, report=report)
    return made


def role_of(audit: Audit, person: Any) -> str:
    """In which role the person signs. Raises ``Refused`` for everybody else: nobody signs for another."""
    if person.pk == audit.lead_id:
        return ReportSignature.Role.LEAD
    if person.pk == audit.owner_id:
        return ReportSignature.Role.OWNER
    raise NotAllowed(_t("The lead auditor and the owner of what was audited sign the report."))


def ask_to_sign(report: AuditReport) -> None:
    """The newest report waits for those who have not signed it."""
    audit = report.audit
    prefix = f"report:{audit.pk}:"
    people: dict[str, Any] = {ReportSignature.Role.LEAD: audit.lead, ReportSignature.Role.OWNER: audit.owner}
    waiting = {f"{prefix}{report.number}:{role}": people[role] for role in report.waits_for() if people[role]}
    for key, person in waiting.items():
        Task.ask(
            key=key,
            kind="sign_report",
            title=gettext_noop("Sign the report of %(code)s: %(title)s", code=audit.code, title=audit.title),
            url=report.get_absolute_url(),
            entry=catalog.entry_of(audit),
            person=person,
        )
    Task.objects.open().filter(key__startswith=prefix).exclude(key__in=waiting).finish()
