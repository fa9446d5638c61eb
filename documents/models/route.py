from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.history import FieldHistory
from core.ledger import record_line, record_refusal
from core.lifecycle import NotAllowed, Refused
from core.questions import THE_PORTAL, Question, Slot
from core.signing import Signature
from documents.lifecycle import State
from documents.models.kind_settings import KindSettings
from documents.models.version import Version
from documents.route_matching import StepNeed, first_unfillable
from documents.signals import route_changed
from people.models import Department, JobRole
from people.printed import printed


class Rule(models.TextChoices):
    """How many of a step's people must agree."""

    ALL = "all", _("all of them")
    ANY = "any", _("any one of them")
    COUNT = "count", _("a number of them")


class RouteTemplate(models.Model):
    """Who decides on the documents of a kind, in a department and below, unless the author plans otherwise."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=40, blank=True, help_text=_("Empty: every kind"))
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    is_active = models.BooleanField(_("in use"), default=True)

    history = FieldHistory()

    class Meta:
        ordering = ["name"]
        verbose_name = _("approval route")
        verbose_name_plural = _("approval routes")

    def __str__(self) -> str:
        return self.name

    @classmethod
    def best_for(cls, document: Any) -> "RouteTemplate | None":
        """The nearest template: the kind's own before one for every kind, the nearest department first."""
        lineage = document.department.lineage if document.department else []
        templates = cls.objects.filter(is_active=True, kind__in=[document.kind, ""]).filter(
            Q(department=None) | Q(department__in=lineage)
        )

        return cls.nearest(templates, document.kind, lineage)

    @staticmethod
    def nearest(templates: "Iterable[RouteTemplate]", kind: str, lineage: list[int]) -> "RouteTemplate | None":
        """The same choice among templates at hand, for a kind in a department with this lineage."""

        def distance(template: "RouteTemplate") -> tuple[int, bool, int]:
            depth = lineage.index(template.department_id) if template.department_id else len(lineage)
            return depth, template.kind == "", template.pk

        fitting = [t for t in templates if t.kind in (kind, "") and t.department_id in (None, *lineage)]
        return min(fitting, key=distance, default=None)


class RouteTemplateStep(models.Model):
    """One step of a template: these people or roles, together."""

    template = models.ForeignKey(RouteTemplate, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    meaning = models.CharField(_("what they sign for"), max_length=120, default="Approved")
    rule = models.CharField(_("who must agree"), max_length=5, choices=Rule.choices, default=Rule.ALL)
    needed = models.PositiveSmallIntegerField(_("how many"), default=1)
    due_days = models.PositiveSmallIntegerField(_("days to decide"), default=7)
    by_owner = models.BooleanField(_("the document's owner"), default=False)
    may_be_skipped = models.BooleanField(_("may be skipped"), default=False)
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("people"))
    roles = models.ManyToManyField(JobRole, blank=True, related_name="+", verbose_name=_("job roles"))

    history = FieldHistory(m2m_fields=[people, roles])

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.position}. {self.meaning}"


