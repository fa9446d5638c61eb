from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from actions.lifecycle import MOVES, UNFINISHED, State
from actions.querysets import ActionQuerySet
from actions.signals import agreed
from core import catalog
from core.entry_rules import record_of
from core.ledger import record_line
from core.lifecycle import LifecycleModel, Move, NotAllowed, Refused
from core.models import CatalogEntry
from core.moments import exact_words
from core.numbering import next_code
from core.permissions import opens
from core.safe.line import one_line
from people.models.owned import OwnedHistory, OwnedRecord

PREFIX = "ACT"
MAX_EXTENSIONS = 2
MAX_EXTENSION_DAYS = 90  # counted from the day that was agreed first
MAX_TEXT = 20_000  # characters of a description or of what was done


class Action(OwnedRecord, LifecycleModel):
    """One piece of agreed work: who does what until when, because of which record, and who verifies it."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        CORRECTIVE = "corrective", _("Corrective")
        PREVENTIVE = "preventive", _("Preventive")
        IMPROVEMENT = "improvement", _("Improvement")

    class Priority(models.IntegerChoices):
        HIGH = 1, _("High")
        NORMAL = 2, _("Normal")
        LOW = 3, _("Low")

    MOVES = MOVES

    kind = models.CharField(_("type"), max_length=12, choices=Kind.choices, default=Kind.CORRECTIVE)
    details = models.TextField(_("what to do"), blank=True)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    state = models.CharField(_("state"), max_length=20, choices=State.choices, default=State.OPEN)
    # Where it comes from: the record, and its words of that day.
    source = models.ForeignKey(
        CatalogEntry, models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("source")
    )
    source_words = models.CharField(_("source"), max_length=300, blank=True)
    due_on = models.DateField(_("due"))
    first_due_on = models.DateField(editable=False)
    extensions = models.PositiveSmallIntegerField(default=0, editable=False)
    verifier = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="actions_to_verify",
        verbose_name=_("verified by"),
    )
    depends_on = models.ManyToManyField(
        "self", symmetrical=False, blank=True, related_name="needed_by", verbose_name=_("depends on")
    )
    evidence = models.TextField(_("what was done"), blank=True)
    # Everybody who ever owned it: none of them verifies it.
    owner_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+")
    verified_at = models.DateTimeField(null=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    verification = models.TextField(_("how it was verified"), blank=True, editable=False)

    objects = ActionQuerySet.as_manager()
    history = OwnedHistory(excluded_fields=["owner_ids"], m2m_fields=["depends_on"])

    # What decides who sees it, read for many at once.
    AUDIENCE_PREFETCH = ("source",)

    class Meta(OwnedRecord.Meta):
        ordering = ["due_on", "id"]
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        default_permissions = ("add", "change")
        indexes = [
            *OwnedRecord.Meta.indexes,
            models.Index(fields=["due_on", "id"], name="action_due"),
            models.Index(fields=["owner", "due_on"], condition=Q(state__in=UNFINISHED), name="unfinished_by_owner"),
            models.Index(fields=["state", "due_on", "id"], name="action_state_due"),
            models.Index(
                fields=["department", "due_on"], condition=Q(state__in=UNFINISHED), name="unfinished_by_department"
            ),
            models.Index(fields=["due_on", "id"], condition=Q(state__in=UNFINISHED), name="unfinished_by_due"),
            models.Index(fields=["-changed_at"], name="action_recent"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by=None) | ~Q(verified_by=F("owner")),
                name="action_is_verified_by_somebody_else",
            ),
            models.CheckConstraint(condition=~Q(verifier=F("owner")), name="verifier_of_an_action_is_not_its_owner"),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_by__isnull=False, done_at__isnull=False),
                name="verified_actions_say_who_and_when",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("first_due_on")), name="action_is_only_extended"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("actions:action-page", args=[self.code])

    # --- agreeing on work ------------------------------------------------------------------------

    @classmethod
    def agree(
        cls,
        *,
        by: Any,
        title: str,
        owner: Any,
        due_on: date,
        verifier: Any = None,
        source: models.Model | None = None,
        depends_on: "list[Action] | None" = None,
        **fields: Any,
    ) -> Self:
        """Write down that ``owner`` does something by ``due_on``. The record ``source`` must be in the index; without
        a ``verifier`` who asks for the work verifies it. Raises ``Refused``."""
        verifier = verifier or by
        title = one_line(title)[:300]
        if not title:
            raise Refused(_t("Enter what is to be done."))
        if due_on < timezone.localdate():
            raise Refused(_t("The due date has passed. Choose today or later."))
        _refuse_unless_two_people(owner, verifier)
        entry = catalog.entry_of(source) if source is not None else None
        if entry is not None:
            fields = _audience_of(source, entry) | fields
        with transaction.atomic():
            action = cls(
                code=next_code(PREFIX),
                title=title,
                owner=owner,
                verifier=verifier,
                due_on=due_on,
                source=entry,
                source_words=str(entry)[:300] if entry is not None else fields.pop("source_words", ""),
                **({"department": owner.department} | fields),
            )
            action.complete_new()
            action.save(by=by, reason="agreed")
            if depends_on:
                action.depends_on.set(depends_on)
            record_line(
                action,
                "agreed",
                by=by,
                data={"owner": str(owner), "due": due_on.isoformat(), "source": action.source_words},
            )
            if source is not None:
                catalog.link(action, source, "because_of")
            agreed.send(sender=cls, action=action, by=by, entry=catalog.entry_of(action))
        return action

    def complete_new(self) -> None:
        """Set what follows from what was agreed; called once, before the first save."""
        self.first_due_on, self.owner_ids = self.due_on, [self.owner_id] if self.owner_id else []

    # --- what it is like now -----------------------------------------------------------------------

    def clean(self) -> None:
        super().clean()
        if self.owner_id is not None and self.owner_id == self.verifier_id:
            raise ValidationError({"verifier": _("Choose somebody else than the owner to verify it.")})

    @property
    def is_late(self) -> bool:
        return self.state == State.OPEN and self.due_on < timezone.localdate()

    @property
    def shown_state(self) -> str:
        """The state people are shown: an open action after its day is overdue."""
        return "overdue" if self.is_late else self.state

    @property
    def latest_due_on(self) -> date:
        """The day beyond which nobody extends it."""
        return self.first_due_on + timedelta(days=MAX_EXTENSION_DAYS)

    @property
    def extensions_left(self) -> int:
        return max(0, MAX_EXTENSIONS - self.extensions)

    @property
    def due_at(self) -> datetime:
        """The end of its day where the organisation is."""
        return datetime.combine(self.due_on + timedelta(days=1), time.min, tzinfo=timezone.get_default_timezone())

    def had_a_hand_in(self, person: Any) -> bool:
        """Whether the person owned it once, marked it as done, or stands in for who owns it."""
        if person.pk in {*self.owner_ids, self.owner_id, self.done_by_id}:
            return True
        return opens([f"person:{self.owner_id}"], person)

    # --- who may see it ------------------------------------------------------------------------------

    def extra_audience_keys(self) -> list[str]:
        """Who owned it, verifies it or stands behind it sees it whatever its audience."""
        return [f"person:{pk}" for pk in {*self.owner_ids, self.verifier_id}]

    def reader_keys(self) -> set[str]:
        """An action that comes from a record is open to whoever sees that record, and to nobody else."""
        return set(self.source.audience_keys) if self.source is not None else super().reader_keys()

    def follow_source(self) -> None:
        """Take the audience that the record has now from which it comes."""
        entry = CatalogEntry.objects.get(pk=self.source_id)
        record = record_of(entry)
        fields = _audience_of(record, entry) if record is not None else {}
        if fields and fields["audience"] != self.audience:
            self.audience = fields["audience"]
            self.save(reason="audience of the record it comes from", update_fields=["audience", *self.TOUCHED])
        else:
            self.refresh_audience()

    # --- moving ------------------------------------------------------------------------------------------

    def check_move(self, move: Move, *, by: Any, **facts: Any) -> None:
        check = getattr(self, f"_check_{move.name}", None)
        if check:
            check(by=by, **facts)

    def _check_complete(self, *, evidence: str = "", **facts: Any) -> None:
        if not evidence.strip():
            raise Refused(_t("Say what was done, so that somebody else can verify it."))
        waiting = self.depends_on.filter(state=State.OPEN).values_list("code", flat=True)
        if waiting:
            raise Refused(_t("%(codes)s must be done first.") % {"codes": ", ".join(waiting)})

    def _check_verify(self, *, by: Any, **facts: Any) -> None:
        if self.had_a_hand_in(by):
            raise NotAllowed(_t("Somebody who did not do the work verifies it."))

    def _check_extend(self, *, until: date | None = None, **facts: Any) -> None:
        if not self.extensions_left:
            raise Refused(
                _t("The due date was extended %(n)s times already. Cancel this action and agree on another.")
                % {"n": self.extensions}
            )
        if until is None:
            raise Refused(_t("Choose a day."))
        if until <= self.due_on:
            raise Refused(_t("Choose a day after %(day)s.") % {"day": exact_words(self.due_on)})
        if until > self.latest_due_on:
            raise Refused(_t("Choose a day up to %(day)s.") % {"day": exact_words(self.latest_due_on)})

    def _check_reassign(self, *, to: Any = None, **facts: Any) -> None:
        if to is None:
            raise Refused(_t("Choose the new owner."))
        if to.pk == self.owner_id:
            raise Refused(_t("%(name)s has this action already.") % {"name": to})
        if not to.is_active:
            raise Refused(_t("%(name)s has left. Choose somebody else.") % {"name": to})
        _refuse_unless_two_people(to, self.verifier)

    def apply_move(self, move: Move, *, by: Any, **facts: Any) -> dict[str, Any]:
        return getattr(self, f"_on_{move.name}", lambda **_facts: {})(by=by, **facts)

    def _on_complete(self, *, by: Any, evidence: str, **facts: Any) -> dict[str, Any]:
        self.evidence, self.done_at, self.done_by = evidence.strip()[:MAX_TEXT], timezone.now(), by
        return {"evidence": self.evidence[:500]}

    def _on_verify(self, *, by: Any, comment: str = "", **facts: Any) -> dict[str, Any]:
        self.verified_at, self.verified_by, self.verification = timezone.now(), by, comment.strip()[:MAX_TEXT]
        return {}

    def _on_send_back(self, **facts: Any) -> dict[str, Any]:
        self.done_at = None
        return {}

    def _on_extend(self, *, until: date, **facts: Any) -> dict[str, Any]:
        before, self.due_on, self.extensions = self.due_on, until, self.extensions + 1
        return {"from": before.isoformat(), "to": until.isoformat()}

    def _on_reassign(self, *, to: Any, **facts: Any) -> dict[str, Any]:
        before, self.owner = self.owner, to
        self.owner_ids = list(dict.fromkeys([*self.owner_ids, to.pk]))
        return {"from": str(before), "to": str(to)}

    # --- changing it --------------------------------------------------------------------------------------

    def needs(self, others: "list[Action]", *, by: Any) -> None:
        """Say which actions must be done first. Raises ``Refused`` for a circle."""
        with transaction.atomic():
            action = self.locked()
            if action.is_circle(others):
                raise Refused(_t("An action cannot depend on itself, directly or through others."))
            action.depends_on.set(others)
            action.save(by=by, reason="depends on")

    def is_circle(self, others: "list[Action]") -> bool:
        """Whether one of these depends on this action, directly or through others."""
        wave = seen = {other.pk for other in others}
        while wave:
            if self.pk in wave:
                return True
            links = Action.depends_on.through.objects.filter(from_action__in=wave)
            wave = set(links.values_list("to_action", flat=True)) - seen
            seen = seen | wave
        return False


def _refuse_unless_two_people(owner: Any, verifier: Any) -> None:
    if owner.pk == verifier.pk:
        raise Refused(_t("Choose somebody else than %(name)s to verify it.") % {"name": owner})


def _audience_of(source: models.Model, entry: CatalogEntry) -> dict[str, Any]:
    """The audience of the record an action comes from; nobody sees a confidential record through its actions."""
    audience = getattr(source, "audience", "everyone" if "everyone" in entry.audience_keys else "named")
    return {"audience": audience, "department_id": entry.department_id}
