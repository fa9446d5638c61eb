"""Keeping approval routes: one way to write them, with permission, history and ledger; and where each is used."""

import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.models.record import Stale
from documents.kinds import kind_choices
from documents.models import Document, RouteTemplate, RouteTemplateStep
from documents.submission import StepPlan
from people.models import Department

Place = tuple[str, int | None]  # a kind and a department: what a route is chosen by


@dataclass
class StepSetting(StepPlan):
    """One step as somebody wants it; ``pk`` where it was there before."""

    by_owner: bool = False
    pk: int | None = None

    def seats(self) -> int:
        return len(self.people) + len(self.roles) + self.by_owner


def setting_of(step: RouteTemplateStep) -> StepSetting:
    """A stored step; people who have left and roles out of use included."""
    people, roles = list(step.people.all()), list(step.roles.all())
    return StepSetting(
        step.meaning,
        step.rule,
        step.needed,
        step.due_days,
        people,
        roles,
        step.may_be_skipped,
        by_owner=step.by_owner,
        pk=step.pk,
    )


def steps_of(template: RouteTemplate) -> list[StepSetting]:
    """The stored steps, in order."""
    return [setting_of(step) for step in template.steps.prefetch_related("people", "roles")]


def words_of(step: StepSetting) -> str:
    """A step in a line: what is signed for, by whom, and until when."""
    names = [str(one) for one in (*step.people, *step.roles)] + ([_t("the document's owner")] if step.by_owner else [])
    who = ", ".join(names) or "–"
    if len(names) > 1 and step.rule == "any":
        who = _t("any one of %(who)s") % {"who": who}
    elif len(names) > 1 and step.rule == "count":
        who = _t("%(n)s of %(who)s") % {"n": step.needed, "who": who}
    days = ngettext("%(n)s day", "%(n)s days", step.due_days) % {"n": step.due_days}
    skipping = _t("; may be skipped") if step.may_be_skipped else ""
    return f"{step.meaning}: {who} ({days}{skipping})"


def fingerprint(template: RouteTemplate, steps: list[StepSetting]) -> str:
    """Changes whenever anything of the route does, so that a save from an old page is noticed."""
    facts = [template.name, template.kind, template.department_id, template.is_active]
    asked = [[step.pk, step.due_days, step.by_owner, step.may_be_skipped, *step.fingerprint()] for step in steps]
    return hashlib.sha256(json.dumps([facts, asked]).encode()).hexdigest()


def save_route(
    template: RouteTemplate, *, by: Any, values: dict[str, Any], steps: list[StepSetting], seen: str = ""
) -> bool:
    """Add a route or change it; whether anything was different. Raises ``Refused``, or ``Stale`` when somebody else
    saved since the page with the fingerprint ``seen`` was opened."""
    _refuse_unless_kept(template, by=by)
    with transaction.atomic():
        stored = RouteTemplate.objects.select_for_update(no_key=True).get(pk=template.pk) if template.pk else None
        before = steps_of(stored) if stored else []
        if stored and seen != fingerprint(stored, before):
            raise Stale(stored)
        if template.is_active:
            refuse_second_route(stored or template, values["kind"], values["department"])
        told = _differences(stored, before, values, steps)
        if not told:
            return False
        record = stored or template
        for name, value in values.items():
            setattr(record, name, value)
        record._history_user = by
        record.save()
        _write_steps(record, steps, by=by)
        record_line(record, "route_changed" if stored else "route_added", by=by, data=told)
        template.pk = record.pk
    return True


def set_in_use(template: RouteTemplate, in_use: bool, *, by: Any) -> None:
    """Take a route out of use, or use it again; routes of the past keep their name, so none is deleted."""
    _refuse_unless_kept(template, by=by)
    with transaction.atomic():
        template = RouteTemplate.objects.select_for_update(no_key=True).get(pk=template.pk)
        if template.is_active == in_use:
            return
        if in_use:
            refuse_second_route(template, template.kind, template.department)
            if not template.steps.exists():
                raise Refused(_t("It has no steps. Add one first."))
        template.is_active = in_use
        template._history_user = by
        template.save()
        record_line(template, "route_restored" if in_use else "route_retired", by=by, data={"name": template.name})