class Route(models.Model):
    """The way one version takes through its deciders."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="routes")
    started_at = models.DateTimeField(auto_now_add=True)
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version"], condition=Q(closed_at=None), name="one_open_route_per_version"),
        ]

    def __str__(self) -> str:
        return f"route {self.pk} of {self.version}"

    # --- questions ---------------------------------------------------------------------------------------

    def steps_in_order(self) -> list["RouteStep"]:
        """The steps with seats, people and the decisions that count, read once."""
        if not hasattr(self, "_steps"):
            self._steps = _STEPS.rows(THE_PORTAL, route=self.pk)
            for step in self._steps:
                step.route = self
        return self._steps

    def current_step(self) -> "RouteStep | None":
        """The first step that is not complete."""
        return next((step for step in self.steps_in_order() if not step.is_complete()), None)

    def is_complete(self) -> bool:
        return bool(self.steps_in_order()) and self.current_step() is None

    def approvals(self) -> "list[Decision]":
        """Who has signed the text that is in review now, in the order of the steps."""
        return [d for step in self.steps_in_order() for seat in step.seats.all() for d in seat.counting_decisions()]

    def skipped_steps(self) -> "list[RouteStep]":
        """Steps of the organisation's route that nobody was asked for, each with its reason."""
        return [step for step in self.steps_in_order() if step.is_skipped]

    def waiting_names(self) -> str:
        step = self.current_step()
        return ", ".join(seat.label for seat in step.open_seats()) if step else ""

    def seat_for(self, person: Any) -> "RouteSeat | None":
        """The open seat of the current step that this person may fill, their own before one they stand in for."""
        step = self.current_step()
        if step is None or self.version.state != State.IN_REVIEW:
            return None
        if self.version.wrote(person):
            return None
        counted = self.counted()
        if person.pk in counted:
            return None
        keys = person.keys()
        seats = [seat for seat in step.open_seats() if seat.key in keys and seat.person_id not in counted]
        seats.sort(key=lambda seat: (seat.person_id != person.pk, seat.pk))
        return next((seat for seat in seats if not self._is_needed_later(person, keys, seat)), None)

    def counted(self) -> set[int]:
        """Whose approval counts on this route already: who signed, and for whom they signed. One person counts once."""
        decisions = [d for s in self.steps_in_order() for seat in s.seats.all() for d in seat.counting_decisions()]
        return {pk for d in decisions for pk in (d.by_id, d.on_behalf_of_id) if pk}

    def _is_needed_later(self, person: Any, keys: list[str], seat: "RouteSeat") -> bool:
        """Whether a later step could not be filled any more if the person approved in this seat."""
        waiting = [step for step in self.steps_in_order() if not step.is_complete()]
        if not any(other.key in keys for step in waiting if step.pk != seat.step_id for other in step.open_seats()):
            return False
        voices = {pk for pk in (person.pk, seat.person_id) if pk}
        if self.first_unfillable_step(waiting) is not None:
            return False  # an officer has to reassign something in any case
        return self.first_unfillable_step(waiting, decided=seat, counting=voices) is not None

    def first_unfillable_step(
        self, steps: "list[RouteStep]", *, decided: "RouteSeat | None" = None, counting: Iterable[int] = ()
    ) -> "RouteStep | None":
        """The first of these steps for which too few people are left, as if ``counting`` approved in ``decided``."""
        out = self.version.makers() | self.counted() | set(counting)
        needs = []
        for step in steps:
            open_seats = [seat for seat in step.open_seats() if decided is None or seat.pk != decided.pk]
            is_here = decided is not None and decided.step_id == step.pk
            needed = max(step.votes_needed() - step.votes() - is_here, 0)
            needs.append(StepNeed(needed, [frozenset(seat.ids_of_people() - out) for seat in open_seats]))
        found = first_unfillable(needs)
        return None if found is None else steps[found]

    # --- verbs -------------------------------------------------------------------------------------------

    def decide(
        self, verdict: str, *, by: Any, seen_hash: str, comment: str = "", signature: Signature | None = None
    ) -> "Decision":
        """Write one person's decision under the lock of the document. The last needed one releases the version.

        ``seen_hash`` is the manifest hash of what the person had before their eyes: a version that changed since
        is not decided on unseen. Raises ``Refused``, and leaves a trace of that too.
        """
        try:
            with transaction.atomic():
                return self._decide(verdict, by=by, seen_hash=seen_hash, comment=comment, signature=signature)
        except Refused as refusal:
            record_refusal(self.version, f"decide {verdict}", by=by, reason=str(refusal.message))
            raise

    def _decide(
        self, verdict: str, *, by: Any, seen_hash: str, comment: str, signature: Signature | None
    ) -> "Decision":
        self.version = self.version.locked()
        vars(self).pop("_steps", None)
        self.refresh_from_db(fields=["closed_at"])  # since it was read, another route may have been planned
        seat = self._seat_or_refuse(by)
        if seen_hash != self.version.manifest_hash:
            raise Refused(_t("The version has changed since you opened it. Look at the differences before you decide."))
        if verdict == Decision.Verdict.CHANGES and not comment.strip():
            raise Refused(_t("Say what should change."))
        if verdict == Decision.Verdict.APPROVE:
            KindSettings.of(self.version.document.kind).refuse_unless_signed(signature, by=by)
        decision = seat.decisions.create(
            by=by,
            **printed(by),
            on_behalf_of=seat.person if seat.person_id not in (None, by.pk) else None,
            verdict=verdict,
            comment=comment,
            meaning=seat.step.meaning,
            manifest_hash=seen_hash,
            signing_method=signature.method if signature else "",
        )
        record_line(
            self.version,
            f"decided:{verdict}",
            by=by,
            reason=comment,
            content_hash=seen_hash,
            data={
                "meaning": seat.step.meaning,
                "signed_with": decision.signing_method,
                "for": str(decision.on_behalf_of or ""),
                "decision": decision.pk,
                "email": decision.by_email,
                "job": decision.by_job,
            },
        )
        models.prefetch_related_objects([seat], "decisions")
        self._go_on(verdict, by=by, comment=comment)
        return decision

    def _seat_or_refuse(self, person: Any) -> "RouteSeat":
        if self.version.state != State.IN_REVIEW or self.closed_at:
            raise Refused(_t("This version is not in review any more."))
        if self.version.wrote(person):
            raise NotAllowed(_t("Nobody decides on their own text."))
        seat = self.seat_for(person)
        if seat is None:
            raise NotAllowed(_t("It is not your turn to decide on this version."))
        return seat

    def _go_on(self, verdict: str, *, by: Any, comment: str) -> None:
        if verdict == Decision.Verdict.CHANGES:
            self.version.move("request_changes", by=by, comment=comment, route=self)
            return
        if self.is_complete():
            self.version.move("approve", by=by, comment=comment, route=self)
            return
        self.open_current_step()

    def open_current_step(self) -> None:
        """Start the clock of the step whose turn it is and tell the world (tasks, notices, audience)."""
        step = self.current_step()
        if step and step.opened_at is None:
            step.opened_at = timezone.now()
            step.due_at = step.opened_at + timedelta(days=step.due_days)
            step.save(update_fields=["opened_at", "due_at"])
        route_changed.send(sender=Route, route=self)

    def close(self) -> None:
        if self.closed_at is None:
            self.closed_at = timezone.now()
            self.save(update_fields=["closed_at"])
        route_changed.send(sender=Route, route=self)

    def reassign(
        self, seat: "RouteSeat", *, to: Any, by: Any, reason: str, permission: str = "documents.reassign_route"
    ) -> None:
        """Let somebody else decide in this seat, who could have been asked in the first place. ``permission``: what
        lets ``by`` do it; handing over what somebody held has one of its own, and every other rule holds there too."""
        try:
            with transaction.atomic():
                self._reassign(seat, to=to, by=by, reason=reason, permission=permission)
        except Refused as refusal:
            record_refusal(self.version, "reassign", by=by, reason=str(refusal.message))
            raise

    def _reassign(self, seat: "RouteSeat", *, to: Any, by: Any, reason: str, permission: str) -> None:
        self.version = self.version.locked()
        self.refresh_from_db(fields=["closed_at"])
        vars(self).pop("_steps", None)
        if self.version.state != State.IN_REVIEW or self.closed_at:
            raise Refused(_t("This version is not in review any more."))
        if not by.has_perm(permission, self.version):
            raise NotAllowed(_t("Only a process officer who did not write this text may reassign an approval."))
        if seat.is_decided():
            raise Refused(_t("%(name)s has decided already.") % {"name": seat.label})
        self._refuse_unsuitable(seat, to=to, by=by)
        before = seat.label
        asked = seat.people_asked()
        seat.person, seat.role = to, None
        seat.save(update_fields=["person", "role"])
        vars(self).pop("_steps", None)
        record_line(self.version, "reassigned", by=by, reason=reason, data={"from": before, "to": str(to)})
        replaced = [person for person in asked if person != to]
        route_changed.send(sender=Route, route=self, replaced=replaced, to=to, by=by, reason=reason)

    def _refuse_unsuitable(self, seat: "RouteSeat", *, to: Any, by: Any) -> None:
        """Raise when this person could not have been asked to decide in the seat, or would count twice."""
        if to.pk == by.pk:
            raise Refused(_t("Nobody reassigns an approval to themself. Choose somebody else."))
        if self.version.wrote(to):
            raise Refused(_t("Nobody decides on their own text. Choose somebody else."))
        if not to.is_active:
            raise Refused(_t("%(name)s cannot sign in any more. Choose somebody else.") % {"name": to})
        others = RouteSeat.objects.filter(step__route=self, step__skip_reason="", person=to).exclude(pk=seat.pk)
        if to.pk in self.counted() or others.exists():
            raise Refused(
                _t("%(name)s decides on this version already, and counts once. Choose somebody else.") % {"name": to}
            )
        if seat.step.is_prescribed and not self._could_be_asked(seat, to):
            raise Refused(
                _t("%(name)s holds no job role of this step and is not named by the route. Choose somebody who is.")
                % {"name": to}
            )

    def _could_be_asked(self, seat: "RouteSeat", to: Any) -> bool:
        """Whether the person holds the job role that is asked, one that the person asked holds, or one of the route,
        or is named by the organisation's route."""
        template = RouteTemplate.best_for(self.version.document)
        roles = set(to.job_roles.filter(is_active=True).values_list("pk", flat=True))
        asked = {seat.role_id} - {None}
        if seat.person:
            asked |= set(seat.person.job_roles.values_list("pk", flat=True))
        named = RouteTemplateStep.objects.filter(template=template) if template else RouteTemplateStep.objects.none()
        asked |= {pk for pk in named.values_list("roles", flat=True) if pk}
        return bool(roles & asked) or named.filter(people=to).exists()


