"""Planning an audit, and starting it with the checklist as it is effective then."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _t

from audits.answering import progress
from audits.asked import checklist_of
from audits.models import Audit
from audits.signals import planned
from audits.team import join, refuse_new_conflicts
from core.ledger import record_line
from core.lifecycle import NotAllowed, Refused
from core.numbering import next_code
from core.safe.line import one_line
from documents.models import Document, Version


def plan_audit(
    *,
    by: Any,
    title: str,
    lead: Any,
    owner: Any,
    starts_on: date,
    ends_on: date,
    checklist: Document | None,
    processes: Iterable[Any] = (),
    departments: Iterable[Any] = (),
    team: Iterable[Any] = (),
    overrides: dict[int, str] | None = None,
    **fields: Any,
) -> Audit:
    """Write down an audit with its team. ``overrides``: why somebody may audit it all the same, by person.

    Raises ``Refused`` and stores nothing where a fact is wrong or somebody is not independent.
    """
    title, overrides = one_line(title)[:300], overrides or {}
    if not by.has_perm("audits.add_audit"):
        raise NotAllowed(_t("You may not plan audits."))
    if not title:
        raise Refused(_t("Enter a title."))
    if ends_on < starts_on:
        raise Refused(_t("The audit must end on or after the day it starts."))
    if owner.pk == lead.pk and fields.get("kind") != Audit.Kind.SELF_CHECK:
        raise Refused(_t("The lead auditor cannot answer for what is audited. Choose two people."))
    with transaction.atomic():
        audit = Audit(
            code=next_code(f"A-{timezone.localdate().year}", digits=2),
            title=title,
            lead=lead,
            owner=owner,
            starts_on=starts_on,
            ends_on=ends_on,
            checklist=checklist,
            **({"department": owner.department} | fields),
        )
        audit.save(by=by, reason="planned")
        audit.processes.set(processes)
        audit.departments.set(departments)
        record_line(audit, "planned", by=by, data={"lead": str(lead)})
        for person in dict.fromkeys([lead, *team]):
            join(audit, person, by=by, override_reason=overrides.get(person.pk, ""))
        planned.send(sender=Audit, audit=audit, by=by)
    return audit


def start_audit(audit: Audit, *, by: Any) -> Audit:
    """Pin the checklist's effective version and let the team answer. Independence is looked at once more."""
    refuse_new_conflicts(audit, by=by)
    version, count = checklist_to_pin(audit)
    return audit.move("start", by=by, version=version, question_count=count)


def checklist_to_pin(audit: Audit) -> tuple[Version | None, int]:
    """The version of the checklist that is effective now, and how many questions it has."""
    version = audit.checklist.version_in_force() if audit.checklist else None
    count = len(checklist_of(version).questions) if version else 0
    if version and not count:
        raise Refused(_t("The checklist has no questions."))
    return version, count


def finish_answering(audit: Audit, *, by: Any, comment: str = "") -> Audit:
    """End the run; questions that stay unanswered want a reason."""
    return audit.move("report", by=by, comment=comment, unanswered=progress(audit).unanswered)
