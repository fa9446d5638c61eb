"""Letting imported drafts take effect as approved before the portal: what a file states, and what it lacks."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from core.lifecycle import Refused
from core.safe.words import gettext_noop
from documents.adopting import Adoption, adopt
from documents.models import Version
from documents.moments import start_of_day
from people.models import Person

if TYPE_CHECKING:
    from sops.import_plan import Plan


@dataclass(frozen=True)
class Stated:
    """The number and the day with which a version takes effect."""

    number: str
    effective_on: date


def last_released(documents: list[int]) -> dict[int, Version]:
    """The released version of each document that took effect, or will, last."""
    released = Version.objects.released().filter(document__in=documents).defer("data").order_by("effective_from")
    return {version.document_id: version for version in released}


def state(plan: "Plan", last: Version | None) -> None:
    """Find with which number and from which day the plan's version takes effect, and say what had to be assumed."""
    facts = plan.read.facts
    if not facts.version:
        plan.warnings.append(gettext_noop("No version is stated; it becomes 1.0."))
    effective_on = facts.effective_on or facts.approved_on or facts.dated_on
    if effective_on is None:
        effective_on = timezone.localdate()
        plan.warnings.append(gettext_noop("No effective date is stated; it takes effect today."))
    elif not facts.effective_on:
        said = gettext_noop("No effective date is stated; the file's date %(day)s counts.", day=str(effective_on))
        plan.warnings.append(said)
    if last and last.approved_before is None:
        said = gettext_noop("It stays a draft: version %(number)s was approved in the portal.", number=last.number)
        _stays(plan, said)
    elif last and last.effective_from >= start_of_day(effective_on):
        _stays(plan, gettext_noop("It stays a draft: version %(number)s took effect later.", number=last.number))
    else:
        plan.stated = Stated(facts.version or "1.0", effective_on)


def adopt_plans(plans: list["Plan"], *, run: int | None, by: Person) -> None:
    """Let the versions take effect; where one cannot, it stays a draft and says why."""
    ready = [plan for plan in plans if plan.version and plan.stated]
    for plan, became in zip(ready, adopt([_adoption_of(plan, run) for plan in ready], by=by), strict=True):
        if isinstance(became, Refused):
            _stays(plan, gettext_noop("It stays a draft: %(why)s", why=str(became.message)))
        else:
            plan.version, plan.document, plan.adopted = became, became.document, True


def _adoption_of(plan: "Plan", run: int | None) -> Adoption:
    facts, stated = plan.read.facts, plan.stated
    approved_before: dict[str, Any] = {
        "approver": facts.approver or "",
        "approved_on": facts.approved_on.isoformat() if facts.approved_on else "",
        "version": stated.number,
        "source": plan.read.place,
    }
    told = {"key": plan.read.key} | ({"run": run} if run else {})
    return Adoption(plan.version, stated.number, stated.effective_on, approved_before, facts.review_due_on, told)


def _stays(plan: "Plan", said: Any) -> None:
    """A draft that came in just now is there all the same; one of an earlier import is as it was. Where another import
    was quicker with it, it is in force all the same."""
    if plan.version and Version.objects.released().filter(pk=plan.version.pk).exists():
        quicker = gettext_noop("Another import brought it in at the same time.")
        if plan.takes_up:
            plan.version, plan.takes_up = None, False
            plan.leave(plan.code, quicker)
        else:
            plan.adopted = True
            plan.warnings.append(quicker)
    elif plan.takes_up:
        plan.version, plan.takes_up = None, False
        plan.refuse(said)
    else:
        plan.warnings.append(said)
