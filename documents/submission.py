"""Sending a version on its route: who decides, in which order, is settled here and nowhere else."""

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _t

from core.ledger import record_line, record_refusal
from core.lifecycle import Refused, WrongState
from documents.models import Document, Route, RouteSeat, RouteStep, RouteTemplate, State, Version
from documents.route_matching import StepNeed, first_unfillable
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
    may_be_skipped: bool = False
    skip_reason: str = ""  # why nobody is asked, where the route allows that
    is_prescribed: bool = False  # set by ``submit``

    def __str__(self) -> str:
        return f"{self.meaning} ({', '.join(str(one) for one in [*self.people, *self.roles])})"

    def fingerprint(self) -> tuple[Any, ...]:
        """Equal for plans that ask the same people for the same thing."""
        people, roles = sorted(p.pk for p in self.people), sorted(r.pk for r in self.roles)
        return self.meaning, self.rule, self.needed, tuple(people), tuple(roles)

    @property
    def is_skipped(self) -> bool:
        return bool(self.skip_reason.strip())

    def votes_needed(self) -> int:
        """How many approvals complete it."""
        seats = len(self.people) + len(self.roles)
        return {"all": seats, "any": min(1, seats)}.get(self.rule, min(self.needed, seats))


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
                step.meaning,
                step.rule,
                step.needed,
                step.due_days,
                people,
                list(step.roles.filter(is_active=True)),
                step.may_be_skipped,
            )
        )
    return plan


def prescribed_for(version: Version) -> list[StepPlan]:
    """The steps that bind for this version. Its writers do not decide on it: of a step that needs only some of its
    people they are no part, and of one that asks all of them they make it impossible, which ``submit`` says."""
    makers = version.makers()
    plan = plan_for(version.document)
    for step in plan:
        able = [person for person in step.people if person.pk not in makers]
        if step.rule != "all" and len(able) + len(step.roles) >= step.votes_needed():
            step.people = able
    return plan


def plan_again(version: Version) -> list[StepPlan]:
    """The steps that the author added when this version was submitted before, without people who have left, and after
    them those that the organisation prescribes."""
    return added_before(version) + prescribed_for(version)


def added_before(version: Version) -> list[StepPlan]:
    """The steps that the author added when this version was submitted before, without people who have left."""
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
        if not step.is_prescribed
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
            _bind(plan, prescribed_for(version))
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


def _bind(plan: list[StepPlan], prescribed: list[StepPlan]) -> None:
    """Find each step that the organisation prescribes in the plan, in order, and mark it; raise where one is missing,
    asks others, or is skipped though the route does not allow that. Steps beside them are the author's own."""
    at = 0
    for step in prescribed:
        asked = step.fingerprint()
        found = next((n for n in range(at, len(plan)) if plan[n].fingerprint() == asked), None)
        if found is None:
            raise Refused(
                _t("The approval route prescribes “%(step)s”. You may add steps, but not change this one.")
                % {"step": step}
            )
        planned, at = plan[found], found + 1
        planned.is_prescribed, planned.due_days = True, step.due_days
        if planned.is_skipped and not step.may_be_skipped:
            raise Refused(_t("The approval route does not allow skipping “%(step)s”.") % {"step": step})
    for planned in plan:
        if planned.is_skipped and not planned.is_prescribed:
            raise Refused(_t("Remove “%(step)s” instead of skipping it.") % {"step": planned})


def _refuse_bad_plan(version: Version, plan: list[StepPlan]) -> None:
    if not any(not step.is_skipped for step in plan):
        raise Refused(_t("Nobody would decide on this version. Add at least one step with a person or a job role."))
    own = version.makers()
    for position, step in enumerate(plan, start=1):
        if step.is_skipped:
            continue
        for person in step.people:
            if person.pk in own:
                raise Refused(
                    _t("Step %(step)s: %(name)s wrote or submitted this text and cannot decide on it.")
                    % {"step": position, "name": person}
                )
        able = [p for p in step.people if p.is_active]
        if not able and not any(role.people.active().exclude(pk__in=own).exists() for role in step.roles):
            raise Refused(_t("Step %(step)s has nobody who can decide. Choose a person.") % {"step": position})
    _refuse_unfillable(plan, own)


def _refuse_unfillable(plan: list[StepPlan], own: set[int]) -> None:
    """Raise when the route could never be completed, because each person counts once on it."""
    asked = [(position, step) for position, step in enumerate(plan, start=1) if not step.is_skipped]
    needs = [
        StepNeed(
            step.votes_needed(),
            [frozenset({person.pk} - own if person.is_active else ()) for person in step.people]
            + [frozenset(set(role.people.active().values_list("pk", flat=True)) - own) for role in step.roles],
        )
        for _position, step in asked
    ]
    found = first_unfillable(needs)
    if found is not None:
        position, step = asked[found]
        raise Refused(
            _t(
                "Step %(step)s, “%(meaning)s”, finds too few people: each person counts once on the whole route, and "
                "nobody decides on their own text. Ask a process officer to change the route, or add people."
            )
            % {"step": position, "meaning": step.meaning}
        )


def _route_as_planned(version: Version, *, by: Any, plan: list[StepPlan]) -> Route:
    """Open the last route again when it asks the same people, so that decisions on an unchanged text stand."""
    last = version.route()
    nothing_skipped = not any(step.is_skipped for step in plan) and not (last and last.skipped_steps())
    if last and nothing_skipped and _plan_of(last) == [step.fingerprint() for step in plan] and _still_hold(last):
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
            is_prescribed=planned.is_prescribed,
            skip_reason=planned.skip_reason.strip(),
            skipped_by=by if planned.is_skipped else None,
        )
        if step.is_skipped:
            told = {"step": step.meaning, "asked": str(planned)}
            record_line(version, "step_skipped", by=by, reason=step.skip_reason, data=told)
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
