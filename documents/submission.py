"""Sending a version on its route: who decides, in which order, is settled here and nowhere else."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t

from core.ledger import record_refusal
from core.lifecycle import Refused, WrongState
from documents.models import Document, Route, RouteSeat, RouteStep, RouteTemplate, State, Version
from people.models import JobRole, Person


@dataclass
class StepPlan:
    """One planned step: people and job roles that decide side by side."""

    meaning: str
    rule: str = "all"
    needed: int = 1
    due_days: int = 7
    people: list[Person] = field(default_factory=list)
    roles: list[JobRole] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.meaning} ({', '.join(str(one) for one in [*self.people, *self.roles])})"

    def fingerprint(self) -> tuple[Any, ...]:
        """Equal for plans that ask the same people for the same thing."""
        people, roles = sorted(p.pk for p in self.people), sorted(r.pk for r in self.roles)
        return self.meaning, self.rule, self.needed, tuple(people), tuple(roles)


def plan_for(document: Document) -> list[StepPlan]:
    """The steps that the organisation's templates prescribe for a document; empty when none fits."""
    template = RouteTemplate.best_for(document)
    if template is None:
        return []
    plan = []
    for step in template.steps.prefetch_related("people", "roles"):
        people = [person for person in step.people.all() if person.is_active]
        if step.by_owner and document.owner and document.owner.is_active and document.owner not in people:
            people.append(document.owner)
        plan.append(
            StepPlan(
                step.meaning, step.rule, step.needed, step.due_days, people, list(step.roles.filter(is_active=True))
            )
        )
    return plan


def left_out(route: Route) -> list[StepPlan]:
    """The steps that the organisation's route for the document asks for and this one does not. An author may plan
    otherwise; who decides should know it."""
    asked = _plan_of(route)
    return [step for step in plan_for(route.version.document) if step.fingerprint() not in asked]


def plan_again(version: Version) -> list[StepPlan]:
    """Who was asked when this version was submitted before, without those who have left; empty for the first time."""
    last = version.route()
    return [
        StepPlan(
            step.meaning,
            step.rule,
            step.needed,
            step.due_days,
            [seat.person for seat in step.seats.all() if seat.person and seat.person.is_active],
            [seat.role for seat in step.seats.all() if seat.role and seat.role.is_active],
        )
        for step in (last.steps_in_order() if last else [])
    ]


def submit(
    version: Version, *, by: Any, plan: list[StepPlan], comment: str = "", facts: dict[str, Any] | None = None
) -> Route:
    """Fix the version's number and content and start its route; ``facts`` are fields that are set with it. Raises
    ``Refused``; then nothing has changed."""
    try:
        with transaction.atomic():
            if facts:
                _store(version, facts, by=by)
            version.move("submit", by=by, comment=comment)
            version.submitted_by = by  # at hand, so that nobody is read to be named to who decides
            _refuse_bad_plan(version, plan)
            route = _route_as_planned(version, by=by, plan=plan)
            route.open_current_step()
    except Refused as refusal:
        record_refusal(version, "submit", by=by, reason=str(refusal.message))
        version.refresh_from_db()
        raise
    return route


def _store(version: Version, facts: dict[str, Any], *, by: Any) -> None:
    """Set these fields and no others: a text that was saved a moment ago stays."""
    version = version.locked()
    if not version.is_editable:
        raise WrongState(_t("This version is not open for editing any more."))
    for name, value in facts.items():
        setattr(version, name, value)
    version.save(by=by, reason="submit", update_fields=[*facts, *Version.TOUCHED])


def _refuse_bad_plan(version: Version, plan: list[StepPlan]) -> None:
    if not plan:
        raise Refused(_t("Nobody would decide on this version. Add at least one step with a person or a job role."))
    own = version.makers()
    for position, step in enumerate(plan, start=1):
        for person in step.people:
            if person.pk in own:
                raise Refused(
                    _t("Step %(step)s: %(name)s wrote or submitted this text and cannot decide on it.")
                    % {"step": position, "name": person}
                )
        able = [p for p in step.people if p.is_active]
        if not able and not any(role.people.active().exclude(pk__in=own).exists() for role in step.roles):
            raise Refused(_t("Step %(step)s has nobody who can decide. Choose a person.") % {"step": position})


def _route_as_planned(version: Version, *, by: Any, plan: list[StepPlan]) -> Route:
    """Open the last route again when it asks the same people, so that decisions on an unchanged text stand."""
    last = version.route()
    if last and _plan_of(last) == [step.fingerprint() for step in plan] and _still_hold(last):
        last.closed_at = None
        last.save(update_fields=["closed_at"])
        last.version = version
        if step := last.current_step():
            step.opened_at = None  # its days to decide begin anew, and its people are told again
        return last
    route = Route.objects.create(version=version, started_by=by)
    for position, planned in enumerate(plan, start=1):
        step = RouteStep.objects.create(
            route=route,
            position=position,
            meaning=planned.meaning,
            rule=planned.rule,
            needed=planned.needed,
            due_days=planned.due_days,
        )
        seats = [RouteSeat(step=step, person=person) for person in planned.people]
        RouteSeat.objects.bulk_create(seats + [RouteSeat(step=step, role=role) for role in planned.roles])
    return route


def _still_hold(last: Route) -> bool:
    """Whether the decisions on a route may count again: not of somebody who has a hand in the version by now, and not
    for another day than the one that was decided on."""
    version = last.version
    if any(version.wrote(d.by) for s in last.steps_in_order() for seat in s.seats.all() for d in seat.decisions.all()):
        return False
    submitted = version.history.filter(state=State.IN_REVIEW).order_by("-history_id")
    return len(set(submitted.values_list("planned_on", flat=True)[:2])) == 1


def _plan_of(route: Route) -> list[tuple[Any, ...]]:
    return [
        StepPlan(
            step.meaning,
            step.rule,
            step.needed,
            people=[seat.person for seat in step.seats.all() if seat.person],
            roles=[seat.role for seat in step.seats.all() if seat.role],
        ).fingerprint()
        for step in route.steps_in_order()
    ]