class RouteStep(models.Model):
    """One step of a route: its people decide side by side; the next step waits for them."""

    route = models.ForeignKey(Route, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    meaning = models.CharField(max_length=120)
    rule = models.CharField(max_length=5, choices=Rule.choices, default=Rule.ALL)
    needed = models.PositiveSmallIntegerField(default=1)
    due_days = models.PositiveSmallIntegerField(default=7)
    opened_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # Whether the organisation's route asked for it, and not the author alone.
    is_prescribed = models.BooleanField(default=False)
    # Why it was skipped when the version was submitted; the seats say who would have been asked.
    skip_reason = models.TextField(blank=True)
    skipped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["route", "position"], name="one_step_per_position")]

    def __str__(self) -> str:
        return f"{self.position}. {self.meaning}"

    def votes_needed(self) -> int:
        seats = len(self.seats.all())
        return {Rule.ALL: seats, Rule.ANY: 1}.get(Rule(self.rule), min(self.needed, seats))

    def votes(self) -> int:
        return sum(1 for seat in self.seats.all() if seat.is_decided())

    @property
    def is_skipped(self) -> bool:
        return bool(self.skip_reason)

    @property
    def asked_names(self) -> str:
        """Who decides in it, or would have."""
        return ", ".join(seat.label for seat in self.seats.all())

    def is_complete(self) -> bool:
        return self.is_skipped or self.votes() >= self.votes_needed() > 0

    def open_seats(self) -> list["RouteSeat"]:
        if self.is_skipped:
            return []
        return [seat for seat in self.seats.all() if not seat.is_decided()]


