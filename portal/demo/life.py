"""The demo's three years: everything happens through the portal's own verbs, in the order of its time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from core.signing import CLICK, Signature
from documents.drafting import open_draft, save_draft, start_document
from documents.models import Document, KindSettings, Route
from documents.moments import months_after, start_of_day
from documents.retiring import retire
from documents.reviewing import record_review
from documents.submission import plan_for, submit
from documents.taking_effect import announce_effective
from people.models import Department, Person
from portal.demo import clock
from portal.demo.documents import APPROVED, CHANGES, DRAFT, SCHEDULED, WAITING, Edition, Plan, text_of
from portal.demo.organisation import KINDS


@dataclass
class Life:
    """What is still to happen, and who is there to do it."""

    people: dict[str, Person]
    departments: dict[str, Department]
    events: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)

    def plan(self, when: datetime, deed: Callable[[], None]) -> None:
        """Let the deed happen then; what is planned first for a moment happens first."""
        self.events.append((min(when, timezone.now()), len(self.events), deed))

    def live(self) -> None:
        """Let everything happen, the earliest first."""
        for when, _position, deed in sorted(self.events, key=lambda event: event[:2]):
            with clock.at(when):
                deed()

    # --- planning a document ---------------------------------------------------------------------------

    def plan_document(self, plan: Plan) -> None:
        for number, edition in enumerate(plan.editions, start=1):
            done = self.done_at(plan, edition)
            {
                APPROVED: self._plan_approved,
                SCHEDULED: self._plan_approved,
                WAITING: self._plan_waiting,
                CHANGES: self._plan_changes,
                DRAFT: self._plan_draft,
            }[edition.outcome](plan, edition, number, done)
        if plan.reviewed:
            days_ago, note = plan.reviewed
            self.plan(clock.moment(days_ago, 14, 20), lambda: self.review(plan, note))
        if plan.retired:
            days_ago, reason, successor = plan.retired
            self.plan(clock.moment(days_ago, 11, 5), lambda: self.retire(plan, reason, successor))

    def done_at(self, plan: Plan, edition: Edition) -> datetime:
        """When the edition reached its outcome."""
        if edition.days_ago is not None:
            return clock.moment(edition.days_ago, 10, 40)
        effective_on = months_after(clock.day(-plan.review_in), -KINDS[plan.kind][1])
        return clock.exactly(effective_on, 10, 40)

    def _plan_approved(self, plan: Plan, edition: Edition, number: int, done: datetime) -> None:
        self.plan(clock.on_workday(done - timedelta(days=21)), lambda: self.write(plan, edition, number))
        self.plan(clock.on_workday(done - timedelta(days=6, hours=2)), lambda: self.submit(plan, edition, done))
        self.plan(clock.on_workday(done - timedelta(days=3, hours=1)), lambda: self.decide_first_steps(plan))
        self.plan(done, lambda: self.decide(plan, edition.comment))
        if edition.lead_days:
            effective = start_of_day(done.date() + timedelta(days=edition.lead_days))
            if effective < timezone.now():
                self.plan(effective + timedelta(minutes=1), announce_effective)

    def _plan_waiting(self, plan: Plan, edition: Edition, number: int, done: datetime) -> None:
        """The last step waits since the afternoon seven days ago, or since three days before that. A task falls due
        a number of calendar days after it began, so these days are not moved off a weekend."""
        waits_since = clock.exactly(clock.day(7 if edition.days_ago < 10 else edition.days_ago), 16, 30)
        submitted = min(waits_since, clock.exactly(clock.day(edition.days_ago), 10, 40))
        self.plan(waits_since - timedelta(days=16), lambda: self.write(plan, edition, number))
        self.plan(submitted, lambda: self.submit(plan, edition, done))
        self.plan(waits_since, lambda: self.decide_first_steps(plan))

    def _plan_changes(self, plan: Plan, edition: Edition, number: int, done: datetime) -> None:
        self.plan(clock.on_workday(done - timedelta(days=12)), lambda: self.write(plan, edition, number))
        self.plan(clock.on_workday(done - timedelta(days=3)), lambda: self.submit(plan, edition, done))
        self.plan(done, lambda: self.ask_for_changes(plan, edition.comment))

    def _plan_draft(self, plan: Plan, edition: Edition, number: int, done: datetime) -> None:
        self.plan(done, lambda: self.write(plan, edition, number))

    # --- deeds -----------------------------------------------------------------------------------------

    def write(self, plan: Plan, edition: Edition, number: int) -> None:
        """Start the document or open the next draft, and write the edition's text."""
        author, body = self.people[edition.author], text_of(plan.code, number)
        if number > 1:
            version = open_draft(self.document(plan), by=author, reason=edition.reason)
            save_draft(version, by=author, row_version=version.row_version, body=body, change=edition.change)
            return
        version = start_document(
            kind=plan.kind,
            by=author,
            title=plan.title,
            department=self.departments[plan.department],
            owner=self.people[plan.owner],
            code=plan.code,
            audience=plan.audience,
            body=body,
        )
        version.document.readers.set([self.people[key] for key in plan.readers])
        version.document.refresh_audience()

    def submit(self, plan: Plan, edition: Edition, done: datetime) -> None:
        author, version = self.people[edition.author], self.document(plan).open_version()
        if edition.lead_days:
            planned_on = done.date() + timedelta(days=edition.lead_days)
            version = save_draft(version, by=author, row_version=version.row_version, planned_on=planned_on).version
        submit(version, by=author, plan=plan_for(version.document))

    def decide_first_steps(self, plan: Plan) -> None:
        """Everything before the last step of the route."""
        route = self.document(plan).open_version().route()
        for _step in route.steps_in_order()[:-1]:
            self._approve(route)

    def decide(self, plan: Plan, comment: str) -> None:
        """The last word; without a later date the version is in force at once."""
        self._approve(self.document(plan).open_version().route(), comment)
        announce_effective()

    def ask_for_changes(self, plan: Plan, comment: str) -> None:
        route = self.document(plan).open_version().route()
        by = self._sitting(route)
        route.decide("request_changes", by=by, seen_hash=route.version.manifest_hash, comment=comment)

    def review(self, plan: Plan, note: str) -> None:
        owner = self.people[plan.owner]
        record_review(
            self.document(plan), "no_change", by=owner, note=note, signature=self._signature(owner, plan.kind)
        )

    def retire(self, plan: Plan, reason: str, successor: str) -> None:
        """Its owner asks for it, and the officer signs too where the kind of document is signed."""
        version = self.document(plan).version_in_force()
        following = Document.objects.get(code=successor)
        for person in (self.people[plan.owner], self.people["officer"]):
            signature = self._signature(person, plan.kind)
            if retire(version, by=person, reason=reason, successor=following, signature=signature) is None:
                return

    # --- finding ---------------------------------------------------------------------------------------

    def document(self, plan: Plan) -> Document:
        return Document.objects.get(code=plan.code)

    def _approve(self, route: Route, comment: str = "") -> None:
        by = self._sitting(route)
        signature = self._signature(by, route.version.document.kind)
        route.decide("approve", by=by, seen_hash=route.version.manifest_hash, comment=comment, signature=signature)

    def _sitting(self, route: Route) -> Person:
        """Who decides now: the person of the seat, or the first of its role who did not write the text."""
        seat = route.current_step().open_seats()[0]
        wrote = route.version.makers()
        sitting = [
            person
            for person in self.people.values()
            if seat.key in person.keys()  # noqa: SIM118 - a person's keys, not a dictionary's
            and person.pk not in wrote
            and (not seat.person_id or person.pk == seat.person_id)
        ]
        return sitting[0]

    def _signature(self, person: Person, kind: str) -> Signature:
        asked = KindSettings.of(kind).signing
        return Signature(person.pk, str(person), CLICK if asked == CLICK else "password", timezone.now())
