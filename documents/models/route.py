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
from documents.signals import route_changed
from people.models import Department, JobRole


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
        if any(d.by_id == person.pk for s in step.seats.all() for d in s.counting_decisions()):
            return None
        keys = person.keys()
        seats = [seat for seat in step.open_seats() if seat.key in keys]
        return min(seats, key=lambda seat: (seat.person_id != person.pk, seat.pk), default=None)

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
            by_name=str(by),
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

    def reassign(self, seat: "RouteSeat", *, to: Any, by: Any, reason: str) -> None:
        """Let somebody else decide in this seat."""
        with transaction.atomic():
            self.version = self.version.locked()
            self.refresh_from_db(fields=["closed_at"])
            if self.version.state != State.IN_REVIEW or self.closed_at:
                raise Refused(_t("This version is not in review any more."))
            if not by.has_perm("documents.reassign_route", self.version):
                raise NotAllowed(_t("You may not change who decides."))
            if seat.is_decided():
                raise Refused(_t("%(name)s has decided already.") % {"name": seat.label})
            if self.version.wrote(to):
                raise Refused(_t("Nobody decides on their own text. Choose somebody else."))
            if seat.step.seats.exclude(pk=seat.pk).filter(person=to).exists():  # one person is one voice in a step
                raise Refused(_t("%(name)s decides in this step already. Choose somebody else.") % {"name": to})
            if not to.is_active:
                raise Refused(_t("%(name)s cannot sign in any more. Choose somebody else.") % {"name": to})
            before = seat.label
            asked = seat.people_asked()
            seat.person, seat.role = to, None
            seat.save(update_fields=["person", "role"])
            vars(self).pop("_steps", None)
            record_line(self.version, "reassigned", by=by, reason=reason, data={"from": before, "to": str(to)})
            replaced = [person for person in asked if person != to]
            route_changed.send(sender=Route, route=self, replaced=replaced, to=to, by=by, reason=reason)


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

    def is_complete(self) -> bool:
        return self.votes() >= self.votes_needed() > 0

    def open_seats(self) -> list["RouteSeat"]:
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
    by_name = models.CharField(max_length=200)
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
