"""Writing a finding down: from a failed item with everything filled in, or by hand about any record."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.answering import answers_by_question
from audits.asked import checklist_of
from audits.models import Answer, Audit, Finding, Outcome, Requirement
from audits.signals import written
from core.ledger import record_line
from core.lifecycle import Invalid, NotAllowed, Refused
from core.numbering import next_code
from core.safe.line import one_line
from documents.models import Document, Part, Version
from processes.models import Process, ProcessDocument

PREFIX = "F"


def write_finding(*, by: Any, title: str, observation: str, grade: Any, owner: Any = None, **fields: Any) -> Finding:
    """Write a finding by hand, as a draft of ``by``. Raises ``Refused``."""
    if not by.has_perm("audits.add_finding"):
        raise NotAllowed(_t("You may not write findings."))
    title, observation = one_line(title)[:300], observation.strip()
    if not title:
        raise Refused(_t("Enter a title."))
    if not observation:
        raise Refused(_t("Say what you saw."))
    if not grade.is_active:
        raise Refused(_t("This grade is no longer in use. Choose another one."))
    with transaction.atomic():
        finding = Finding(
            code=next_code(f"{PREFIX}-{timezone.localdate().year}"),
            title=title,
            observation=observation,
            grade=grade,
            owner=owner,
            **({"department": owner.department if owner else None} | fields),
        )
        finding.save(by=by, reason="written")
        record_line(finding, "written", by=by, data={"grade": grade.key})
        written.send(sender=Finding, finding=finding, by=by)
    return finding


def finding_from_question(
    audit: Audit, question_key: str, *, by: Any, observation: str, grade: Any, owner: Any, title: str = ""
) -> Finding:
    """Write and publish what a failed item shows. Requirement, process, step and evidence are filled in.

    A second time for the same question gives the finding that is there.
    """
    with transaction.atomic():
        Audit.objects.select_for_update(no_key=True).get(pk=audit.pk)
        known = audit.findings.filter(question_key=question_key).exclude(state="withdrawn").first()
        if known:
            return known
        failed = failed_answer(audit, question_key)
        question = checklist_of(audit.checklist_version).questions[question_key]
        finding = write_finding(
            by=by,
            title=title or question.text,
            observation=observation or failed.note,
            grade=grade,
            owner=owner or audit.owner,
            audit=audit,
            answer=failed,
            question_key=question_key,
            question_words=f"{question.number} {question.text}"[:300],
            audience=audit.audience,
            requirement=_requirement(question),
            **place_in(audit, question, failed),
        )
        if audit.audience == Audit.Audience.NAMED:
            finding.set_readers(people=audit.readers.all(), roles=audit.reader_roles.all(), by=by)
        finding.move("publish", by=by)
    return finding


def failed_answer(audit: Audit, question_key: str) -> Answer:
    """The answer that does not conform. Raises ``Refused`` where there is none."""
    answers = answers_by_question(audit, [question_key])[question_key]
    failed = next((one for one in answers if one.outcome == Outcome.FAILED), None)
    if failed is None:
        raise Invalid(_t("This item did not fail. Answer it first."))
    return failed


def _requirement(question: Any) -> Requirement | None:
    """The requirement that "FW-001/ac-2-1" names, if it is there."""
    code, _slash, slug = question.requirement.partition("/")
    return Requirement.objects.filter(framework__code=code, slug=slug).first() if slug else None


def place_in(audit: Audit, question: Any, answer: Answer) -> dict[str, Any]:
    """Process, step and element, each with the version that was effective."""
    place: dict[str, Any] = {"step": answer.step, "step_version": answer.step_version}
    element = None
    if question.element:
        element = Part.objects.filter(document__code=question.element.document, key=question.element.key).first()
    if element:
        effective = Version.objects.effective().filter(document=element.document_id).first()
        place |= {"element": element, "element_version": effective}
    return place | {"process": process_about(audit, [part.document_id for part in (answer.step, element) if part])}


def process_about(audit: Audit | None, document_ids: list[int]) -> Process | None:
    """The process that these documents describe; with an audit, one of its scope; else the only one of the scope."""
    linked = ProcessDocument.objects.filter(document__in=document_ids).order_by("position", "pk")
    processes = Process.objects.filter(pk__in=linked.values("process"))
    if audit is None:
        return processes.order_by("code").first()
    scope = list(audit.processes.order_by("code"))
    ids = [one.pk for one in scope]
    inside = processes.filter(lineage__overlap=ids).order_by("code").first() if ids else processes.first()
    return inside or (scope[0] if len(scope) == 1 else None)


def place_of(record: Any) -> dict[str, Any]:
    """What is known of where a finding belongs that is written on a record's page."""
    if isinstance(record, Process):
        return {"process": record, "owner": record.owner, "department": record.department_id}
    if isinstance(record, Document):
        return {"process": process_about(None, [record.pk]), "owner": record.owner}
    if isinstance(record, Requirement):
        return {"requirement": record}
    return {}