class RouteSeat(models.Model):
    """One place in a step, filled by a person or by anybody in a job role."""

    step = models.ForeignKey(RouteStep, models.CASCADE, related_name="seats")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    role = models.ForeignKey(JobRole, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, role=None) | Q(person=None, role__isnull=False),
                name="seat_is_for_a_person_or_a_role",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return str(self.person or self.role)

    @property
    def key(self) -> str:
        """The key that a person must carry to sit here."""
        return f"person:{self.person_id}" if self.person_id else f"role:{self.role_id}"

    def ids_of_people(self) -> set[int]:
        """Who could decide here, by key: the person, or the active people in the job role."""
        if self.person_id:
            return {self.person_id} if self.person.is_active else set()
        return set(self.role.people.active().values_list("pk", flat=True))

    def people_asked(self) -> list[Any]:
        """Who has been asked to decide in this seat: nobody before it is the step's turn."""
        if self.step.opened_at is None:
            return []
        return [self.person] if self.person else list(self.role.people.active())

    def counting_decisions(self) -> list["Decision"]:
        """Approvals of exactly the text that is in review now: a changed hash resets decisions."""
        wanted = self.step.route.version.manifest_hash
        return [d for d in self.decisions.all() if d.verdict == Decision.Verdict.APPROVE and d.manifest_hash == wanted]

    def is_decided(self) -> bool:
        return bool(self.counting_decisions())


class DecisionQuerySet(models.QuerySet):
    def of_document(self, document: Any) -> Self:
        return self.filter(seat__step__route__version__document=document)


class Decision(models.Model):
    """One person's word on one version, with the signature's evidence. Written once, never changed."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("Approve")
        CHANGES = "request_changes", _("Request changes")

    seat = models.ForeignKey(RouteSeat, models.PROTECT, related_name="decisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    # As they were on the day: names, addresses and jobs change, what was signed does not.
    by_name = models.CharField(max_length=200)
    by_email = models.CharField(max_length=254, blank=True)
    by_job = models.CharField(max_length=400, blank=True)
    on_behalf_of = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    verdict = models.CharField(max_length=20, choices=Verdict.choices)
    meaning = models.CharField(max_length=120)
    comment = models.TextField(blank=True)
    decided_at = models.DateTimeField(auto_now_add=True)
    manifest_hash = models.CharField(max_length=64)
    signing_method = models.CharField(max_length=20, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["seat", "manifest_hash"], condition=Q(verdict="approve"), name="one_approval_per_seat_and_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.by_name} {self.verdict}"


_STEPS = Question(
    lambda _: (
        RouteStep.objects.filter(route=Slot("route"))
        .order_by("position")
        .prefetch_related(
            models.Prefetch("seats", RouteSeat.objects.select_related("person", "role")),
            models.Prefetch("seats__decisions", Decision.objects.select_related("by")),
        )
    )
)