def _refuse_unless_kept(template: RouteTemplate, *, by: Any) -> None:
    if not by.has_perm("documents.keep_route", template):
        record_refusal(template if template.pk else None, "keep route", by=by, reason=template.name)
        raise NotAllowed(_t("You may not change approval routes."))


def refuse_second_route(template: RouteTemplate, kind: str, department: Department | None) -> None:
    """Raise when another route in use is for exactly the same documents: nobody could say which one holds."""
    others = RouteTemplate.objects.filter(is_active=True, kind=kind, department=department).exclude(pk=template.pk)
    if other := others.first():
        raise Refused(_t("“%(name)s” is for the same kind and department. Change that one.") % {"name": other.name})


def _differences(
    stored: RouteTemplate | None, before: list[StepSetting], values: dict[str, Any], steps: list[StepSetting]
) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, value in values.items():
        old = getattr(stored, name) if stored else None
        if stored is None or old != value:
            told[name] = [str(old or ""), str(value or "")]
    if [_told(step) for step in before] != [_told(step) for step in steps]:
        told["steps"] = [[words_of(s) for s in before], [words_of(s) for s in steps]]
    return told if stored is None or told else {}


def _told(step: StepSetting) -> tuple[Any, ...]:
    return (*step.fingerprint(), step.due_days, step.by_owner, step.may_be_skipped)


def _write_steps(template: RouteTemplate, steps: list[StepSetting], *, by: Any) -> None:
    """Keep the rows of steps that stay, so that their history goes on."""
    known = {step.pk: step for step in template.steps.all()}
    for position, wanted in enumerate(steps, start=1):
        step = known.pop(wanted.pk, None) or RouteTemplateStep(template=template)
        step.position, step.meaning, step.rule = position, wanted.meaning, wanted.rule
        step.needed, step.due_days, step.by_owner = wanted.needed, wanted.due_days, wanted.by_owner
        step.may_be_skipped = wanted.may_be_skipped
        step._history_user = by
        step.save()
        step.people.set(wanted.people)
        step.roles.set(wanted.roles)
    for step in known.values():
        step._history_user = by
        step.delete()


# --- where a route is used -------------------------------------------------------------------------------


@dataclass
class Coverage:
    """Which documents a person sees follow which route now; and those that follow none."""

    by_route: dict[int, Counter[Place]]
    without: Counter[Place]

    def of(self, route: int) -> Counter[Place]:
        return self.by_route.get(route, Counter())

    def count(self, route: int) -> int:
        return sum(self.of(route).values())


def coverage(person: Any) -> Coverage:
    """Three queries, however many documents there are."""
    visible = Document.objects.visible_to(person).filter(retired_at=None)
    counted = visible.order_by().values_list("kind", "department_id").annotate(n=Count("pk"))
    lineages = dict(Department.objects.values_list("pk", "lineage"))
    routes = list(RouteTemplate.objects.filter(is_active=True))
    found = Coverage({}, Counter())
    for kind, department, number in counted:
        route = RouteTemplate.nearest(routes, kind, lineages.get(department, []))
        place = (kind, department)
        (found.by_route.setdefault(route.pk, Counter()) if route else found.without)[place] += number
    return found


def named_places(places: Counter[Place]) -> list[tuple[str, str, int, Place]]:
    """Kind, department and number of documents in words, most first."""
    kinds, departments = dict(kind_choices()), dict(Department.objects.values_list("pk", "name"))
    return [
        (str(kinds.get(kind, kind)), departments.get(department, ""), number, (kind, department))
        for (kind, department), number in places.most_common()
    ]
